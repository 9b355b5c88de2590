"""What can be asserted and measured on a GPU, in one command: ``python -m tests.gpu --out DIR``."""
