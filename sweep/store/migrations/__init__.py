"""Alembic's environment: how a database of an older schema becomes one of this.

A revision is never changed once a version with it was released, and never imports the schema of
today. Its number is the schema's version. The views are no part of it: they are made anew after the
last one.
"""
