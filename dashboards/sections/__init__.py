"""Figures, tables and words, a file for each section of a page."""
