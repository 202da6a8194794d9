"""What to do about a finding, in the words of the product that the account lives in."""

import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import NoReturn

from connectors.facts import System
from connectors.inputs.strict import Strict
from connectors.inputs.yaml import load_yaml
from policies.families import families

SHIPPED = Path(__file__).parent / "remedies.yaml"


class _File(Strict):
    version: int
    remedies: dict[str, dict[str, str]]


class Remedies:
    """Texts by action and product; every action has a `default`."""

    def __init__(self, texts: dict[str, dict[str, str]]) -> None:
        self._texts = texts

    @classmethod
    @cache
    def load(cls) -> "Remedies":
        """
        Load the shipped texts, and those that families of rules bring along.

        Raises `InputError` when an action has no default, and `AuditorError` when a family words one anew.
        """
        document = load_yaml(SHIPPED)
        texts = dict(document.validate(_File).remedies)
        _require_default(document.refuse, texts)
        for family in families():
            _require_default(family.refuse, family.data.remedies)
            for action, by_product in family.data.remedies.items():
                if texts.setdefault(action, by_product) is not by_product:
                    family.refuse_second(("remedies", action), f"the remedy `{action}`", SHIPPED.name)
        return cls(texts)

    def text(self, action: str, system: System, *, login: str = "", name: str = "") -> str:
        """
        Say what to do in this system.

        Names in a sentence are put in as they are, so every format must escape them. Names in a command are quoted for
        its shell, because people paste commands, and whoever names a group could otherwise run one of their own.
        """
        by_product = self._texts[action]
        template = by_product.get(system.product, by_product["default"])
        values = {"system": system.title, "name": name, "login": login}

        # One pass, and not str.format: a hostile name may hold braces.
        def put(match: re.Match[str]) -> str:
            return _QUOTES[match[2] or ""](values[match[1]])

        return _PLACE.sub(put, template)

    def steps(self, action: str, system: System, *, login: str = "", name: str = "") -> tuple[str, ...]:
        """Say the same in plain words first, then, where the product has words of its own, exactly where, or how."""
        plain = self.text(action, replace(system, product=""), login=login, name=name)
        exact = self.text(action, system, login=login, name=name)
        return (plain,) if exact == plain else (plain, exact)


def _require_default(refuse: Callable[..., NoReturn], texts: Mapping[str, Mapping[str, str]]) -> None:
    for action, by_product in texts.items():
        if "default" not in by_product:
            refuse(("remedies", action), "a text is missing", expected="default")


def _powershell(value: str) -> str:
    """Quote a value for PowerShell, which takes five characters for a single quote and nothing for an escape."""
    if _PLAIN.fullmatch(value):
        return value
    return "'" + re.sub("(['\u2018\u2019\u201a\u201b])", r"\1\1", _one_line(value)) + "'"


def _shell(value: str) -> str:
    return value if _PLAIN.fullmatch(value) else shlex.quote(_one_line(value))


def _one_line(value: str) -> str:
    """Take out what could end a line or steer a terminal."""
    return "".join(c for c in value if c.isprintable())


_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@/:\-]*")
_PLACE = re.compile(r"\{(system|name|login)(?:\|(sh|ps))?\}")
_QUOTES: dict[str, Callable[[str], str]] = {"": str, "sh": _shell, "ps": _powershell}
