"""Default accounts: those that a product makes by itself when it is installed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints

from connectors.inputs.strict import Strict
from connectors.inputs.yaml import load_yaml
from policies.roles.generic_logins import LONGEST_LOGIN

SHIPPED = Path(__file__).parents[1] / "default_accounts.yaml"

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9<>_-]+$")]


class _File(Strict):
    version: int = Field(ge=1)
    any: list[Name] = Field(min_length=1)
    products: dict[str, list[Name]]


@dataclass(frozen=True, slots=True)
class DefaultAccounts:
    """The names of accounts that come with products; source: HHS OCR audit protocol, 164.312(a)(1)."""

    anywhere: frozenset[str]
    by_product: Mapping[str, frozenset[str]]

    @classmethod
    def load(cls, path: Path | None = None) -> "DefaultAccounts":
        """Load the names, by default the shipped ones; raises `InputError` naming file, line and key."""
        document = load_yaml(path or SHIPPED)
        file = document.validate(_File)
        return cls(frozenset(file.any), {product: frozenset(names) for product, names in file.products.items()})

    def matches(self, product: str, names: Iterable[str]) -> bool:
        """Whether one of an account's names (log-in, name) is that of an account which the product itself makes."""
        known = self.anywhere | self.by_product.get(product, frozenset())
        return any(_bare(name) in known for name in names)


def _bare(name: str) -> str:
    return name[:LONGEST_LOGIN].rpartition("\\")[2].partition("@")[0].strip().casefold()
