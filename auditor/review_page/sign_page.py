"""The last page before the signature: everything that was decided, in sentences; what is signed is what is shown."""

from dataclasses import dataclass

from starlette.responses import Response

from auditor.review.outcomes import Done, NotYours, Refused, Repeated, Stale
from auditor.review.signing import Summary, SummaryLine
from auditor.review_page.addresses import people_path, person_path, sign_path
from auditor.review_page.answers import sentence
from auditor.review_page.names import signs
from auditor.review_page.office import CampaignSeen, Office
from auditor.review_page.people_page import PAGE, Pages, page_number
from auditor.review_page.views import DECIDED, Words
from auditor.web.visit import Visit

CHECK = "This was a check item: nobody holds it."
"""Told when the review is closed, and not before."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One line of what is signed."""

    tone: str
    word: str
    text: str
    path: str


def sign(office: Office, visit: Visit) -> Response:
    """Show the list."""
    return _show(office, visit)


def signed(office: Office, visit: Visit) -> Response:
    """Sign exactly the list that was shown; a list that changed meanwhile is shown anew (409)."""
    seen = office.campaign(visit)
    campaign, form = seen.campaign.id, visit.form
    visit.about = f"{campaign} signature"
    name = " ".join(form.text("name", default="").split())
    mark = form.text("mark", max_length=64, default="")
    if not form.text("agree", default=""):
        return _show(office, visit, {"agree": "Tick this, if it is so."}, name, status=422)
    if not signs(name, visit.person.name):
        return _show(office, visit, {"name": f"Type your own name: {visit.person.name}."}, name, status=422)
    outcome = office.own(visit).sign(office.who(visit), campaign, name=name, mark=mark, key=form.key)
    if isinstance(outcome, NotYours):
        raise visit.not_found()
    if isinstance(outcome, Done | Repeated):
        return visit.redirect(people_path(campaign), say="Signed. Thank you: your part of this review is done.")
    if isinstance(outcome, Stale):
        why = "This list has changed since you opened it: nothing was signed. Read it as it is now."
        return _show(office, visit, {"list": why}, name, status=409)
    wrong = {outcome.field or "list": sentence(outcome.why)} if isinstance(outcome, Refused) else {}
    return _show(office, visit, wrong, name, status=422)


def _show(
    office: Office, visit: Visit, wrong: dict[str, str] | None = None, name: str = "", status: int = 200
) -> Response:
    seen = office.campaign(visit)
    campaign = seen.campaign
    found = office.summary(visit, campaign.id)
    if found is None or not found.lines:
        raise visit.not_found()
    # The form to sign stands on the last part: what was sent from there is answered there.
    number = page_number(visit, len(found.lines)) if status == 200 else -(-len(found.lines) // PAGE)
    part = found.lines[PAGE * (number - 1) : PAGE * number]
    before = office.signed(campaign.id, visit.person.id)
    return visit.render(
        "review/sign.html.j2",
        status=status,
        seen=seen,
        campaign=campaign,
        summary=found,
        sentences=[_sentence(seen, line) for line in part],
        counts=_counts(found),
        may_sign=found.undecided == 0 and found.decided > 0 and not found.signed and not seen.closed,
        wrong=wrong or {},
        name=name,
        path=sign_path(campaign.id),
        people=people_path(campaign.id),
        pages=Pages.of(sign_path(campaign.id), number, len(found.lines)),
        before=before,
        signed_at=Words(office.desk.timezone, office.titles).moment(before.at) if before else "",
    )


def _sentence(seen: CampaignSeen, line: SummaryLine) -> Sentence:
    path = person_path(seen.campaign.id, line.question.person)
    if line.decision is not None:
        tone, word = DECIDED[line.decision.kind]
    else:
        tone, word = ("good", "Closed") if line.state.closed else ("plain", "Not decided")
    told = f" {CHECK}" if line.question.seeded and seen.closed else ""
    return Sentence(tone, word, sentence(line.says) + told, path)


def _counts(found: Summary) -> list[tuple[str, int]]:
    """Count the decisions by their kind."""
    return [
        (word, count)
        for kind, (_, word) in DECIDED.items()
        if (count := sum(line.decision is not None and line.decision.kind is kind for line in found.lines))
    ]
