"""Runs the revisions on the connection, and in the transaction, of ``sweep.store.migrate``."""

from alembic import context

from sweep.store.schema import schema_table

context.configure(
    connection=context.config.attributes["connection"], version_table=schema_table.name
)
context.run_migrations()
