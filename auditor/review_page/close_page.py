"""Closing a campaign: the officer signs that it ends like this; what nobody decided stays undecided for ever."""

from starlette.responses import Response

from auditor.review_page.addresses import officer_path
from auditor.review_page.answers import sentence
from auditor.review_page.names import signs
from auditor.review_page.office import Office
from auditor.review_page.officer_page import show
from auditor.web.visit import Visit
from connectors.errors import AuditorError


def closed(office: Office, visit: Visit) -> Response:
    """Close and seal; or say what is missing, and close nothing."""
    seen = office.campaign(visit, whole=True)
    campaign, form = seen.campaign, visit.form
    visit.about = f"{campaign.id} close"
    path = officer_path(campaign.id)
    if seen.closed:
        return visit.redirect(path, say="The review is closed.")
    because = " ".join(form.text("because", default="").split())
    name = " ".join(form.text("name", default="").split())
    if not signs(name, visit.person.name):
        return show(office, visit, seen, {"name": f"Type your own name: {visit.person.name}."}, because)
    try:
        office.close(campaign.id, by=visit.person.id, undecided_because=because)
    except AuditorError as error:
        office.overviews.forget()
        field = "because" if "not decided" in str(error) or "--undecided" in str(error) else "close"
        return show(office, visit, seen, {field: sentence(str(error))}, because)
    office.overviews.forget()
    return visit.redirect(path, say="Closed and sealed. `auditor verify` proves from now on that nobody changed it.")
