"""
The review's pages in a real browser: the whole way without a script, what axe-core finds, and what it does not see.

One server and one practice for all of it; every page is watched for messages of the console and requests elsewhere.
"""

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from auditor.cli import run
from auditor.ledger.keys import public_path
from auditor.review_records import QuestionKind
from auditor.store import Store
from auditor.web.cookies import COOKIE
from auditor.web.sign_in.links import issue_link
from tests.review_practice import Reviewed, question, who
from tests.review_site import Made
from tests.servers.pages import Served, served
from tests.web_visits import Visitor

AXE = (Path(__file__).parent / "axe.min.js").read_text(encoding="utf-8")
AXE_SHA256 = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
WHY = "she covers the charges while Eve is on leave"
STATUS = re.compile(r"Failed to load resource: the server responded with a status of (?:404|409|422) ")


@dataclass
class Review:
    """The practice, its server, and what pages complained of."""

    made: Made
    store: Store
    server: Served
    complaints: list[str] = field(default_factory=list)

    @property
    def base(self) -> str:
        return f"{self.server.origin}/review/{self.made.campaign}"

    def link(self, person: str) -> str:
        """Return the address of a link, as a letter has it."""
        shell = self.server.app.state.shell
        life, now = timedelta(hours=1), self.made.reviewed.clock()
        issued = issue_link(shell.store, shell.site.people[person], "test", by="test", at=now, life=life)
        return f"{self.server.origin}{issued.path}"

    def question(self, reviewer: str, person: str, kind: QuestionKind) -> str:
        desk = self.made.reviewed.desk(self.store)
        return question(desk, reviewer, self.made.campaign, person, kind).question.question

    def watch(self, page: Page) -> Page:
        page.on("console", lambda message: self._told(message.text))
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("dialog", lambda dialog: (self.complaints.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("request", lambda request: self._asked(request.url))
        return page

    def _told(self, text: str) -> None:
        if not STATUS.match(text):  # that a page is an error page is what its test asks for
            self.complaints.append(f"console: {text}")

    def _asked(self, url: str) -> None:
        if not url.startswith(self.server.origin + "/"):
            self.complaints.append(f"request: {url}")


@pytest.fixture(scope="module")
def review(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Review]:
    reviewed = Reviewed.made(tmp_path_factory.mktemp("review"))
    made = Made(reviewed, reviewed.open().campaign.id)
    with Store.open(reviewed.path) as store, served(lambda origin: made.site(store, origin)) as server:
        yield Review(made, store, server)


@pytest.fixture
def as_(review: Review, browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open a page as somebody who is signed in; fail at the end when any page complained or asked elsewhere."""
    contexts: list[BrowserContext] = []

    def open_it(person: str | None, **options: Any) -> Page:
        context = browser.new_context(
            **{"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce", **options}
        )
        contexts.append(context)
        if person is not None:
            value = Visitor(review.server.app).sign_in(person).value
            one = {"name": COOKIE, "value": value, "domain": "127.0.0.1", "path": "/", "secure": True}
            context.add_cookies([one])  # type: ignore[list-item]
        return review.watch(context.new_page())

    yield open_it
    for context in contexts:
        context.close()
    found, review.complaints = review.complaints, []
    assert found == []


def test_what_is_vendored_is_what_its_makers_published() -> None:
    assert hashlib.sha256(AXE.encode()).hexdigest() == AXE_SHA256


def arrive(page: Page, url: str) -> None:
    """Go somewhere, and wait until the page has put the focus where it begins: whoever is quicker has it elsewhere."""
    page.goto(url)
    settled(page)


def settled(page: Page) -> None:
    start = page.locator("[autofocus]")
    if start.count():
        expect(start).to_be_focused()


# ---- every page, looked at by axe and by us ----

LOOKS = """() => {
  const shown = e => e.checkVisibility({visibilityProperty: true}) && e.getClientRects().length > 0;
  const name = e => (e.getAttribute('aria-label') || e.innerText || e.textContent).replace(/\\s+/g, ' ').trim();
  const wrong = [];
  for (const radio of document.querySelectorAll('input[type=radio]')) {
    const group = radio.closest('fieldset'), legend = group && group.querySelector('legend');
    if (!legend || legend.textContent.trim().length < 10) wrong.push('a choice without its question: ' + radio.name);
  }
  const seen = new Map();
  for (const e of document.querySelectorAll('main a[href], main button')) {
    if (!shown(e)) continue;
    const key = e.tagName + ' ' + e.textContent.replace(/\\s+/g, ' ').trim();
    const where = e.href || e.form.action + ' ' + e.value;
    if (seen.has(key) && seen.get(key) !== where) wrong.push('two of one name: ' + key);
    seen.set(key, where);
  }
  for (const e of document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')) {
    if (!shown(e) || e.classList.contains('skip')) continue;
    // A link within a sentence has the height of its line (WCAG 2.2, 2.5.8, "inline").
    const around = e.parentElement, rest = around.innerText.length - e.innerText.length;
    if (e.tagName === 'A' && /^(P|LI)$/.test(around.tagName) && rest > 5) continue;
    const label = e.labels && e.labels.length ? e.labels[0] : e;
    const box = (/radio|checkbox/.test(e.type || '') ? label : e).getBoundingClientRect();
    if (Math.min(box.width, box.height) < 24) wrong.push('too small: ' + e.outerHTML.slice(0, 120) + ' ' + box.height);
  }
  for (const e of document.querySelectorAll('[aria-describedby], [aria-labelledby]')) {
    const named = ['aria-describedby', 'aria-labelledby'].map(a => e.getAttribute(a) || '').join(' ');
    for (const id of named.split(/\\s+/)) {
      if (id && !document.getElementById(id)) wrong.push('nothing has the id ' + id);
    }
  }
  for (const e of document.querySelectorAll('[aria-invalid=true]')) {
    const by = (e.getAttribute('aria-describedby') || '').split(/\\s+/).map(id => document.getElementById(id));
    if (!by.some(one => one && one.classList.contains('wrong'))) wrong.push('a fault without its words: ' + e.id);
  }
  for (const e of document.querySelectorAll('#problem a[href^="#"]')) {
    const target = document.getElementById(e.getAttribute('href').slice(1));
    if (!target || !shown(target)) wrong.push('a problem leads nowhere: ' + e.getAttribute('href'));
  }
  if (document.querySelectorAll('h1').length !== 1) wrong.push('not one h1');
  if (document.querySelector('script')) wrong.push('a script');
  let level = 0;
  for (const h of document.querySelectorAll('h1, h2, h3, h4')) {
    if (!shown(h)) continue;
    const now = +h.tagName[1];
    if (level && now > level + 1) wrong.push('a level of headings is left out before: ' + name(h));
    level = now;
  }
  return wrong;
}"""
SPACED = """* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }
p { margin-bottom: 2em !important }"""


def looked_at(page: Page, where: str) -> None:
    """Look at a page as it stands: by axe in both schemes, at every width, with wider text."""
    page.set_viewport_size({"width": 1280, "height": 900})
    assert page.evaluate(LOOKS) == [], where
    page.evaluate(AXE)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        found = page.evaluate(
            "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})", WCAG
        )
        told = [(v["id"], [n["html"][:200] for n in v["nodes"]][:3]) for v in found["violations"]]
        assert told == [], f"{where}, {scheme}"
    page.emulate_media(color_scheme="light")
    for width in (768, 320):
        page.set_viewport_size({"width": width, "height": 640})
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert over <= 0, f"{where} is {over} px too wide at {width}"
    # WCAG 2.2, 1.4.12: nothing is cut when text is spaced.
    page.evaluate(
        "css => { const s = new CSSStyleSheet(); s.replaceSync(css); document.adoptedStyleSheets.push(s); }", SPACED
    )
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), where
    page.set_viewport_size({"width": 1280, "height": 900})


def test_every_page_of_a_reviewer_is_for_everybody(review: Review, as_: Callable[..., Page]) -> None:
    ana, excess = f"{review.base}/person/ana", review.question("dana", "ana", QuestionKind.EXCESS)
    page = as_("dana")
    arrive(page, review.server.origin)
    expect(page).to_have_url(review.base)
    looked_at(page, "my people")
    for path in ("/help", f"/review/{review.made.campaign}/sign", "/nowhere"):
        arrive(page, review.server.origin + path)
        looked_at(page, path)
    arrive(page, ana)
    for details in page.locator("details").all():
        details.locator("summary").click()
    page.locator(f"[name='kind:{excess}'][value=exception]").check()
    looked_at(page, "a person")
    page.get_by_role("button", name="Save and stay").click()
    expect(page.locator("#problem")).to_be_focused()
    expect(page).to_have_title(re.compile(r"^Error: Ana Reyes"))
    expect(page.locator("[aria-invalid=true]")).to_have_count(1)
    looked_at(page, "what is to be mended")
    page.locator("#problem a").first.click()
    expect(page.locator(f"#until-{excess}")).to_be_focused()
    arrive(page, f"{review.base}/question/{excess}/hand-over")
    page.get_by_role("button", name="Hand over").click()
    expect(page.locator("#problem")).to_be_focused()
    looked_at(page, "to whom, to be mended")


def test_a_stale_tab_is_told_both_states(review: Review, as_: Callable[..., Page]) -> None:
    ben = review.question("dana", "ben", QuestionKind.EXPLAINED)
    page = as_("dana")
    arrive(page, f"{review.base}/person/ben")
    page.locator(f"[name='kind:{ben}'][value=keep]").check()
    desk, campaign = review.made.reviewed.desk(review.store), review.made.campaign
    view = desk.question(who("dana"), campaign, ben)
    assert view is not None
    desk.decide(who("dana"), review.made.reviewed.wanted(view, "keep"))
    page.get_by_role("button", name="Save and stay").click()
    expect(page.locator("#problem")).to_be_focused()
    expect(page.locator("#problem")).to_contain_text("Keep, by Dana Ortiz")
    looked_at(page, "both states")
    settled(page)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status")).to_contain_text("Taken back")
    expect(page.get_by_role("heading", level=1)).to_be_focused()


def test_the_pages_of_officer_and_auditor_are_for_everybody(review: Review, as_: Callable[..., Page]) -> None:
    page = as_("sam")
    arrive(page, review.server.origin)
    looked_at(page, "all reviews")
    for name in ("progress", "open", "people", "removals"):
        arrive(page, f"{review.base}/{name}")
        for details in page.locator("details:not([open])").all():
            details.locator("summary").click()
        looked_at(page, name)
    arrive(page, f"{review.base}/progress")
    page.locator("summary").click()
    page.get_by_role("button", name="Close and seal").click()
    expect(page.locator("#problem")).to_be_focused()
    looked_at(page, "closing, to be mended")
    auditor = as_("ada")
    arrive(auditor, f"{review.base}/read/ana")
    looked_at(auditor, "a person, to read")
    expect(auditor.locator("main form")).to_have_count(0)


def test_signing_in_is_for_everybody(review: Review, as_: Callable[..., Page]) -> None:
    page = as_(None)
    for path in ("/sign-in", "/l/" + "x" * 43, "/signed-out"):
        arrive(page, review.server.origin + path)
        looked_at(page, path)
    arrive(page, review.link("dana"))
    looked_at(page, "a link")


FOCUSED = """() => {
  const e = document.activeElement;
  if (!e || e === document.body) return null;
  const box = e.getBoundingClientRect();
  const x = box.left + Math.min(box.width / 2, 40), y = box.top + Math.min(box.height / 2, 20);
  const top = document.elementFromPoint(x, y);
  const look = n => getComputedStyle(n).outlineStyle !== 'none' && parseFloat(getComputedStyle(n).outlineWidth) > 0;
  const label = e.closest('label');
  return {what: e.outerHTML.slice(0, 90), inside: box.top >= 0 && box.bottom <= innerHeight + 1 && box.left >= 0,
          covered: !(top && (top === e || e.contains(top) || top.contains(e) || (label && label.contains(top)))),
          ring: look(e) || !!(label && look(label)), radio: e.type === 'radio' ? e.name : null};
}"""


@pytest.mark.parametrize("size", [(1280, 900), (375, 640), (640, 450)], ids=["wide", "phone", "zoomed"])
def test_by_the_keyboard_alone_every_field_is_reached_seen_and_not_covered(
    review: Review, as_: Callable[..., Page], size: tuple[int, int]
) -> None:
    scale = 2 if size == (640, 450) else 1  # 200 % of 1280 px
    page = as_("dana", viewport={"width": size[0], "height": size[1]}, device_scale_factor=scale)
    arrive(page, f"{review.base}/person/ana")
    seen, groups = [], set()
    for _ in range(80):
        page.keyboard.press("Tab")
        now = page.evaluate(FOCUSED)
        if now is None:
            break
        seen.append(now["what"])
        groups |= {now["radio"]} - {None}
        assert now["inside"], now
        assert not now["covered"], now
        assert now["ring"], now
    assert len(groups) == 2
    assert any("Save and" in what or 'value="next"' in what for what in seen)
    assert "skip" not in seen[0], "the h1 has the focus first: Tab goes on from there"


def test_colours_that_the_system_forces_and_paper_show_everything(review: Review, as_: Callable[..., Page]) -> None:
    page = as_("dana", forced_colors="active", reduced_motion="reduce")
    arrive(page, f"{review.base}/person/ana")
    page.locator("input[type=radio]").first.check()
    borders = page.evaluate("[...document.querySelectorAll('.choice')].map(e => getComputedStyle(e).borderTopWidth)")
    assert borders[0] == "3px"
    assert borders[1] == "1px"
    page.emulate_media(media="print")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    expect(page.locator("button:visible")).to_have_count(0)
    expect(page.locator(".ask-why").first).to_be_visible()


# ---- the whole way ----


def test_the_whole_way_from_the_letter_to_the_proof_without_a_script(
    review: Review, as_: Callable[..., Page], capsys: pytest.CaptureFixture[str]
) -> None:
    page = as_(None, java_script_enabled=False, viewport={"width": 375, "height": 800})
    arrive(page, review.link("dana"))
    page.get_by_role("button", name="Sign in as Dana Ortiz").click()
    expect(page).to_have_url(review.base)
    expect(page.get_by_role("heading", level=1)).to_have_text("3 people wait for you")
    page.get_by_role("link", name="Begin with Cal Reyes").click()

    settled(page)
    # Decide by the keyboard: Tab to the first answer, Space, and Enter in a field sends.
    remove = page.get_by_label("Remove", exact=False).first
    remove.focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Save and next person").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("1 decision saved for Cal Reyes. 2 people left.")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ana Reyes")

    # Against the advice a reason is asked for; then she takes it back, and decides otherwise.
    charges = page.get_by_role("group", name=re.compile("Ana Reyes: Can .*beyond the scheduler role")).first
    expect(charges.get_by_label(re.compile("^Why"))).to_be_hidden()
    charges.get_by_role("radio", name="Keep").check()
    expect(charges.get_by_label(re.compile("^Why"))).to_be_visible()
    page.get_by_role("button", name="Save and stay here").click()
    expect(page.locator("#problem")).to_contain_text("10 characters or more")
    charges.get_by_label(re.compile("^Why")).fill(WHY)
    page.get_by_role("button", name="Save and stay here").click()
    expect(page.get_by_role("status")).to_contain_text("1 decision saved for Ana Reyes")
    page.get_by_role("button", name=re.compile("^Undo")).click()
    expect(page.get_by_role("status")).to_contain_text("It waits for your decision again")

    # She does not know it: Morgan decides.
    charges.get_by_role("link", name=re.compile("Somebody else should decide")).click()
    page.get_by_label("Who knows better?").select_option(label="Morgan Lee")
    page.get_by_label(re.compile("^Why")).fill("he assigns the charges")
    page.get_by_role("button", name="Hand over").click()
    expect(page.get_by_role("status")).to_contain_text("Handed over to Morgan Lee")
    for _ in ("Ana", "Ben"):
        page.get_by_role("radio", name=re.compile("all of it is needed")).check()
        page.get_by_role("button", name=re.compile("^Save")).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Read this once more, then sign")
    expect(page.locator(".sentences li")).to_have_count(3)
    page.get_by_label(re.compile("I decided these 3 questions myself")).check()
    page.get_by_label(re.compile("^Your name")).fill("Dana Ortiz")
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Done: everything is decided and signed")

    morgan = as_(None, java_script_enabled=False)
    arrive(morgan, review.link("morgan"))
    morgan.get_by_role("button", name="Sign in as Morgan Lee").click()
    expect(morgan.get_by_role("link", name="Ana Reyes", exact=True)).to_be_visible()
    morgan.locator("a.button").click()
    while "/person/" in morgan.url:
        for group in morgan.locator("fieldset.ask").all():
            advised = group.get_by_text("Advice: Keep it.")
            group.locator("input[value=keep]" if advised.count() else "input[value=remove]").check()
        morgan.get_by_role("button", name=re.compile("^Save")).first.click()
        expect(morgan.locator("#problem")).to_have_count(0)
    morgan.get_by_label(re.compile("I decided these")).check()
    morgan.get_by_label(re.compile("^Your name")).fill("Morgan Lee")
    morgan.get_by_role("button", name="Sign", exact=True).click()

    review.made.reviewed.now += timedelta(minutes=1)
    officer = as_("sam", java_script_enabled=False)
    arrive(officer, f"{review.base}/progress")
    expect(officer.get_by_role("heading", level=1)).to_contain_text("it can be closed")
    officer.get_by_label(re.compile("^Your name")).fill("Sam Kim")
    officer.get_by_role("button", name="Close and seal").click()
    expect(officer.get_by_role("status")).to_contain_text("Closed and sealed")
    expect(officer.get_by_role("heading", level=1)).to_contain_text("Closed:")

    path = review.made.reviewed.path
    key = public_path(path.with_suffix(".key")).read_text().strip()
    capsys.readouterr()
    assert run(["verify", str(path), "--key", key]) == 0
