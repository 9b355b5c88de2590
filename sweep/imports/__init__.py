"""Trials and tables of others as studies of our database, with boundaries and the report."""
