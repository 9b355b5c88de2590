"""Data sets by name or your own: draws, splits, leakage."""
