"""Networks by name or your own, and many copies of one as a single model."""
