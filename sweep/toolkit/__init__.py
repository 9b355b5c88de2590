"""Our regularizers in training code of anybody's own: a module, torch's optimizer, a loop."""
