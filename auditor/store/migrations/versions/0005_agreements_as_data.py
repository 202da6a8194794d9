"""Agreements as data: from here on the table `term` may hold agreements of the form 2 (`auditor.store.policy`)."""

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """
    Bring the schema to this version; history only goes forward, so there is no way back.

    No row and no column changes: what was signed stays as it is, and both forms are read. The number alone keeps a
    program of before from reading a form that it does not know.
    """
