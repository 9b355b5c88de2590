"""Explore, path, confirm: what is trained next, until a study is finished."""
