"""AWS in Terraform's vocabulary: one file a kind, listed in `registry`."""
