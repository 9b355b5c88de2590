"""Where overfitting ends and underfitting starts, with intervals."""
