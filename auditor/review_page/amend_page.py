"""Deciding anew what was signed: the earlier decision stays, and the new one is sealed beside it."""

from starlette.responses import Response

from auditor.review.desk import QuestionView
from auditor.review.outcomes import Done, NotYours, Refused, Repeated
from auditor.review_page.addresses import person_path, question_path
from auditor.review_page.answers import NOTHING, mend, read_answers
from auditor.review_page.office import CampaignSeen, Office
from auditor.review_page.person_page import changed
from auditor.review_page.views import Answer, Words
from auditor.review_page.wrong import problems
from auditor.web.visit import Visit


def amend(office: Office, visit: Visit) -> Response:
    """Ask anew."""
    seen, view = _found(office, visit)
    return _show(office, visit, seen, view)


def amended(office: Office, visit: Visit) -> Response:
    """Record a decision after the signature; it is seen as one for ever."""
    seen, view = _found(office, visit)
    ask = Words(office.desk.timezone, office.titles).ask(view, seen.campaign, view.question.person_name)
    answered = read_answers(visit.form, {ask.id: ask})
    if answered is None or ask.id not in answered.answers:
        raise visit.not_found()
    visit.about = f"{seen.campaign.id} {ask.id} amended"
    answer = answered.answers[ask.id]
    if answered.wrong or not answered.wanted:
        return _show(office, visit, seen, view, answer=answer, nothing="" if answered.wrong else NOTHING)
    outcome = office.own(visit).amend(office.who(visit), answered.wanted[0])
    path = person_path(seen.campaign.id, view.question.person)
    if isinstance(outcome, NotYours):
        raise visit.not_found()
    if isinstance(outcome, Done | Repeated):
        return visit.redirect(path, say=f"Decided anew, and sealed as an amendment: {view.question.title}.")
    if isinstance(outcome, Refused) and outcome.field:
        mend(answered, (outcome,))
        return _show(office, visit, seen, view, answer=answer)
    return changed(office, visit, seen, path, outcome)


def _found(office: Office, visit: Visit) -> tuple[CampaignSeen, QuestionView]:
    seen = office.campaign(visit)
    view = office.own(visit).question(office.who(visit), seen.campaign.id, visit.param("question"))
    # What is neither signed nor closed is decided on the person's page, without an amendment.
    if view is None or view.decision is None or not (view.state.signed or seen.closed):
        raise visit.not_found()
    return seen, view


def _show(
    office: Office,
    visit: Visit,
    seen: CampaignSeen,
    view: QuestionView,
    *,
    answer: Answer | None = None,
    nothing: str = "",
) -> Response:
    words = Words(office.desk.timezone, office.titles, seen.closed)
    ask = words.ask(view, seen.campaign, view.question.person_name, answer)
    return visit.render(
        "review/amend.html.j2",
        status=422 if answer else 200,
        seen=seen,
        campaign=seen.campaign,
        ask=ask,
        problems=problems((ask,), nothing),
        path=question_path(seen.campaign.id, ask.id, "amend"),
        back=person_path(seen.campaign.id, view.question.person),
    )
