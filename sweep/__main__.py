"""``python -m sweep``: the command line."""

from sweep.cli.app import main

main()
