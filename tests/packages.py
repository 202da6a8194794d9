"""Packages as somebody else would install them: modules and data in a folder, with what `pip` writes beside them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from policies import citations, families, policy
from policies.catalogs import catalog
from policies.engine import rule
from policies.remedies import Remedies

CACHES = (
    families.families,
    rule.all_rules,
    citations._shipped,
    catalog._shipped,
    policy._shipped,
    Remedies.load.__func__,
)


def install(folder: Path, name: str, offers: Mapping[str, Mapping[str, str]], files: Mapping[str, str]) -> None:
    """Write a distribution into a folder: `offers` are modules by group of entry points and name."""
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    info = folder / f"{name.replace('-', '_')}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", encoding="utf-8")
    groups = (f"[{group}]\n" + "".join(f"{n} = {m}\n" for n, m in points.items()) for group, points in offers.items())
    (info / "entry_points.txt").write_text("\n".join(groups), encoding="utf-8")


@contextmanager
def installed(folder: Path) -> Iterator[None]:
    """Let this process see what is installed in a folder, and forget it afterwards."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        try:
            for cache in CACHES:
                cache.cache_clear()
            yield
        finally:
            for cache in CACHES:
                cache.cache_clear()
