"""Log records: whether an event is stored already is found by its record, and not by reading all that are stored."""

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Bring the schema to this version; nothing of the history changes."""
    op.drop_index("ix_log_event_account", "log_event")
    op.create_index("ix_log_event_record", "log_event", ["system", "account", "record_id"])
