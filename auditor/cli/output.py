"""A result for people or for a machine: a format that is added does not check as a type until it is told apart here."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, ClassVar, Protocol, assert_never

from auditor.cli.console import write_stdout
from auditor.cli.formats import Format
from reports.as_json import AS_FIELDS, SCHEMA_VERSION, Keys, one_level


class Result(Protocol):
    """What a command tells: an instance of any dataclass, whose fields are the keys; no dictionary made by hand."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


def emit(
    output: Format,
    *,
    text: Callable[[], None],
    data: Callable[[], Result | Sequence[Result]],
    keys: Keys = AS_FIELDS,
    compact: bool = False,
) -> None:
    """
    Print a result in the wanted form; only that one is made.

    `keys` are those of results that are not the names of their fields; with `compact`, JSON is one long line.
    """
    match output:
        case Format.TEXT:
            text()
        case Format.JSON:
            write_json(data(), keys=keys, compact=compact)
        case _:
            assert_never(output)


def write_json(
    data: Result | Sequence[Result],
    *,
    keys: Keys = AS_FIELDS,
    compact: bool = False,
    instant: Callable[[datetime], str] = datetime.isoformat,
) -> None:
    """
    Print JSON that says of which schema it is; of a list, every item does.

    What is no JSON in it becomes so by `reports.as_json`. It is ASCII only, so it survives every pipe, and no name in
    it can reorder text or drive a terminal.
    """
    plain = one_level(keys, instant=instant)

    def versioned(result: Result) -> dict[str, Any]:
        return {"schema_version": SCHEMA_VERSION, **plain(result)}

    dated = [versioned(item) for item in data] if isinstance(data, Sequence) else versioned(data)
    told = json.dumps(dated, indent=None if compact else 2, default=plain, allow_nan=False)
    write_stdout(told + "\n")
