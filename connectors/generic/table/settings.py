"""The settings of the connector `table`: which files, by which mapping."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from connectors.generic.table.layout import Name
from connectors.generic.table.mapping import Kind, Mapping, Word
from connectors.inputs.strict import Settings as StrictSettings

__all__ = ["Mapping", "ReportFile", "Settings"]


class ReportFile(StrictSettings):
    """One file of a report that comes in several."""

    file: Path
    sheet: Name | None = None
    """The sheet of a workbook that has several."""
    status: Word | None = None
    """The status of all its accounts, where the product was asked for these alone, such as all locked users."""
    gives: Name | None = None
    """What all its accounts hold, where the product was asked for the holders of one permission."""
    kind: Kind = "privilege"
    """What `gives` is called in the product."""


class Settings(Mapping):
    """
    Settings of the connector `table`.

    The mapping stands here, in a file (`mapping`), or is a shipped one (`preset`). What stands here goes over the file
    or preset, so that one word or one column can be corrected.
    """

    file: Path | None = None
    """The report."""
    files: tuple[ReportFile, ...] = ()
    """Several files that together are the report, such as one for each location; instead of `file`."""
    mapping: Path | None = None
    """The mapping file, as `auditor connect --map` writes it."""
    preset: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")] | None = None
    """The name of a shipped mapping, such as `athenahealth`."""
    expect_accounts: Annotated[int, Field(ge=1)] | None = None
    """How many accounts the product itself says it has, read from its screen."""
    canary: Name | None = None
    """The login of an account that exists, usually that of the person who exported."""
    system_log: Path | None = None
    """With `product: okta`: its system log as JSON, which says when access changed, and by whom."""

    @property
    def parts(self) -> tuple[ReportFile, ...]:
        """All files, however they were given."""
        return self.files or ((ReportFile(file=self.file),) if self.file is not None else ())

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.file is None) is (not self.files):
            raise ValueError("`file`, or `files` with at least one; not both")
        if self.mapping is not None and self.preset is not None:
            raise ValueError("either `mapping` or `preset`, not both")
        if self.mapping is None and self.preset is None:
            self.check()
        return self
