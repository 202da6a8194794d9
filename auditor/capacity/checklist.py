"""The checklist of signals and the columns of the figures, loaded from `checklist.yaml`."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from connectors.inputs.strict import Strict
from connectors.inputs.yaml import load_yaml

SHIPPED = Path(__file__).parent / "checklist.yaml"


class Test(Strict):
    """The numbers of the tests."""

    __test__ = False  # not a test of pytest's

    confidence: Annotated[float, Field(gt=0, lt=1)]
    change: Annotated[float, Field(ge=0)]
    weeks: Annotated[int, Field(ge=3)]
    recent: Annotated[int, Field(ge=1)]
    before: Annotated[int, Field(ge=1, le=9)]
    after: Annotated[int, Field(ge=1, le=9)]
    settling: Annotated[int, Field(ge=0)]
    hire_confidence: Annotated[float, Field(gt=0, lt=1)]
    ceiling: Annotated[int, Field(ge=1)]
    full_time: Annotated[float, Field(gt=0)]


class FigureColumn(Strict):
    """One column of the figures."""

    title: str
    whole: bool
    together: Literal["sum", "most", "same"]
    part_of: str | None = None
    hours: Annotated[float, Field(ge=0)] | None = None


class _Signal(Strict):
    title: str
    of: str | list[str]
    per: str | None
    bad: Literal["up", "down"]
    level: float | None
    percent: bool
    kind: Literal["symptom", "load"]
    by_role: bool = True
    why: str


class _File(Strict):
    version: int
    test: Test
    columns: Annotated[dict[str, FigureColumn], Field(min_length=1)]
    signals: Annotated[dict[str, _Signal], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class Signal:
    """One signal."""

    id: str
    title: str
    of: tuple[str, ...]
    per: str | None
    bad_up: bool
    level: float | None
    percent: bool
    symptom: bool
    by_role: bool
    why: str

    @property
    def formula(self) -> str:
        """Such as "abandoned / calls"."""
        above = " + ".join(self.of)
        if self.per is None:
            return above
        return f"({above}) / {self.per}" if len(self.of) > 1 else f"{above} / {self.per}"

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that it needs."""
        return (*self.of, *([self.per] if self.per else []))

    def show(self, value: float) -> str:
        """Write a value as people do."""
        return f"{value:.1%}" if self.percent else f"{value:.3g}"


@dataclass(frozen=True, slots=True)
class CapacityChecklist:
    """Columns, signals, and the numbers of the tests."""

    test: Test
    columns: Mapping[str, FigureColumn]
    signals: tuple[Signal, ...]


@cache
def load_checklist(path: Path = SHIPPED) -> CapacityChecklist:
    """Load a checklist; raises `InputError` for a signal or a part that names a column that is not there."""
    document = load_yaml(path)
    file = document.validate(_File)
    for name, column in file.columns.items():
        if column.part_of is not None and column.part_of not in file.columns:
            document.refuse(("columns", name, "part_of"), "no such column", found=column.part_of)
    signals = []
    for id_, raw in file.signals.items():
        of = (raw.of,) if isinstance(raw.of, str) else tuple(raw.of)
        signal = Signal(
            id=id_,
            title=raw.title,
            of=of,
            per=raw.per,
            bad_up=raw.bad == "up",
            level=raw.level,
            percent=raw.percent,
            symptom=raw.kind == "symptom",
            by_role=raw.by_role,
            why=raw.why,
        )
        for name in signal.columns:
            if name not in file.columns:
                document.refuse(("signals", id_), "no such column", found=name)
        signals.append(signal)
    return CapacityChecklist(file.test, file.columns, tuple(signals))
