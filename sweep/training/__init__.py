"""Many runs at once: optimizers, penalties, augmentation, early stopping."""
