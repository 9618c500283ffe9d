"""bytes -> Resource: the readers of Terraform, CDKTF and explicit expectations. They know no cloud."""
