"""
Who may still come: the people of the start, without those whom the configuration has dropped since.

The pages run for weeks, and somebody leaves meanwhile. Only what is taken away counts at once; who is added, or gets
another part, may come when the site is started again, because the pages decide by the settings of the start.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from threading import Lock

from auditor.web.people import Person
from connectors.errors import AuditorError
from reports.safe import one_line

log = logging.getLogger("auditor.web")


class LivePeople(Mapping[str, Person]):
    """
    The people of `read`, read again when the file at `path` is another one.

    A file that cannot be read, such as one that is being edited, takes nobody away and lets nobody in.
    """

    def __init__(self, path: Path, read: Callable[[], Mapping[str, Person]]) -> None:
        """Read once; raises what `read` raises."""
        self._path, self._read, self._lock = path, read, Lock()
        self._stamp = self._look()
        self._first = self._people = dict(read())

    def __getitem__(self, id_: str) -> Person:
        return self._now()[id_]

    def __iter__(self) -> Iterator[str]:
        return iter(self._now())

    def __len__(self) -> int:
        return len(self._now())

    def _now(self) -> dict[str, Person]:
        stamp = self._look()
        if stamp != self._stamp:
            with self._lock:
                self._take(stamp)
        return self._people

    def _take(self, stamp: tuple[int, ...]) -> None:
        try:
            there = self._read()
        except (AuditorError, OSError) as error:
            said = error.message if isinstance(error, AuditorError) else type(error).__name__
            log.warning("who may come stays as it was, for the configuration cannot be read: %s", one_line(said))
        else:
            self._people = {
                id_: replace(person, roles=person.roles & there[id_].roles)
                for id_, person in self._first.items()
                if id_ in there
            }
        self._stamp = stamp

    def _look(self) -> tuple[int, ...]:
        try:
            status = self._path.stat()
        except OSError:
            return ()
        return status.st_mtime_ns, status.st_size, status.st_ino
