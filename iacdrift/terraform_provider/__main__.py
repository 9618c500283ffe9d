"""What Terraform starts."""

from __future__ import annotations

import sys

from iacdrift.terraform_provider.serving import serve

if __name__ == "__main__":
    sys.exit(serve(sys.argv))
