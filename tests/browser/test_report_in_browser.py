"""The HTML report as people meet it: from a mail attachment, on a phone, in the dark, on paper, without script."""

import re
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.report_sample import HEBREW, IMAGE, NAMES, SCRIPT, big, clean, first_audit, sample

PHONE = {"viewport": {"width": 390, "height": 844}}


def test_the_first_screen_says_the_verdict_and_what_to_do_first(open_report: Open) -> None:
    report = sample()
    page = open_report(report, viewport={"width": 1280, "height": 900})
    expect(page.get_by_role("heading", level=1)).to_have_text(report.headline.sentence)
    expect(page.locator(".verdict-word")).to_contain_text("Not in step")
    first = page.locator(".todo-item").first
    expect(first).to_be_in_viewport()
    expect(first).to_contain_text(report.findings[0].title)
    expect(first).to_contain_text("clear “Active”, then save")


def test_a_finding_shows_its_path_citation_and_remedy(open_report: Open) -> None:
    report = sample()
    finding = report.findings[0]
    article = open_report(report).locator(f"#{finding.id}")
    article.locator("summary").click()
    crumbs = article.locator(".crumb")
    expect(crumbs).to_have_count(len(finding.path) + 1)
    expect(crumbs.last).to_contain_text("45 CFR 164.308(a)(3)(ii)(C)")
    expect(article.locator(".remedy")).to_be_visible()
    expect(article.locator(".citations")).to_contain_text("addressable")
    expect(article.locator(".facts")).to_contain_text("disabled by the end of 31 Oct 2026")


def test_hostile_names_are_shown_as_text_and_run_nothing(open_report: Open) -> None:
    page = open_report(sample())
    main = page.locator("main")
    for name in (SCRIPT, IMAGE, HEBREW):
        expect(main.locator("bdi", has_text=name).first).to_be_attached()
    assert page.locator("img").count() == 0
    assert page.locator("script").count() == 1
    assert "\u202e" not in page.content()


def test_a_script_that_gets_in_anyway_does_not_run(open_report: Open, complaints: list[str]) -> None:
    """The content security policy is a real second wall, and not only a line in the head."""
    page = open_report(sample())
    page.evaluate(
        """() => {
            const script = document.createElement("script");
            script.textContent = "window.ran = true";
            document.body.append(script);
            document.body.insertAdjacentHTML("beforeend", "<p onclick='window.ran = true' id='trap'>click</p>");
            document.getElementById("trap").click();
        }"""
    )
    assert page.evaluate("window.ran") is None
    assert any("Content Security Policy" in line for line in complaints)
    complaints.clear()


def test_a_filter_lives_in_the_address_and_survives_a_reload(open_report: Open) -> None:
    page = open_report(sample())
    page.get_by_label("Filter findings").fill("dela cruz")
    shown = page.locator("article.finding:visible")
    expect(shown).to_have_count(3)
    expect(page.get_by_role("status")).to_contain_text("showing 3 of 16 findings")
    page.get_by_text("Person", exact=True).click()
    assert page.evaluate("location.hash") == "#?q=dela+cruz&by=person"
    page.reload()
    expect(shown).to_have_count(3)
    expect(page.get_by_label("Filter findings")).to_have_value("dela cruz")
    expect(page.locator(".group:visible .group-title")).to_have_text(["No single VMA1", "Jun dela Cruz · VMA-022"])
    page.get_by_role("button", name="Show all").click()
    expect(shown).to_have_count(16)
    assert page.evaluate("location.hash") == ""


@pytest.mark.parametrize(
    ("hash_", "count"),
    [
        ("#?severity=critical", 3),
        ("#?severity=critical,low", 6),
        ("#?new=1", 8),
        ("#?q=164.312", 3),
        ("#?by=nonsense", 16),
    ],
)
def test_a_filtered_view_is_a_link(open_report: Open, hash_: str, count: int) -> None:
    page = open_report(sample(), hash_=hash_)
    expect(page.locator("article.finding:visible")).to_have_count(count)


@pytest.mark.parametrize(("by", "groups"), [("person", 10), ("system", 3), ("rule", 12), ("severity", 4)])
def test_every_grouping_keeps_every_finding(open_report: Open, by: str, groups: int) -> None:
    page = open_report(sample(), hash_=f"#?by={by}")
    expect(page.locator(".group:visible")).to_have_count(groups)
    expect(page.locator("article.finding:visible")).to_have_count(16)


def test_a_link_to_a_finding_opens_it_even_when_a_filter_hides_it(open_report: Open) -> None:
    report = sample()
    page = open_report(report, hash_="#?severity=low")
    page.locator(".todo-item a").first.click()
    article = page.locator(f"#{report.findings[0].id}")
    expect(article.locator(".facts")).to_be_visible()
    expect(article).to_be_in_viewport()
    page.reload()
    expect(article.locator(".facts")).to_be_visible()


