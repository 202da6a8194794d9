"""Deep nesting is refused while it is read: composing it would take time that grows with the square of the depth."""

from pathlib import Path

import pytest
import yaml

from connectors.errors import InputError
from connectors.inputs import yaml as yaml_input
from connectors.inputs.yaml import MAX_DEPTH, load_yaml


@pytest.mark.parametrize(
    "text",
    ["[" * 65_536, "{a: " * 16_000, "- " * 30_000, "? " * 30_000, "[[]," * 20_000, "a: [" * 20_000],
    ids=["lists", "mappings", "blocks", "keys", "short ones beside", "mixed"],
)
@pytest.mark.timeout(10)
def test_64_kb_of_nesting_are_refused_at_once(tmp_path, text):
    path = tmp_path / "a.yaml"
    path.write_text(text)
    with pytest.raises(InputError, match="nested too deeply"):
        load_yaml(path)


def test_what_people_write_is_far_from_the_limit_and_its_edge_is_read(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("a: " + "[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1))
    assert load_yaml(path).data
    path.write_text("a: [" + "[], " * 1000 + "]")
    assert len(load_yaml(path).data["a"]) == 1000


def test_both_parsers_read_every_shipped_file_alike_value_by_value_and_line_by_line():
    root = Path(__file__).parents[4]
    files = [
        path for part in ("auditor", "connectors", "policies", "examples") for path in (root / part).rglob("*.yaml")
    ]
    assert len(files) > 50
    for path in files:
        text = path.read_text(encoding="utf-8")
        fast, slow = (yaml_input._load(path, text, loader) for loader in (yaml.CSafeLoader, yaml.SafeLoader))
        assert (fast.data, fast.lines) == (slow.data, slow.lines), path
