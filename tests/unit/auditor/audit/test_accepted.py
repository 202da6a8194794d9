"""Findings that somebody accepted until a day: told, counted apart, and open again afterwards."""

from dataclasses import replace
from datetime import date

import pytest

from auditor.audit.result import AuditResult, accepted
from auditor.exit_codes import FINDINGS, IN_STEP
from auditor.ledger.statements import Statement, StatementKind
from auditor.pipeline import exit_code
from auditor.reporting import build_report
from policies.engine.outcomes import Severity
from reports import html, json_report, text
from tests.builders import TODAY, Clinic, ago, ahead, in_step, noon


def with_excess() -> Clinic:
    return in_step().grant("ehr", "asantos", "acct/bill:view")


def exception(about: str, *, expires: date = TODAY, recorded: date = TODAY) -> Statement:
    return Statement(
        "lakeside",
        StatementKind.EXCEPTION,
        about,
        "",
        "Dr. Kim",
        ago(1),
        expires,
        "audit week",
        recorded_at=noon(recorded),
    )


def judged(*statements: Statement) -> AuditResult:
    plain = with_excess().judged()
    return replace(plain, accepted=accepted(plain.case, plain.findings, statements))


ID = next(iter(with_excess().judged().findings))


def test_an_accepted_finding_does_not_make_the_exit_code_and_is_told_in_every_format():
    taken = judged(exception(ID))
    assert exit_code(judged(), Severity.LOW) == FINDINGS
    assert exit_code(taken, Severity.LOW) == IN_STEP
    report = build_report(taken)
    assert report.headline.verdict == "in step"
    assert report.headline.explanation.startswith("no open findings; 1 accepted until a day")
    assert "nothing needs action today" in report.headline.sentence
    assert (report.counts["findings"], report.counts["accepted"]) == (1, 1)
    told = f"until {TODAY}, by Dr. Kim: audit week"
    for page in (html.render(report), json_report.render(report), text.render(report, width=120, colour=False)):
        assert told in page
        assert ID in page
    assert "Nothing to do" not in html.render(report)


@pytest.mark.parametrize(
    "statements",
    [
        [exception(ID, expires=ago(1))],
        [exception(ID, recorded=ahead(3))],  # an audit of then knows nothing of what was accepted later
        [exception("F-AAAAAAAAAA")],
        [
            exception(ID, expires=ahead(9)),
            Statement(
                "lakeside",
                StatementKind.WITHDRAWAL,
                exception(ID, expires=ahead(9)).id,
                "",
                "Dr. Kim",
                TODAY,
                recorded_at=noon(TODAY),
            ),
        ],
    ],
)
def test_one_that_is_over_withdrawn_later_or_of_another_finding_leaves_it_open(statements):
    still = judged(*statements)
    assert still.accepted == {}
    assert exit_code(still, Severity.LOW) == FINDINGS
