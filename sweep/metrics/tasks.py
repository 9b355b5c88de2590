"""What may be learned of rows: the tasks."""

CLASSIFICATION = "classification"
"""One class for a row."""
SEQUENCE = "sequence"
"""One class for each position of a row."""
MULTILABEL = "multilabel"
"""Several labels for a row, from 0 to 1."""
REGRESSION = "regression"
"""Numbers."""
IGNORED = -100
"""The class of a position without a label, as torch's cross-entropy has it."""
