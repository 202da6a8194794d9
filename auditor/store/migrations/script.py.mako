"""${message}."""

import sqlalchemy as sa
from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    """Bring the schema to this version; history only goes forward, so there is no way back."""
    ${upgrades if upgrades else "pass"}
