"""The database: schema, migrations, lease, and the pandas frames."""
