"""Whether it is settled whose the accounts are that the last audit saw: what `auditor doctor` says of it."""

from collections.abc import Iterator

from auditor.audit.inputs import read_inputs
from auditor.config import Config
from auditor.connecting.checks import Check, CheckState
from auditor.connecting.trial import counted
from auditor.history.projection import load_baseline
from auditor.store import Store
from connectors.errors import AuditorError
from policies.engine.candidates import candidates_of
from policies.engine.candidates_wording import how_to_settle, seems

SHOWN = 3
"""So many are named; the audit lists all."""


def check_accounts(config: Config) -> Iterator[Check]:
    """Yield the open questions of the last audit, if there are any; what cannot be read is told by other checks."""
    if not config.store.is_file():
        return
    try:
        inputs = read_inputs(config)
        with Store.look(config.store) as store:
            if not store.audits(config.practice.id):
                return
            case = load_baseline(config, inputs, store, None).case
    except AuditorError:
        return
    questions = [question for found in candidates_of(case).by_person.values() for question in found]
    if not questions:
        return
    more = f"; and {len(questions) - SHOWN} more" if len(questions) > SHOWN else ""
    found = "; ".join(seems(case, question) for question in questions[:SHOWN])
    advice = "; ".join(dict.fromkeys(how_to_settle(question) for question in questions[:SHOWN]))
    yield Check(
        "accounts",
        CheckState.WARNING,
        f"{counted(len(questions), 'question')} of whose they are: {found}{more}",
        advice,
    )
