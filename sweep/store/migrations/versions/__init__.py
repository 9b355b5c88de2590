"""One revision per version of the schema."""
