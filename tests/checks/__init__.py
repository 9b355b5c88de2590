"""Checks of a study."""
