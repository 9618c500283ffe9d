"""What Terraform starts."""

from __future__ import annotations

import sys
from importlib.util import find_spec

if __name__ == "__main__":
    if find_spec("tf") is None:
        sys.stdout.write(f"iacdrift: the provider needs the package tf: {sys.executable} -m pip install 'iacdrift[terraform]'\n")
        sys.exit(1)
    from iacdrift.terraform_provider.serving import serve

    sys.exit(serve(sys.argv))
