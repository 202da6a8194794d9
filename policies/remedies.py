"""What to do about a finding, in the words of the product that the account lives in."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from connectors.facts import System
from connectors.yaml_input import load_yaml


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    version: int
    remedies: dict[str, dict[str, str]]


class Remedies:
    """Texts by action and product; every action has a `default`."""

    def __init__(self, texts: dict[str, dict[str, str]]) -> None:
        self._texts = texts

    @classmethod
    def load(cls) -> "Remedies":
        """Load the shipped texts; raises `InputError` when an action has no default."""
        document = load_yaml(Path(__file__).parent / "remedies.yaml")
        texts = document.validate(_File).remedies
        for action, by_product in texts.items():
            if "default" not in by_product:
                document.refuse(("remedies", action), "a text is missing", expected="default")
        return cls(texts)

    def text(self, action: str, system: System, *, login: str = "", name: str = "") -> str:
        """Say what to do in this system; names are put in as they are, so every format must escape them."""
        by_product = self._texts[action]
        template = by_product.get(system.product, by_product["default"])
        # Not str.format: a hostile name may hold braces.
        return template.replace("{system}", system.title).replace("{name}", name).replace("{login}", login)
