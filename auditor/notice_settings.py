"""`notices:` in the configuration: where files of the other side come and go, and how long the roster may be silent."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from auditor.config_types import FilePath
from connectors.inputs.strict import Strict
from policies.notices import CONFIRM_DAYS


class NoticeSettings(Strict):
    """`notices:` in the configuration: files between the practice and its agencies (docs/notices.md)."""

    inbox: FilePath | None = None
    """The folder that `auditor watch` looks at for files of the other side."""
    outbox: FilePath = Path("outbox")
    """Where notices and receipts for the other side are written."""
    confirm_days: Annotated[int, Field(ge=0, le=366)] = CONFIRM_DAYS
    """Within how many days the roster is to say what a notice says."""

    @model_validator(mode="after")
    def _two_folders(self) -> Self:
        if self.inbox is not None and self.inbox == self.outbox:
            raise ValueError("`inbox` and `outbox` as two folders: what is written for the other side is not for us")
        return self
