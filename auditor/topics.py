"""
What can be attested: a closed list, because a word with a typing error would be signed, kept, and asked for again.

The topics are those that a checklist or a control asks for; a practice adds one with a control of its own.
"""

from collections.abc import Iterable
from difflib import get_close_matches

from auditor.gates.checklist import load_checklist
from auditor.lag.controls import Control
from connectors.errors import AuditorError, shorten

AFTER_CHECKS = ("sessions-ended", "shared-secrets", "service-secrets", "breach-assessment")
"""What the checks of the offboarding ask a person to say, where no system tells (`auditor.gates.leaver_checks`)."""


def known_topics(controls: Iterable[Control]) -> tuple[str, ...]:
    """Return every topic that an attestation can be about, sorted."""
    asked = {i.attested for name in ("onboarding", "offboarding") for i in load_checklist(name).items if i.attested}
    return tuple(sorted({*AFTER_CHECKS, *asked, *(c.topic for c in controls if c.topic)}))


def topic_of(topic: str, controls: Iterable[Control]) -> str:
    """Return a topic as it is asked for; raises `AuditorError` where nothing asks for it, with what may be meant."""
    known = known_topics(controls)
    if found := next((t for t in known if t.casefold() == topic.strip().casefold()), None):
        return found
    near = get_close_matches(topic.strip().casefold(), known, n=1)
    meant = f"; did you mean `{near[0]}`?" if near else ""
    raise AuditorError(
        f"nothing asks for an attestation of {shorten(topic)}{meant}",
        hint=f"one of: {', '.join(known)}; a control of the practice's own (`controls`) can ask for more",
    )
