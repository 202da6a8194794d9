"""One person at a time: what they hold, what speaks for and against it, and what somebody decides about it."""

from collections.abc import Mapping, Sequence

from starlette.responses import Response

from auditor.review.desk import PersonView
from auditor.review.outcomes import Done, NotYours, Repeated, Stale
from auditor.review_page.addresses import people_path, person_of, person_path, question_path, sign_path
from auditor.review_page.answers import NOTHING, mend, read_answers, sentence
from auditor.review_page.office import CampaignSeen, Office
from auditor.review_page.views import MOST_QUESTIONS, Answer
from auditor.review_page.wrong import StaleLine, problems, stale_lines
from auditor.web.visit import Visit
from reports.words import plural


def person(office: Office, visit: Visit) -> Response:
    """Show one person with the own questions."""
    return _show(office, visit, office.campaign(visit))


def decide(office: Office, visit: Visit) -> Response:
    """
    Record what was chosen on the page of one person: all of it, or nothing.

    What is to be mended is shown on the same page with all that was typed (422); what changed meanwhile, with both
    states (409).
    """
    seen = office.campaign(visit)
    view = _view(office, visit, seen)
    asks = {ask.id: ask for ask in office.words(seen).asks(view)}
    answered = read_answers(visit.form, asks)
    if answered is None:
        raise visit.not_found()
    visit.about = f"{seen.campaign.id} {', '.join(one.question for one in answered.wanted)}"[:200]
    if answered.wrong:
        return _show(office, visit, seen, answers=answered.answers, status=422)
    if not answered.wanted:
        return _show(office, visit, seen, answers=answered.answers, status=422, nothing=NOTHING)
    outcomes = office.own(visit).decide_all(office.who(visit), answered.wanted)
    if any(isinstance(outcome, NotYours) for outcome in outcomes):
        raise visit.not_found()
    if all(isinstance(outcome, Done | Repeated) for outcome in outcomes):
        return _go_on(office, visit, seen, view, len(outcomes))
    stale = mend(answered, outcomes)
    return _show(office, visit, seen, answers=answered.answers, stale=stale, status=409 if stale else 422)


def undo(office: Office, visit: Visit) -> Response:
    """Take one decision back."""
    seen = office.campaign(visit)
    desk, who, id_ = office.own(visit), office.who(visit), visit.param("question")
    view = desk.question(who, seen.campaign.id, id_)
    if view is None:
        raise visit.not_found()
    visit.about = f"{seen.campaign.id} {id_}"
    path = person_path(seen.campaign.id, view.question.person)
    outcome = desk.undo(who, seen.campaign.id, id_, visit.form.version, key=visit.form.key)
    if isinstance(outcome, NotYours):
        raise visit.not_found()
    if isinstance(outcome, Done | Repeated):
        return visit.redirect(path, say=f"Taken back: {view.question.title}. It waits for your decision again.")
    return changed(office, visit, seen, path, outcome)


def changed(office: Office, visit: Visit, seen: CampaignSeen, path: str, outcome: object) -> Response:
    """Say that something could not be done to a question, and how it stands now."""
    words = office.words(seen)
    if isinstance(outcome, Stale):
        lines = stale_lines((outcome,), {}, words, lambda _id: "What you asked for")
        return visit.render("review/changed.html.j2", status=409, lines=lines, why="", path=path)
    why = sentence(str(getattr(outcome, "why", "")))
    return visit.render("review/changed.html.j2", status=409, lines=(), why=why, path=path)


def _go_on(office: Office, visit: Visit, seen: CampaignSeen, view: PersonView, decided: int) -> Response:
    """After a decision: the same person, the next one, or the last page before the signature."""
    campaign, here = seen.campaign.id, view.person.person
    tally = office.tally(visit, campaign, but=here)
    said = f"{plural(decided, 'decision')} saved for {view.person.name}. "
    left = f"{plural(tally.people_open, 'person', 'people')} left."
    said += left if tally.open else "That was the last one: read it and sign."
    cut = sum(one.open and not one.question.bulk for one in view.questions) > MOST_QUESTIONS
    if visit.form.text("then", default="") == "stay" or cut or (tally.open and not tally.after):
        return visit.redirect(person_path(campaign, here), say=said)
    return visit.redirect(person_path(campaign, tally.after) if tally.after else sign_path(campaign), say=said)


def _view(office: Office, visit: Visit, seen: CampaignSeen) -> PersonView:
    person_ = person_of(visit.param("person"))
    view = office.own(visit).person(office.who(visit), seen.campaign.id, person_)
    if view is None:
        raise visit.not_found()
    return view


def _show(
    office: Office,
    visit: Visit,
    seen: CampaignSeen,
    *,
    answers: Mapping[str, Answer] | None = None,
    stale: Sequence[Stale] = (),
    status: int = 200,
    nothing: str = "",
) -> Response:
    """Show the page; with answers, those that a form brought."""
    view = _view(office, visit, seen)
    given = dict(answers or {})
    words = office.words(seen)
    gone: tuple[StaleLine, ...] = ()
    if stale:
        legends = {ask.id: ask.legend for ask in words.asks(view)}
        gone = stale_lines(stale, given, words, lambda id_: legends.get(id_, id_))
        # An answer that was given to another state of the question is told, and never filled in again.
        given = {id_: answer for id_, answer in given.items() if id_ not in {one.question for one in stale}}
    asks = words.asks(view, given)
    waiting = [ask for ask in asks if ask.view.open and not seen.closed]
    campaign = seen.campaign.id
    tally = office.tally(visit, campaign, but=view.person.person)
    return visit.render(
        "review/person.html.j2",
        status=status,
        seen=seen,
        campaign=seen.campaign,
        person=view.person,
        path=person_path(campaign, view.person.person),
        people=people_path(campaign),
        progress=tally,
        asks=[ask for ask in waiting if not ask.question.bulk][:MOST_QUESTIONS],
        explained=[ask for ask in waiting if ask.question.bulk][:MOST_QUESTIONS],
        later=max(0, sum(not ask.question.bulk for ask in waiting) - MOST_QUESTIONS),
        decided=[ask for ask in asks if ask.decided is not None],
        problems=problems(waiting, nothing),
        stale=gone,
        skip=person_path(campaign, tally.after) if tally.after else "",
        undo=lambda ask: question_path(campaign, ask.id, "undo"),
        amend=lambda ask: question_path(campaign, ask.id, "amend"),
    )
