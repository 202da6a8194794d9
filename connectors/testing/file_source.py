"""An export in files, with every fault that a file can show."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from connectors.connector import Connector
from connectors.facts import Collection
from connectors.testing.bodies import Body
from connectors.testing.faults import Fault
from connectors.testing.harness import AT_ONCE, ENDS, Observation, Population, Trial, same_facts

_NO_SERVER = "a file is read without a server between, which could"
CANNOT = {
    **dict.fromkeys(ENDS, "a file has no pages"),
    Fault.REPEATED_TOKEN: "a file has no pages",
    Fault.NOT_SIGNED_IN: f"{_NO_SERVER} refuse",
    Fault.REFUSED_AT_ONCE: f"{_NO_SERVER} refuse",
    Fault.TOO_MANY: f"{_NO_SERVER} ask to wait",
    Fault.ERROR_ONCE: f"{_NO_SERVER} fail",
    Fault.ERROR_FOR_EVER: f"{_NO_SERVER} fail",
    Fault.SLOW_DRIP: f"{_NO_SERVER} be slow",
    Fault.FORBIDDEN: f"{_NO_SERVER} refuse; a file that cannot be read is shown as one that is not there (reset)",
    Fault.UNKNOWN_AUTHORITY: f"{_NO_SERVER} show a certificate",
    Fault.WRONG_NAME: f"{_NO_SERVER} show a certificate",
    Fault.EXPIRED_CERTIFICATE: f"{_NO_SERVER} show a certificate",
}
OFF_S = {Fault.CLOCK_AHEAD: 5 * 3600, Fault.CLOCK_BEHIND: -5 * 3600}

Change = Callable[[bytes], bytes | None]
"""Returns the new content; `None`: the file is gone."""


class FileSource:
    """
    An export that a harness has written to `folder`.

    `connect` makes a connector for another folder with the same names; `main` is the file that lists the accounts,
    `body` says where its entries are.
    """

    def __init__(
        self,
        folder: Path,
        connect: Callable[[Path], Connector],
        population: Population,
        main: str,
        body: Body,
        *,
        cannot: Mapping[Fault, str] | None = None,
        same: Callable[[Collection, Collection], bool] = same_facts,
        at_once: int = AT_ONCE,
    ) -> None:
        self.at_once = at_once
        self.population, self.cannot = population, {**CANNOT, **(cannot or {})}
        self._folder, self._connect, self._main, self._body, self._same = folder, connect, main, body, same

    @property
    def pages(self) -> None:
        """Nothing: a file is read in one piece."""
        return None

    def healthy(self) -> Connector:
        """Return a connector for the export as it is."""
        return self._connect(self._folder)

    def same(self, truth: Collection, read: Collection) -> bool:
        """Whether two reads say the same."""
        return self._same(truth, read)

    @contextmanager
    def trials(self, fault: Fault) -> Iterator[list[Trial]]:
        """Make a copy of the export for each form of a fault, and spoil it."""
        yield [self._trial(fault, label, name, change) for label, name, change in self._forms(fault)]

    def _trial(self, fault: Fault, label: str, name: str, change: Change) -> Trial:
        copy = Path(tempfile.mkdtemp(prefix=fault, dir=self._folder.parent))
        shutil.copytree(self._folder, copy, dirs_exist_ok=True)
        path = copy / name
        old, written = path.read_bytes(), path.stat().st_mtime
        new = change(old)
        if new is None:
            path.unlink()
        else:
            path.write_bytes(new)
            when = written + OFF_S.get(fault, 0)
            os.utime(path, (when, when))
        return Trial(self._connect(copy), Observation(fired=int(new != old or fault in OFF_S)), label)

    def _forms(self, fault: Fault) -> list[tuple[str, str, Change]]:
        files = sorted(str(p.relative_to(self._folder)) for p in self._folder.rglob("*") if p.is_file())
        if fault in (Fault.HALF_ANSWER, Fault.EMPTY_ANSWER):
            half = fault is Fault.HALF_ANSWER
            return [(name, name, lambda data: data[: len(data) // 2] if half else b"") for name in files]
        if fault in OFF_S:
            return [(name, name, lambda data: data) for name in files]
        if fault is Fault.RESET:
            return [(self._main, self._main, lambda _: None)]
        return [(label, self._main, change) for label, change in self._changes(fault)]

    def _changes(self, fault: Fault) -> list[tuple[str, Change]]:
        body, known = self._body, self.population.canary or ""
        data = (self._folder / self._main).read_bytes()
        entries = body.entries(body.load(data))
        with_text = [*entries[:1], body.text_entry(), *entries[1:]]
        rests = [e for e in entries if known and known in str(e)] or entries[-1:]

        def edited(edit: Callable[[object], None]) -> Change:
            def change(data: bytes) -> bytes:
                document = body.load(data)
                edit(document)
                return body.dump(document)

            return change

        if fault is Fault.WRONG_FIELD:
            return [(label, edited(spoil)) for label, spoil in body.wrong_fields(body.load(data))]
        changes: dict[Fault, list[tuple[str, Change]]] = {
            Fault.OTHER_ORDER: [("", edited(lambda d: body.replace(d, entries[::-1])))],
            Fault.DROPPED_PAGE: [("", edited(lambda d: body.replace(d, [e for e in entries if e is not rests[0]])))],
            Fault.DUPLICATE_ENTRY: [("", edited(lambda d: body.replace(d, [*entries, entries[0]])))],
            Fault.WRONG_TYPE: [("", edited(body.spoil_list))],
            Fault.WRONG_ENTRY: [("", edited(lambda d: body.replace(d, with_text)))],
            Fault.EMPTY_LIST: [("", edited(lambda d: body.replace(d, [])))],
            Fault.CUT_DOCUMENT: [(f"{n}/4", lambda data, n=n: _cut_at_line(data, n)) for n in (1, 2, 3)],  # type: ignore[misc]
        }
        return changes[fault]


def _cut_at_line(data: bytes, quarters: int) -> bytes:
    """Cut after a whole line, so that nothing looks torn."""
    return data[: data.index(b"\n", len(data) * quarters // 4) + 1]
