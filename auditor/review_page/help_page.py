"""What a review is, in plain words."""

from starlette.responses import Response

from auditor.review_page.office import SECONDS_EACH, Office
from auditor.web.visit import Visit


def help_(office: Office, visit: Visit) -> Response:
    """Say what to do, what each answer means, and what the officer sees of it."""
    return visit.render(
        "review/help.html.j2", seconds=SECONDS_EACH, checks=office.desk.settings.check_items, due=office.desk.settings
    )
