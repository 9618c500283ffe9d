"""CloudFormation templates, AWS CDK's assemblies and SAM's subset, in Terraform's vocabulary."""
