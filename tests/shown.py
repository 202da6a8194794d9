"""The figures of an audit as each output shows them: read out of what is printed, never out of what computed it."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from html import unescape
from typing import Any

SENTENCE = re.compile(
    r"(?P<active>\d+) active VMAs?, (?P<covered>\d+) under a BAA(?: \((?P<beside>[^)]*)\))?, "
    r"(?P<ehr>.*?); (?P<action>.*)"
)
COVER = {"covered": "covered", "uncovered": "missing", "unknown": "unknown"}
BAA = "BAA in force for the person, system and PHI"


@dataclass(frozen=True)
class Heads:
    """The first sentence, taken apart."""

    active: int
    covered: int
    unknown: int
    exempt: int
    live_ehr: int | None
    action: int


@dataclass(frozen=True)
class Control:
    """One row of headcount against controls, in names."""

    in_place: int
    headcount: int
    missing: tuple[str, ...]
    unknown: tuple[str, ...]
    exempt: tuple[str, ...]


@dataclass(frozen=True)
class Shown:
    """What one output shows; empty where it does not show it."""

    heads: Heads
    tiles: tuple[tuple[str, str], ...] = ()
    """Value and state of each."""
    counts: tuple[int, ...] = ()
    """Checks, satisfied, with findings, not evaluated."""
    controls: tuple[tuple[str, Control], ...] = ()
    cover: tuple[tuple[str, str], ...] = ()
    """VMA and how the picture over time shows the day of the audit."""
    live: tuple[int, ...] = ()
    """Live accounts of VMAs or nobody, by system in the order of the report; none where one was not read."""


def heads(sentence: str) -> Heads:
    """Take the first sentence apart; fails when it is not one."""
    found = SENTENCE.fullmatch(sentence)
    assert found, sentence
    beside = found["beside"] or ""
    unknown, exempt = re.search(r"of (\d+) more", beside), re.search(r"(\d+) of the practice", beside)
    ehr, action = re.match(r"(\d+) live", found["ehr"]), re.match(r"(\d+) need", found["action"])
    return Heads(
        int(found["active"]),
        int(found["covered"]),
        int(unknown[1]) if unknown else 0,
        int(exempt[1]) if exempt else 0,
        int(ehr[1]) if ehr else None,
        int(action[1]) if action else 0,
    )


def of_text(text: str) -> Shown:
    """Read the summary for a terminal."""
    counts = re.search(r"([\d,]+) checks? = ([\d,]+) satisfied \+ ([\d,]+) with findings \+ ([\d,]+) not", _flat(text))
    assert counts
    return Shown(heads(text.splitlines()[0]), counts=_numbers(counts.groups()))


def of_json(text: str, day: date) -> Shown:
    """Read the JSON report."""
    data: dict[str, Any] = json.loads(text)
    counts = data["counts"]
    return Shown(
        heads(data["headline"]["sentence"]),
        tuple((tile["value"], tile["state"]) for tile in data["tiles"]),
        tuple(counts[name] for name in ("population", "satisfied", "with_findings", "not_evaluated")),
        tuple(
            (
                c["control"],
                Control(c["in_place"], c["headcount"], tuple(c["missing"]), tuple(c["unknown"]), tuple(c["exempt"])),
            )
            for c in data["controls"]
        ),
        tuple(
            (row["vma"], COVER[span["state"]])
            for row in data["coverage"]
            for span in row["spans"]
            if span["start"] <= day.isoformat() <= span["end"]
        ),
        tuple(s["live_of_vmas"] + s["live_of_nobody"] for s in data["systems"] if s["complete"]),
    )


def of_html(page: str, day: date) -> Shown:
    """Read the HTML report."""
    sentence = re.search(r'<h1 id="verdict-title">(.*?)</h1>', page)
    assert sentence
    tiles = re.findall(r'<li class="tile (\w+)"><p class="tile-value">(.*?)</p>', page)
    sums = re.search(r'<div class="sum">.*?<p>(.*?)</p>', page, re.DOTALL)
    assert sums
    return Shown(
        heads(_plain(sentence[1])),
        tuple((_plain(value), state) for state, value in tiles),
        _numbers(re.findall(r"[\d,]+(?= [a-z])", _plain(sums[1]))),
        tuple(_controls(page)),
        tuple(_cover(page, day)),
        tuple(
            int(_plain(value))
            for value in re.findall(r'data-label="Live, of VMAs or nobody">(.*?)</td>', page)
            if "not read" not in value
        ),
    )


def _controls(page: str) -> Iterable[tuple[str, Control]]:
    for row in re.findall(r"<tr>(.*?)</tr>", _section(page, "headcount"), re.DOTALL)[1:]:
        cells = re.search(r'<th scope="row">(.*?)</th>.*?<strong>(\d+)</strong> of (\d+)</td>', row, re.DOTALL)
        assert cells
        named = {"missing": (), "cannot be told": (), "needs? none": ()} | {
            word: tuple(_plain(name) for name in re.findall(r'<bdi class="name">(.*?)</bdi>', line))
            for line in re.findall(r"<p>(.*?)</p>", row, re.DOTALL)
            for word in ("missing", "cannot be told", "needs? none")
            if re.search(rf"\d+ {word}</span>", line)
        }
        yield _plain(cells[1]), Control(int(cells[2]), int(cells[3]), *named.values())


def _cover(page: str, day: date) -> Iterable[tuple[str, str]]:
    words = {"Covered": "covered", "Not covered": "missing", "Cannot be told": "unknown"}
    table = _section(page, "coverage").split("Stretches of days")
    for row in re.findall(
        r'<tr><th scope="row">(.*?)</tr>', table[1].split("</table>")[0] if len(table) > 1 else "", re.DOTALL
    ):
        vma = re.search(r'<span class="id">(.*?)</span>', row)
        assert vma
        for line in re.findall(r"<li>(.*?)</li>", row.split('data-label="Coverage"')[1].split("</td>")[0], re.DOTALL):
            first, last = re.findall(r'datetime="([\d-]+)"', line)
            word = re.search(r"</svg>([\w ]+)</span>", line)
            assert word
            if first <= day.isoformat() <= last:
                yield _plain(vma[1]), words[word[1]]


def _section(page: str, id_: str) -> str:
    return page.split(f'<section id="{id_}"')[1].split("</section>", maxsplit=1)[0]


def _plain(markup: str) -> str:
    return unescape(_flat(re.sub(r"<[^>]*>", "", markup))).strip()


def _flat(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def _numbers(texts: Iterable[str]) -> tuple[int, ...]:
    return tuple(int(text.replace(",", "")) for text in texts)
