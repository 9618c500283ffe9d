"""What the cloud's own API says of drift, as Terraform or Pulumi asked it, joined to findings on the same resources."""
