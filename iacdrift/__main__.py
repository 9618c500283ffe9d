"""`python -m iacdrift` is the command `iacdrift`."""

from iacdrift.cli import main

main()
