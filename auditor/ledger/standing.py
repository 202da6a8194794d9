"""
Whether the working rows of a review say what its sealed ones do.

How a question stands (`review_state`) changes with every decision, so no seal covers it; yet pages, status, annexes and
`lag` read it. It follows from the decisions, signatures and events, which are sealed: where it says something else,
somebody edited it.
"""

from collections.abc import Iterable, Iterator, Mapping

from auditor.sqlite.untrusted import UntrustedFile
from connectors.errors import shorten

STATE = "review_state"
_Row = Mapping[str, object]
_Rows = Mapping[str, Iterable[_Row]]


def check_standing(
    file: UntrustedFile, campaign: str, sealed: _Rows, signings: Iterable[Mapping[str, int]]
) -> Iterator[str]:
    """
    Yield what is wrong with the working rows of one campaign, given its sealed ones by table.

    `signings` says of each signature's seal how far it covers each table: order decides what was signed, and no clock.
    """
    if not file.has(STATE):
        yield f"the file is damaged: there is no table `{STATE}`"
        return
    states = {str(row["question"]): row for row in file.rows(STATE, "campaign", campaign)}
    due = _due(sealed, _signed_upto(sealed, signings))
    for question in sorted(states.keys() ^ due.keys()):
        yield f"`{STATE}` does not hold the questions of the review {shorten(campaign)}: {shorten(question)}"
    for question, expected in sorted(due.items()):
        if question in states and (wrong := _wrong(states[question], expected)):
            yield (
                f"`{STATE}` was changed: what it says of {shorten(question)} in the review {shorten(campaign)} "
                f"({wrong}) is not what was decided"
            )


def _signed_upto(sealed: _Rows, signings: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Return the number of the last decision that each reviewer signed."""
    who = {row["id"]: str(row["reviewer"]) for row in sealed["review_signature"]}
    found: dict[str, int] = {}
    for upto in signings:
        reviewer = who.get(upto.get("review_signature"), "")
        found[reviewer] = max(found.get(reviewer, 0), upto.get("review_decision", 0))
    return found


def _due(sealed: _Rows, signed: Mapping[str, int]) -> dict[str, dict[str, object]]:
    """Return what each question's row is to say."""
    found: dict[str, dict[str, object]] = {
        str(q["question"]): {"reviewer": q["reviewer"], "person": q["person"], "risk": q["risk"], "decision": None,
                             "decided": None, "closed": None, "signed": 0}
        for q in sealed["review_question"]
    }  # fmt: skip
    for event in _in_order(sealed["review_event"]):
        row = found.get(str(event["question"]))
        if row is not None and event["kind"] in ("delegated", "escalated"):
            row["reviewer"] = event["reviewer"]
        elif row is not None and event["kind"] == "closed":
            row["closed"] = event["detail"]
    for decision in _in_order(sealed["review_decision"]):
        if (row := found.get(str(decision["question"]))) is not None:
            undone = decision["kind"] == "undone"
            row["decision"], row["decided"] = (None, None) if undone else (decision["kind"], decision["id"])
            row["signed"] = 0 if undone else _signed(decision, signed)
    return found


def _signed(decision: _Row, signed: Mapping[str, int]) -> int:
    number = decision["id"]
    covered = isinstance(number, int) and number <= signed.get(str(decision["reviewer"]), 0)
    return int(bool(decision["amends"]) or covered)


def _wrong(row: _Row, expected: _Row) -> str:
    return ", ".join(k for k, v in expected.items() if row.get(k) != v)


def _in_order(rows: Iterable[_Row]) -> list[_Row]:
    return sorted(rows, key=lambda row: str(row["id"]).zfill(20))
