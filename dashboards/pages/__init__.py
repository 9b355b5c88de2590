"""Sections to self-contained HTML pages."""