def test_the_copied_link_leads_to_the_finding(open_report: Open) -> None:
    report = sample()
    page = open_report(report, permissions=["clipboard-read", "clipboard-write"])
    target = report.findings[3].id
    page.get_by_label(f"Copy link to {target}").click()
    expect(page.locator(f"#{target} .copy")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == page.url.split("#")[0] + f"#{target}"


def test_without_script_everything_is_there(open_report: Open) -> None:
    report = sample()
    page = open_report(report, java_script_enabled=False)
    for finding in report.findings:
        article = page.locator(f"#{finding.id}")
        expect(article).to_be_visible()
        expect(article.locator(".remedy")).to_be_visible()
    expect(page.locator("form.tools")).to_be_hidden()
    expect(page.get_by_role("button", name="Print")).to_have_count(0)
    page.locator("article.finding summary").first.click()
    expect(page.locator("article.finding .facts").first).to_be_visible()


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_no_page_scrolls_sideways(open_report: Open, width: int) -> None:
    report = sample()
    long_name = "x" * 300
    rows = (replace(report.matrix[0], name=long_name), *report.matrix[1:])
    findings = (replace(report.findings[0], title=long_name, remedy=long_name), *report.findings[1:])
    report = replace(report, practice_name=long_name, matrix=rows, findings=findings)
    page = open_report(report, viewport={"width": width, "height": 844})
    page.evaluate("for (const more of document.querySelectorAll('details')) more.open = true")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_on_a_phone_the_matrix_becomes_cards(open_report: Open) -> None:
    page = open_report(sample(), **PHONE)
    first, second = page.locator(".matrix tbody tr").first.locator("td").all()[:2]
    one, two = first.bounding_box(), second.bounding_box()
    assert one is not None
    assert two is not None
    assert two["y"] >= one["y"] + one["height"]


def test_dark_and_light_follow_the_reader(open_report: Open) -> None:
    brightness = [_brightness(open_report(sample(), color_scheme=scheme)) for scheme in ("light", "dark")]
    assert brightness[0] > 0.9
    assert brightness[1] < 0.2


def _brightness(page: Page) -> float:
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return sum(int(part) for part in re.findall(r"\d+", colour)[:3]) / (3 * 255)


@pytest.mark.parametrize("script", [True, False])
def test_paper_shows_what_a_click_would_open_and_no_buttons(open_report: Open, script: bool) -> None:
    page = open_report(sample(), java_script_enabled=script, color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    for facts in page.locator("article.finding .facts").all():
        expect(facts).to_be_visible()
    expect(page.locator("details", has_text="to whom each was matched").locator("table")).to_be_visible()
    expect(page.locator(".top-actions")).to_be_hidden()
    expect(page.locator(".tools")).to_be_hidden()
    assert _brightness(page) == 1.0


def test_printing_opens_the_details_and_closes_them_again(open_report: Open) -> None:
    page = open_report(sample())
    open_now = "document.querySelectorAll('details[open]').length"
    assert page.evaluate(open_now) == 0
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate(open_now) == page.locator("details").count()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate(open_now) == 0
    assert page.pdf(format="Letter").startswith(b"%PDF")


def test_a_printed_summary_says_that_it_is_one(open_report: Open) -> None:
    page = open_report(sample())
    page.evaluate("window.print = () => dispatchEvent(new Event('beforeprint'))")
    page.get_by_role("button", name="Print summary").click()
    page.emulate_media(media="print")
    expect(page.locator(".summary-note")).to_be_visible()
    expect(page.locator("#findings")).to_be_hidden()
    expect(page.locator("#not-evaluated")).to_be_visible()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(page.locator(".summary-note")).to_be_hidden()
    expect(page.locator("#findings")).to_be_visible()


def test_an_annex_says_its_answer_while_it_is_folded_and_its_rows_when_it_is_opened(open_report: Open) -> None:
    page = open_report(sample(), viewport={"width": 420, "height": 900})
    privileged = page.locator("#annex-c")
    expect(privileged.locator(".annex-sentence")).to_be_visible()
    expect(privileged.locator(".badge").first).to_have_text("1 needs action")
    expect(privileged.locator(".annex-row").first).to_be_hidden()
    privileged.locator("summary").click()
    expect(privileged.locator(".annex-row")).to_have_count(2)
    expect(privileged.locator(".annex-row").first).to_contain_text(f"{SCRIPT}0")  # as text
    page.locator("#annex-administrators summary").click()
    expect(page.locator("#annex-administrators tbody tr")).to_have_count(2)
    assert page.evaluate("document.documentElement.scrollWidth") == 420
    expect(page.locator("#annex-a .badge").first).to_have_text("Not evaluated")
    expect(page.locator("#annex-f .badge").first).to_have_text("Nothing to list")


def test_orders_stand_first_by_urgency_and_claims_with_what_the_roster_says(open_report: Open) -> None:
    page = open_report(sample(), viewport={"width": 420, "height": 844})
    expect(page.locator("#orders .order")).to_have_count(2)
    expect(page.locator("#orders .order").first.locator(".badge")).to_have_text("Overdue by 33 days")
    expect(page.locator("#orders .order").last).to_contain_text("The practice has no clock for it")
    roster = "Confirmed by the roster"
    states = ["Not confirmed in time", "Contradicted", roster, "Not confirmed", roster]
    expect(page.locator("#orders .claim .badge")).to_have_text(states)
    expect(page.locator("#orders .ended-order").first).to_be_hidden()
    page.locator("#orders summary", has_text="2 orders ended").click()
    expect(page.locator("#orders .ended-order").first).to_contain_text("late")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_keyboard_reaches_the_verdict_first(open_report: Open) -> None:
    page = open_report(sample())
    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to the verdict")).to_be_focused()
    expect(page.get_by_text("Skip to the verdict")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_other_reports_open_without_complaint(open_report: Open) -> None:
    expect(open_report(clean()).locator(".todo")).to_contain_text("Nothing to do.")
    expect(open_report(first_audit()).locator("#changes")).to_contain_text("This is the first audit")
    page = open_report(big(600, 2_100))
    expect(page.locator("#findings .cut-note")).to_contain_text("600 findings")
    expect(page.locator("article.finding")).to_have_count(500)


def test_every_vma_has_a_row_in_the_matrix_and_in_the_coverage_picture(open_report: Open) -> None:
    page = open_report(sample())
    expect(page.locator(".matrix tbody tr")).to_have_count(len(NAMES))
    expect(page.locator(".gantt .lane:not(.axis)")).to_have_count(len(NAMES))
    expect(page.locator(".gantt rect.span-uncovered")).to_have_count(3)
