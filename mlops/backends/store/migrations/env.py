"""What Alembic runs: the missing revisions, on the connection that `upgrade` opened and inside its transaction."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
