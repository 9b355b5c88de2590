"""Frames to the tables that pages need; no figure yet."""
