"""Penalties and everything else that regularizes."""
