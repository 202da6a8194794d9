import re
from pathlib import Path

import pytest

from policies.catalogs.catalog import Catalogs
from policies.roles.prohibited import ProhibitedCapabilities
from policies.roles.separation import load_conflicts
from policies.roles.template import Templates, check
from policies.vocabulary import Vocabulary

WORDS = Vocabulary.load()
PAGE = (Path(__file__).parents[3] / "docs" / "policies.md").read_text(encoding="utf-8")


def examples(kind: str) -> list[str]:
    return re.findall(rf"^```yaml {kind}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("text", examples("catalog"))
def test_a_catalog_copied_from_the_page_works(tmp_path: Path, text: str) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(text, encoding="utf-8")
    Catalogs.load(WORDS, [path])


@pytest.mark.parametrize("text", examples("role"))
def test_a_role_template_copied_from_the_page_works(tmp_path: Path, text: str) -> None:
    (tmp_path / "scheduler.yaml").write_text(text, encoding="utf-8")
    templates = Templates.load(WORDS, tmp_path)
    assert templates["scheduler"].version == 2
    check(templates, ProhibitedCapabilities.load(WORDS), load_conflicts(WORDS))


def test_the_page_has_examples() -> None:
    assert len(examples("catalog")) == 4
    assert len(examples("role")) == 1
