"""The page as bytes: hostile text stays text, nothing is loaded, nothing is cut silently, colours can be read."""

import base64
import hashlib
import json
import re
from dataclasses import replace
from datetime import date
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest

from reports import html, json_report
from reports.annex_view import ROWS_SHOWN
from reports.model import Report
from reports.view import FINDINGS_SHOWN, OWNERS_SHOWN
from tests.annex_sample import annexes
from tests.report_sample import IMAGE, OVERRIDE, SCRIPT, big, clean, finding_id, first_audit, sample

ASSETS = Path(html.__file__).parent / "assets"
VOID = {"meta", "link", "input", "br", "img"}
REPORTS = [sample, clean, first_audit]


class Page(HTMLParser):
    """What the tests ask of a page: balanced tags, ids, links, attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.scripts = 0
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            self.attributes.append((name, value or ""))
            if name == "id":
                self.ids.append(value or "")
            if name == "href":
                self.links.append(value or "")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open
        assert self.open.pop() == tag


def everywhere(text: str) -> Report:
    """Put a hostile text into every free text field that the sample has."""
    report = sample()
    finding = replace(
        report.findings[0],
        subject=text,
        title=text,
        observed=text,
        expected=text,
        remedy=text,
        rule_title=text,
        system_title=text,
        path=tuple(replace(step, text=text, id=text) for step in report.findings[0].path),
        citations=tuple(replace(c, id=text, text=text, nist=(text,)) for c in report.findings[0].citations),
    )
    event = replace(report.drift.events[0], name=text, detail=text, explained=(text,), owed=(text,), kind=text)
    change = replace(report.drift.unexplained[0], text=text, system=text)
    return replace(
        report,
        practice_name=text,
        headline=replace(report.headline, sentence=text, explanation=text),
        tiles=(replace(report.tiles[0], value=text, label=text, note=text),),
        controls=(replace(report.controls[0], control=text, missing=(text,), unknown=(text,)),),
        drift=replace(report.drift, events=(event,), unexplained=(change,), not_read=(text,), closed=(text,)),
        findings=(finding, *report.findings[1:]),
        not_evaluated=tuple(replace(n, rule_title=text, subjects=(text,), reason=text) for n in report.not_evaluated),
        rules=tuple(replace(r, title=text, question=text) for r in report.rules),
        systems=tuple(
            replace(s, title=text, source=text, product=text, reason=text, hint=text) for s in report.systems
        ),
        matrix=tuple(replace(m, name=text, roles=text, agency=text, status=text) for m in report.matrix),
        coverage=tuple(
            replace(c, name=text, chain=(text,), spans=tuple(replace(s, label=text) for s in c.spans))
            for c in report.coverage
        ),
        agreements=(replace(report.agreements[0], id=text, parties=text, kind=text, systems=text, seats=text),),
        owners=tuple(replace(o, login=text, name=text, owner=text, reason=text) for o in report.owners),
        next_change_reason=text,
        notes=(text,),
        accepted_drops=(text,),
    )


@pytest.mark.parametrize("make", REPORTS)
def test_a_page_is_well_formed_and_every_link_leads_somewhere(make) -> None:
    page = Page(html.render(make()))
    assert len(page.ids) == len(set(page.ids))
    inside = [link[1:] for link in page.links if link.startswith("#")]
    assert set(inside) <= set(page.ids)
    assert [link for link in page.links if not link.startswith("#")] == ["data:,"]


@pytest.mark.parametrize(
    "text", [SCRIPT, IMAGE, "</style><script>x()</script>", "`<b>` {{ 7*7 }}", "'\"--><!--", "</td>"]
)
def test_hostile_text_stays_text_wherever_it_stands(text: str) -> None:
    page = Page(html.render(everywhere(text)))
    assert page.tags.count("script") == 1
    assert page.tags.count("style") == 1
    assert not {"img", "b", "iframe"} & set(page.tags)
    assert page.tags.count("td") == Page(html.render(everywhere("harmless"))).tags.count("td")


def test_text_cannot_turn_around_or_hide_what_stands_beside_it() -> None:
    page = html.render(everywhere(f"{OVERRIDE}\x1b[31m\u200b\ud800"))
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b\x1b\ud800]", page)
    assert "Tomi ⟦U+202E⟧evitca⟦U+202C⟧ Okafor⟦U+001B⟧[31m⟦U+200B⟧⟦U+D800⟧" in page
    page.encode("utf-8")


@pytest.mark.parametrize("make", REPORTS)
def test_the_page_loads_nothing_and_has_no_inline_code(make) -> None:
    page = html.render(make())
    assert not re.search(r"\bsrc=|@import|url\((?!#)", page.split("<main")[0])
    names = {name for name, _ in Page(page).attributes}
    assert not any(name.startswith("on") for name in names)
    assert not names & {"style", "src", "srcset", "action", "formaction"}


def test_the_policy_allows_exactly_our_own_style_and_script() -> None:
    page = html.render(sample())
    policy = html_unescape(re.search(r'Content-Security-Policy" content="([^"]*)"', page))
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    for tag in ("style", "script"):
        body = re.search(rf"<{tag}>(.*?)</{tag}>", page, re.S)
        assert body is not None
        digest = base64.b64encode(hashlib.sha256(body.group(1).encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy


def html_unescape(match: re.Match[str] | None) -> str:
    assert match is not None
    return unescape(match.group(1))


def test_a_name_cannot_end_the_style_sheet_that_prints_it() -> None:
    page = html.render(replace(sample(), practice_name='"}</style><script>x()</script>\\'))
    style = page.split("<style>")[1].split("</style>")[0]
    margin = style.split("@top-left{content:")[1].split("}")[0]
    assert re.fullmatch(r'"(?:[0-9A-Za-z]|\\[0-9a-f]{6} )*"', margin)


def test_the_shell_is_small_enough_to_mail() -> None:
    assert len(html.render(clean()).encode()) < 300_000


def test_a_big_report_shows_the_most_severe_and_says_how_many_there_are() -> None:
    report = big(FINDINGS_SHOWN + 100, OWNERS_SHOWN + 50)
    page = html.render(report)
    shown = re.findall(r'<article class="finding ([a-z]+)"', page)
    assert len(shown) == FINDINGS_SHOWN
    assert shown.count("critical") == report.counts["critical"]
    words = " ".join(re.sub(r"<[^>]*>", "", page).split())
    assert "Showing the first 500 of 600 findings, the most severe. The other 100 are not on this page" in words
    assert "Showing the first 2,000 of 2,050 accounts, those of nobody first." in words
    assert len(page.encode()) < 4_000_000
    links = {link[1:] for link in Page(page).links if link.startswith("#")}
    assert links <= set(Page(page).ids)


def test_an_annex_with_many_rows_is_cut_and_says_so_and_json_has_them_all() -> None:
    report = replace(sample(), annexes=annexes(ROWS_SHOWN + 3))
    page = html.render(report)
    assert page.count('<li class="annex-row">') == ROWS_SHOWN
    assert f"<strong>{ROWS_SHOWN + 3} rows</strong>" in page
    rows = json.loads(json_report.render(report))["annexes"]["annexes"][1]["rows"]
    assert len(rows) == ROWS_SHOWN + 3


def test_a_report_at_its_limits_is_not_cut_and_says_nothing_of_it() -> None:
    assert "Showing the first" not in html.render(big(FINDINGS_SHOWN, OWNERS_SHOWN))


def test_a_cell_of_the_matrix_names_findings_that_are_not_on_the_page() -> None:
    report = sample()
    gone = finding_id("not", "on", "this", "page")
    cell = replace(report.matrix[0].cells[0], findings=(gone,))
    row = replace(report.matrix[0], cells=(cell, *report.matrix[0].cells[1:]))
    page = html.render(replace(report, matrix=(row, *report.matrix[1:])))
    assert f"<code>{gone}</code>" in page
    assert f'href="#{gone}"' not in page


def test_what_is_still_owed_links_to_its_finding() -> None:
    report = sample()
    assert f'[<a class="id-link" href="#{report.findings[0].id}">' in html.render(report)


def test_a_system_that_was_not_read_has_no_numbers() -> None:
    page = html.render(sample())
    row = page.split("<caption>Accounts =")[1].split("</table>")[0].split("Amazon Web Services")[1]
    assert row.count("not read") == 7
    assert not re.search(r">\d+<", row)


def test_a_report_without_a_ledger_entry_says_that_it_proves_nothing() -> None:
    page = html.render(first_audit())
    assert "This report has no ledger entry yet" in page
    assert "auditor verify" not in page


def test_a_report_never_says_that_anything_is_certified() -> None:
    words = html.render(clean()).lower()
    assert "supports compliance with" in words
    assert "hipaa certified" not in words
    assert "hipaa compliant" not in words
    assert "6 years" in words


@pytest.mark.parametrize(
    ("verdict", "looks"),
    [("in step", "good"), ("not in step", "bad"), ("not evaluable", "unknown"), ("a word nobody knows", "unknown")],
)
def test_only_in_step_looks_good(verdict: str, looks: str) -> None:
    report = sample()
    page = html.render(replace(report, headline=replace(report.headline, verdict=verdict)))
    assert f'<section id="verdict" class="verdict {looks}"' in page


def test_what_could_not_be_judged_is_told_with_cause_and_everybody_concerned() -> None:
    report = sample()
    section = html.render(report).split('id="not-evaluated"')[1].split("</section>")[0]
    words = unescape(" ".join(re.sub(r"<[^>]*>", "", section).split()))
    assert "Amazon Web Services was not read whole" in words
    assert "What to do: attach the managed policy SecurityAudit" in words
    assert words.count("9 subjects") == 2
    assert words.count("Maria Reyes (VMA-01)") == 2
    assert "Cause: the source does not say whether multi-factor sign-in is on" in words


def test_nothing_found_is_not_nothing_to_do_when_something_could_not_be_judged() -> None:
    counts = {**clean().counts, "not_evaluated": 1}
    page = html.render(replace(clean(), counts=counts))
    assert "Nothing to do." not in page
    assert "No finding in what could be judged" in page


def test_one_vma_engaged_for_one_day_has_a_bar() -> None:
    report = sample()
    day = date(2026, 2, 28)
    span = replace(report.coverage[0].spans[0], start=day, end=day)
    row = replace(report.coverage[0], engagement=(day, day), spans=(span,))
    page = html.render(replace(report, coverage=(row,)))
    assert 'class="span-covered" x="15.890%" width="0.274%"' in page  # day 59 of 365


def _tokens(block: str) -> dict[str, tuple[float, float, float]]:
    found = re.findall(r"--([\w-]+): #([0-9a-f]{6});", block)
    return {name: tuple(int(code[i : i + 2], 16) / 255 for i in (0, 2, 4)) for name, code in found}  # type: ignore[misc]


def _contrast(one: tuple[float, float, float], other: tuple[float, float, float]) -> float:
    """Source: WCAG 2.2, definitions of contrast ratio and relative luminance."""

    def luminance(colour: tuple[float, float, float]) -> float:
        red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "name", ["ink", "soft", "accent", "critical", "high", "medium", "low", "good", "bad", "unknown"]
)
def test_every_text_colour_can_be_read_on_every_ground(scheme: str, name: str) -> None:
    light, dark = (ASSETS / "base.css").read_text().split("@media screen and (prefers-color-scheme: dark)")
    tokens = _tokens(light) | (_tokens(dark) if scheme == "dark" else {})
    tint = {"light": 0.09, "dark": 0.13}[scheme]
    colour, surface = tokens[name], tokens["surface"]
    tinted = tuple(c * tint + s * (1 - tint) for c, s in zip(colour, surface, strict=True))
    for ground in (tokens["ground"], surface, tokens["raised"], tinted):
        assert _contrast(colour, ground) >= 4.5  # type: ignore[arg-type]
