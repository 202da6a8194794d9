"""Files that name their product by their headings, from `table_products.yaml`: what they say, and what they do not."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from connectors.generic.table.dictionary import plain, plain_heading
from connectors.generic.table.mapping import Word
from connectors.inputs.strict import Strict
from connectors.inputs.yaml import load_yaml

FILE = Path(__file__).parent / "products.yaml"


class Product(Strict):
    """One kind of file."""

    title: str
    has: list[str] = []
    """Headings that must all be there."""
    line: str = ""
    """How a line above the header begins."""
    kind: Literal["ehr", "directory", "cloud"] | None = None
    product: str | None = None
    columns: dict[str, str] = {}
    rights: Literal["elsewhere"] | None = None
    incomplete: str = ""
    """Rights that the file does not hold beside those that it holds."""
    flags: list[str] = []
    held: dict[str, dict[str, str]] = {}
    harmless: list[str] = []
    status: dict[str, Word] = {}
    better: str = ""
    refuse: str = ""
    instead: str = ""
    source: str

    @model_validator(mode="after")
    def _recognised(self) -> Self:
        if not (self.has or self.line):
            raise ValueError("`has` or `line`: how the file is recognised")
        if bool(self.refuse) is not bool(self.instead):
            raise ValueError("`refuse` with `instead`")
        return self

    def fits(self, headings: Sequence[str], titles: Sequence[str]) -> bool:
        """Whether a file is of this kind."""
        there = {plain_heading(heading) for heading in headings} | {plain(heading) for heading in headings}
        if self.line and not any(plain(title).startswith(self.line) for title in titles):
            return False
        return there.issuperset(self.has)

    def meaning(self, heading: str) -> tuple[str, ...]:
        """Return what a heading means here."""
        folded = (plain_heading(heading), plain(heading))
        return tuple(meaning for meaning, name in self.columns.items() if name in folded)


class _File(Strict):
    version: Annotated[int, Field(ge=1)]
    products: list[Product]


@lru_cache(maxsize=1)
def products() -> tuple[Product, ...]:
    """Load them once."""
    return tuple(load_yaml(FILE).validate(_File).products)


def recognise(headings: Sequence[str], titles: Sequence[str]) -> Product | None:
    """Return the first kind of file that fits."""
    return next((product for product in products() if product.fits(headings, titles)), None)
