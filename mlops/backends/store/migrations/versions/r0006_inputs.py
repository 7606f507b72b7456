"""What decisions were made on is kept."""

from alembic import op

revision = "0006"
down_revision = "0005"

_STATEMENT = """
    CREATE TABLE inputs (
        project TEXT NOT NULL,
        version INTEGER NOT NULL,
        first_decision INTEGER NOT NULL,
        last_decision INTEGER NOT NULL,
        digest TEXT NOT NULL,
        body {bytes} NOT NULL,
        CONSTRAINT pk_inputs PRIMARY KEY (project, version),
        CONSTRAINT uq_inputs_project_first_decision UNIQUE (project, first_decision),
        CONSTRAINT fk_inputs_project_first_decision
            FOREIGN KEY(project, first_decision) REFERENCES decision (project, sequence),
        CONSTRAINT ck_inputs_in_order CHECK (first_decision <= last_decision)
    )
    """


def upgrade() -> None:
    """Of older decisions nothing is known but what the log says."""
    op.execute(_STATEMENT.replace("{bytes}", "BLOB" if op.get_bind().dialect.name == "sqlite" else "BYTEA"))
