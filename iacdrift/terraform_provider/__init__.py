"""The door for Terraform itself: a provider whose data source `iacdrift_network` scans while Terraform applies. See docs/terraform.md.

Terraform starts it as `python -m iacdrift.terraform_provider`, several times in one command: importing this imports nothing heavy.
"""
