"""Handing a question over to somebody who can decide it better."""

from starlette.responses import Response

from auditor.review.outcomes import Done, NotYours, Refused, Repeated
from auditor.review_page.addresses import people_path, person_path, question_path
from auditor.review_page.answers import sentence
from auditor.review_page.office import Office
from auditor.review_page.person_page import changed
from auditor.review_page.views import Words
from auditor.web.visit import Visit


def hand_over(office: Office, visit: Visit) -> Response:
    """Ask to whom, and why."""
    return _show(office, visit)


def handed_over(office: Office, visit: Visit) -> Response:
    """Hand a question over, or say what is to be mended."""
    seen = office.campaign(visit)
    campaign, id_ = seen.campaign.id, visit.param("question")
    desk, who = office.own(visit), office.who(visit)
    view = desk.question(who, campaign, id_)
    visit.about = f"{campaign} {id_}"[:200]
    to = visit.form.text("to", max_length=100, default="")
    reason = " ".join(visit.form.text("reason", default="").split())
    outcome = desk.delegate(who, campaign, id_, visit.form.version, to=to, reason=reason, key=visit.form.key)
    if isinstance(outcome, Repeated):
        return visit.redirect(people_path(campaign), say="Handed over.")
    if view is None or isinstance(outcome, NotYours):
        raise visit.not_found()
    path = person_path(campaign, view.question.person)
    if isinstance(outcome, Done):
        name = office.desk.settings.reviewers[to].name
        left = desk.person(who, campaign, view.question.person)
        on = path if left is not None else people_path(campaign)
        if left is None and not office.takes_part(campaign, visit.person.id):
            on = "/"
        return visit.redirect(on, say=f"Handed over to {name}: {view.question.title}.")
    if isinstance(outcome, Refused) and outcome.field in ("to", "reason"):
        return _show(office, visit, {outcome.field: sentence(outcome.why)}, to, reason)
    return changed(office, visit, seen, path, outcome)


def _show(
    office: Office, visit: Visit, wrong: dict[str, str] | None = None, to: str = "", reason: str = ""
) -> Response:
    seen = office.campaign(visit)
    desk, who, id_ = office.own(visit), office.who(visit), visit.param("question")
    view = desk.question(who, seen.campaign.id, id_)
    if view is None:
        raise visit.not_found()
    words = Words(office.desk.timezone, office.titles, seen.closed)
    return visit.render(
        "review/hand_over.html.j2",
        status=422 if wrong else 200,
        campaign=seen.campaign,
        ask=words.ask(view, seen.campaign, view.question.person_name),
        takers=desk.may_take(who, seen.campaign.id, id_),
        wrong=wrong or {},
        to=to,
        reason=reason,
        path=question_path(seen.campaign.id, id_, "hand-over"),
        back=person_path(seen.campaign.id, view.question.person),
    )
