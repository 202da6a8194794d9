"""A folder of saved answers as a connector: one page, whichever product saved it."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from connectors.audit_log import LogAnswer, LogQuestion
from connectors.connector import Page
from connectors.directory.saved.folder import SavedFolder
from connectors.errors import InputError, SourceMalformed
from connectors.facts import System

ReadFolder = Callable[[SavedFolder], Page]
ReadLog = Callable[[SavedFolder, LogQuestion], LogAnswer]


class SavedExport:
    """
    A connector that gives one folder as one page.

    `product` is what it is called in the report, `first` the file that it cannot be without; `read` makes the page of
    a folder that nobody has read yet, and raises `InputError` for a file that cannot be used; `log` answers from the
    record of changes that was saved beside it.
    """

    def __init__(
        self,
        system: System,
        folder: Path,
        canary: str | None,
        *,
        product: str,
        first: str,
        read: ReadFolder,
        log: ReadLog,
    ) -> None:
        self.system = system
        self.canary = canary
        self._folder, self._product, self._first, self._read = folder, product, first, read
        self._log = log
        self._files = SavedFolder(folder)

    @property
    def source(self) -> str:
        """The folder that it reads."""
        return f"{self._product}, from the folder {self._folder.name}"

    def as_of(self) -> datetime:
        """Return when the oldest of the files was saved; raises `SourceTruncated` when they are days apart."""
        if self._files.untouched:  # which files belong to it is only known once they were read
            self.read_page(None)
        return self._files.as_of()

    def read_page(self, token: str | None) -> Page:
        """Read every file; raises `InputError` for one that cannot be used, `SourceTruncated` for a part."""
        if token is not None:
            raise SourceMalformed(f"`{self.system.id}` has one page only")
        if not self._folder.is_dir():
            raise InputError(self._folder, "there is no such folder", expected=f"the folder with `{self._first}`")
        self._files = SavedFolder(self._folder)
        return self._read(self._files)

    def read_log(self, question: LogQuestion) -> LogAnswer:
        """Return what the saved record of changes says; raises `InputError` where there is none, or none of use."""
        return self._log(SavedFolder(self._folder), question)
