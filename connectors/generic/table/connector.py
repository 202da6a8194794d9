"""
Any product's user-access report, as CSV, XLSX or text in fixed layout, by a mapping of its columns.

The mapping stands in the settings, in a file (`auditor connect --map` writes one), or is a shipped preset. Only mapped
columns are kept, so whatever else the report holds goes no further than the row it stands in.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from textwrap import fill

from connectors.connector import BY_FILE, BY_PRINT, Page, ProbeStep
from connectors.errors import InputError, SourceTruncated, shorten
from connectors.facts import Entitlement, EntitlementKind, Evidence, Grant, System
from connectors.generic.table.before import Before
from connectors.generic.table.columns import UnmappedWord, check_columns, words_of
from connectors.generic.table.contents import read_contents
from connectors.generic.table.contrary import doubted
from connectors.generic.table.doors import doors_in, doors_unread
from connectors.generic.table.facts import TableFacts
from connectors.generic.table.mapping import Mapping
from connectors.generic.table.matrix import FIRST, read_matrix
from connectors.generic.table.open import open_report
from connectors.generic.table.preset import Preset, load_preset, resolve
from connectors.generic.table.printed import made_at
from connectors.generic.table.reading import PartReading
from connectors.generic.table.settings import ReportFile, Settings
from connectors.generic.table.sheets import check_sheets
from connectors.generic.table.trailer import TableTrailer
from connectors.generic.table.unread import fill_empty, questions_told, unread_rights
from connectors.inputs.tables import Table

__all__ = ["Settings", "TableConnector", "connect", "connect_to_look", "setup"]


def connect(system: System, settings: Settings, folder: Path) -> "TableConnector":
    """Return a connector for the export; of the files only the mapping is read yet, which may raise `InputError`."""
    mapping = resolve(settings, folder)
    preset = load_preset(settings.preset) if settings.preset else None
    if settings.system_log is not None:
        from connectors.generic.table.with_log import TableWithLog  # noqa: PLC0415 - it is one of these connectors

        return TableWithLog(system, settings, folder, mapping, preset)
    return TableConnector(system, settings, folder, mapping, preset)


def connect_to_look(system: System, settings: Settings, folder: Path) -> "TableConnector":
    """Return a connector that asks for no proof of completeness: to show what was understood, and judge nothing."""
    connector = connect(system, settings, folder)
    connector.needs_proof = False
    return connector


def setup(system: System, settings: Settings) -> str:
    """Say how a person gets the report out of the product; nothing has to be set up for the auditor."""
    if settings.preset is None:
        return (
            f"{system.title}: an administrator exports the list of all users with status, last sign-in and every role\n"
            "or permission, as CSV (UTF-8) or XLSX. No new account is needed, and no patient data belongs in it."
            + ("" if settings.mapping else "\nThen: auditor connect --map FILE")
        )
    preset = load_preset(settings.preset)
    unknown = [f"- {text}" for text in preset.not_known]
    lines = [preset.title, preset.get, f"Made from {preset.source}", "What that page does not say:", *unknown]
    return "\n".join(
        fill(line, 100, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False) for line in lines
    )


class TableConnector:
    """
    Reads the whole report as one page; raises `InputError` for any row that cannot be trusted.

    That a file has ended says nothing about the accounts that a filter or a cut at the end of a line left out, and a
    workbook is no better: it closes as neatly over half a list. So the report states its total, or the practice says
    how many accounts there are or who must be among them; without any of these the read raises `SourceTruncated`.
    """

    needs_proof = True

    def __init__(
        self, system: System, settings: Settings, folder: Path, mapping: Mapping, preset: Preset | None = None
    ) -> None:
        self.system, self.settings, self.folder, self.mapping, self.preset = system, settings, folder, mapping, preset
        self.parts = tuple(whole for part in settings.parts for whole in _sheets(doubted(mapping, part), mapping))
        self.paths = tuple(folder / part.file for part in self.parts)

    @property
    def source(self) -> str:
        """The names of the files."""
        return ", ".join(dict.fromkeys(path.name for path in self.paths))

    @property
    def canary(self) -> str | None:
        """The login that must be in the report."""
        return self.settings.canary

    def as_of(self) -> datetime:
        """When the oldest of the files was made: as it prints, or by the date of the file."""
        zone = self.mapping.timezone if "timezone" in self.mapping.model_fields_set else None
        return min(
            made_at(path, self.mapping, part.sheet, zone) for part, path in zip(self.parts, self.paths, strict=True)
        )

    @property
    def dated(self) -> str:
        """By what it is known when the report was made."""
        return BY_FILE if self.mapping.printed is None else BY_PRINT

    def steps(self) -> Sequence[ProbeStep]:
        """Check that each file has the columns of the mapping, and that something will show that nobody is missing."""
        columns = [
            ProbeStep(f"columns of {path.name}", lambda part=part: self._check(part))  # type: ignore[misc]
            for part, path in zip(self.parts, self.paths, strict=True)
        ]
        return [*columns, ProbeStep("proof", self._proof)]

    def read_page(self, token: str | None) -> Page:  # noqa: ARG002 - there is only one page
        """Read all files to their ends."""
        for path in dict.fromkeys(self.paths):
            check_sheets(path, self.mapping)
        facts = TableFacts(self.system.id, self.mapping, self.as_of())
        evidence: list[Evidence] = []
        total: int | None = None
        for part in self.parts:
            total = self._read(part, facts, evidence)
        fill_empty(facts)
        if not facts.grants and facts.accounts and self.mapping.rights == "here" and not self.mapping.open_questions():
            raise self._nothing_held()
        unread = unread_rights(facts)
        evidence.extend(questions_told(self.mapping, facts.odd))
        rights = self._contents(evidence)
        if facts.accounts and self.needs_proof:
            evidence.append(Evidence("proof", self._proof()))
        self._count(len(facts.accounts), evidence)
        return Page(
            accounts=tuple(facts.accounts.values()),
            entitlements=(*self._entitlements(facts, rights), *unread.entitlements),
            grants=(*_grants(facts, rights), *(Grant(account, id_) for account, id_ in sorted(facts.unread))),
            total=total,
            evidence=tuple(evidence),
            doors=doors_in(self.system, facts.accounts.values()),
            doors_unread=doors_unread(self.system),
        )

    def _proof(self) -> str:
        """Say what will show that nobody is missing; raises `SourceTruncated` when nothing can."""
        if self.settings.expect_accounts is not None:
            return "the number of accounts is known from the product itself (`expect_accounts`)"
        if self.mapping.total is not None:
            return f"the report states its total (`{self.mapping.total.label}`)"
        if self.settings.canary is not None:
            return "a canary alone: the report states no total, and `expect_accounts` is not set"
        raise SourceTruncated(
            f"nothing shows that `{self.source}` lists everybody: it states no total, and a file ends in the same "
            "way when accounts were filtered out or cut off",
            hint="set `canary` to the login of an account that must be in it (whoever exports it, or better one near "
            "its end), or `expect_accounts` to the number that the product's own screen shows, never that of the file",
        )

    def _count(self, read: int, evidence: list[Evidence]) -> None:
        expected = self.settings.expect_accounts
        if expected is None:
            return
        if expected != read:
            raise SourceTruncated(
                f"`{self.source}` lists {read} accounts instead of the {expected} that `expect_accounts` states",
                hint="export it again without a filter, or read the number from the product's screen again",
            )
        evidence.append(Evidence("total", f"{expected} accounts expected, {read} read"))

    def _read(self, part: ReportFile, facts: TableFacts, evidence: list[Evidence]) -> int | None:
        """Read one file; return how many accounts it says that it lists."""
        path = self.folder / part.file
        table, trailer = self._open(part)
        before = Before.of(path)
        if self.mapping.matrix is not None:
            rows = read_matrix(facts, part, path, table, trailer)
        else:
            reading = PartReading(facts, part, path, table, trailer)
            try:
                reading.read()
            except UnmappedWord as error:
                error.hint = self._words(part, error)
                raise
            rows = reading.rows
            if reading.missing:
                evidence.append(Evidence("not in the report", ", ".join(reading.missing)))
            if reading.without_login:
                told = f"{reading.without_login} without login, which are said to be lines or rooms, and no accounts"
                evidence.append(Evidence("rows", told))
                trailer.number = None
        single = len(self.parts) == 1
        evidence.append(Evidence("end", f"end of {'file' if single else path.name} after {rows} rows"))
        evidence.append(before.evidence())
        if trailer.number is None or self.mapping.total is None:
            return None
        if self.mapping.total.counts == "accounts" and single:
            self._compare(trailer.number)
            return trailer.number
        evidence.append(Evidence("total", f"{trailer.number} {self.mapping.total.counts} stated by {path.name}"))
        return None

    def _compare(self, stated: int) -> None:
        expected = self.settings.expect_accounts
        if expected is not None and expected != stated:
            raise SourceTruncated(
                f"`{self.source}` says that it lists {stated} accounts, and `expect_accounts` is {expected}",
                hint="export it again without a filter, or read the number from the screen again",
            )

    def _open(self, part: ReportFile) -> tuple[Table, TableTrailer]:
        path, mapping = self.folder / part.file, self.mapping
        trailer = TableTrailer(path, mapping.footer, mapping.total, mapping.sections)
        try:
            table = open_report(path, mapping, part.sheet, trailer, FIRST if mapping.matrix else "")
            check_columns(mapping, table)
        except InputError as error:
            if self.preset is not None:
                error.hint += (
                    f"\n  the preset `{self.preset.name}` was made from {self.preset.source}; where your export "
                    "differs, set the key beside `preset`, such as `columns: {login: …}`"
                )
            raise
        return table, trailer

    def _check(self, part: ReportFile) -> str:
        table, _ = self._open(part)
        told = f"{len(table.header)} columns, and all that the mapping needs are there"
        if asked := [question for question in self.mapping.open_questions() if not question.claim]:
            columns = ", ".join(shorten(question.column, 40) for question in asked)
            told += f"; nobody has explained {columns}: map it, or name it under `harmless`"
        return told

    def _words(self, part: ReportFile, error: UnmappedWord) -> str:
        table, _ = self._open(part)
        return words_of(table, error.column)

    def _nothing_held(self) -> InputError:
        mapping = self.mapping
        if mapping.matrix is not None:
            field = "matrix"
        else:
            field = ", ".join([*(e.column for e in mapping.entitlements), *(["others"] if mapping.others else [])])
        return InputError(
            self.paths[0],
            "no account holds anything",
            field=field,
            expected="entitlements of at least one account",
            hint="check which columns hold the roles; an empty column would make everybody look harmless",
        )

    def _contents(self, evidence: list[Evidence]) -> dict[str, dict[str, None]]:
        contents = self.mapping.contents
        if contents is None or contents.file is None:
            return {}
        path = self.folder / contents.file
        try:
            rights, rows = read_contents(path, contents)
        except UnmappedWord as error:
            error.hint = words_of(
                open_report(path, contents, None, TableTrailer(path, contents.footer, None)), error.column
            )
            raise
        evidence.append(Evidence("end", f"end of {path.name} after {rows} rows"))
        evidence.append(Before.of(path).evidence())
        return rights

    def _entitlements(self, facts: TableFacts, rights: dict[str, dict[str, None]]) -> tuple[Entitlement, ...]:
        system, contents = self.system.id, self.mapping.contents
        found = {
            id_: Entitlement(system, id_, id_, kind, container=id_ in rights)
            for id_, kind in facts.entitlements.items()
        }
        if contents is not None:
            for holder in found.copy():
                for right in rights.get(holder, ()):
                    found.setdefault(right, Entitlement(system, right, right, EntitlementKind(contents.kind)))
        return tuple(found.values())


def _sheets(part: ReportFile, mapping: Mapping) -> tuple[ReportFile, ...]:
    """Return a part for each sheet of the mapping, where it names several and the part none."""
    if part.sheet is not None or not mapping.sheets:
        return (part,)
    return tuple(
        part.model_copy(update={"sheet": sheet.name, "status": part.status or sheet.status}) for sheet in mapping.sheets
    )


def _grants(facts: TableFacts, rights: dict[str, dict[str, None]]) -> tuple[Grant, ...]:
    direct = [Grant(account, entitlement) for account, entitlement in facts.grants]
    through = [
        Grant(account, right, (entitlement,))
        for account, entitlement in facts.grants
        for right in rights.get(entitlement, ())
    ]
    return (*direct, *through)
