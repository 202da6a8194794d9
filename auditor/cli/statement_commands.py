"""The commands that record what a person states: attest, approve, accept, confirm, withdraw, statements."""

from pathlib import Path
from typing import Annotated

import typer

from auditor.cli.options import ConfigFile, Format, OutputFormat, example

By = Annotated[str, typer.Option("--by", help="Who states it: a person, not a department.")]
On = Annotated[str | None, typer.Option("--on", metavar="DAY", help="The day on which it was so; default: today.")]
Expires = Annotated[str | None, typer.Option("--expires", metavar="DAY", help="The last day on which it holds.")]
Config = Annotated[Path | None, typer.Option("--config", help="The same, as an option.")]
ConfigAfter = Annotated[
    Path | None, typer.Argument(metavar="[CONFIG]", help="The practice's configuration.", show_default="auditor.yaml")
]


def add_statement_commands(app: typer.Typer) -> None:
    """Add them to the application."""
    attest = "auditor attest VMA-07 training --by 'Dana Ortiz' --document cert.pdf"
    approve = "auditor approve VMA-07 'ehr: Front Office' --by 'Dr. Kim' --requested-by 'Dana Ortiz'"
    accept = "auditor accept F-ABCDEFGHIJ --by 'Dr. Kim' --requested-by 'Dana Ortiz' --reason … --expires DAY"
    app.command("attest", epilog=example(attest))(_attest)
    app.command("approve", epilog=example(approve))(_approve)
    app.command("accept", epilog=example(accept))(_accept)
    confirm = "auditor confirm VMA-07 ehr:praghunathan2 --is-theirs --by 'Dana Ortiz'"
    app.command("confirm", epilog=example(confirm))(_confirm)
    app.command("withdraw", epilog=example("auditor withdraw S-0123456789 --by 'Dana Ortiz'"))(_withdraw)
    correct = "auditor correct-time 12 2026-11-30T08:00:00Z --by 'Dana Ortiz' --reason 'the clock was ten years ahead'"
    app.command("correct-time", epilog=example(correct))(_correct_time)
    app.command("statements", epilog=example("auditor statements auditor.yaml --as-of 2026-09-30"))(_statements)


def _chosen(*given: Path | None) -> Path:
    return next((path for path in given if path is not None), Path("auditor.yaml"))


def _attest(
    vma: Annotated[str, typer.Argument(help="The VMA's id on the roster.")],
    topic: Annotated[str, typer.Argument(help="What is attested, such as `training`, `screening`, `workstation`.")],
    by: By,
    config_file: ConfigAfter = None,
    *,
    on: On = None,
    expires: Expires = None,
    document: Annotated[
        Path | None, typer.Option(help="The document that proves it; only its SHA-256 and its name are kept.")
    ] = None,
    reason: Annotated[str, typer.Option(help="A remark.")] = "",
    config: Config = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """
    Record what no machine can see: that a VMA was trained, screened, or works at a checked workstation.

    The statement is signed, dated and never changed; `auditor withdraw` ends it.
    """
    from auditor.cli.state import day_of, run_state  # noqa: PLC0415
    from auditor.ledger.statements import Statement, StatementKind, hash_document  # noqa: PLC0415

    digest = hash_document(document) if document else None
    return run_state(
        _chosen(config, config_file),
        lambda practice, today: Statement(
            practice,
            StatementKind.ATTESTATION,
            vma,
            topic,
            by,
            day_of(on, "--on") or today,
            expires=day_of(expires, "--expires"),
            reason=reason,
            document=digest,
            document_name=document.name if document else None,
        ),
        as_json=output.is_json,
    )


def _approve(
    vma: Annotated[str, typer.Argument(help="The VMA's id on the roster.")],
    access: Annotated[str, typer.Argument(help="What is approved, as `system: entitlement`.")],
    by: By,
    config_file: ConfigAfter = None,
    *,
    requested_by: Annotated[str, typer.Option(help="Who asked for it; somebody else than who approves.")],
    on: On = None,
    expires: Expires = None,
    reason: Annotated[str, typer.Option(help="What it is for.")] = "",
    config: Config = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """Record that access was asked for, and approved by somebody else, so that it is no unexplained change."""
    from auditor.cli.state import day_of, run_state  # noqa: PLC0415
    from auditor.ledger.statements import Statement, StatementKind  # noqa: PLC0415

    return run_state(
        _chosen(config, config_file),
        lambda practice, today: Statement(
            practice,
            StatementKind.REQUEST,
            vma,
            access,
            by,
            day_of(on, "--on") or today,
            expires=day_of(expires, "--expires"),
            reason=reason,
            requested_by=requested_by,
        ),
        as_json=output.is_json,
    )


def _accept(
    finding: Annotated[str, typer.Argument(help="The finding's id, such as F-ABCDEFGHIJ.")],
    by: By,
    config_file: ConfigAfter = None,
    *,
    reason: Annotated[str, typer.Option(help="Why the risk is accepted; for a critical finding, a sentence.")],
    expires: Annotated[str, typer.Option(metavar="DAY", help="The last day on which it is accepted.")],
    requested_by: Annotated[
        str | None, typer.Option(help="Who asks for it, somebody else: needed where the finding is critical.")
    ] = None,
    config: Config = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """Record an exception: a finding is accepted until a day, with the reason and the name of who accepts it."""
    from auditor.cli.state import day_of, run_state  # noqa: PLC0415
    from auditor.ledger.statements import Statement, StatementKind  # noqa: PLC0415

    return run_state(
        _chosen(config, config_file),
        lambda practice, today: Statement(
            practice,
            StatementKind.EXCEPTION,
            finding,
            "",
            by,
            today,
            expires=day_of(expires, "--expires"),
            reason=reason,
            requested_by=requested_by,
        ),
        as_json=output.is_json,
    )


def _confirm(
    person: Annotated[str, typer.Argument(help="The id of the VMA, or of a member of staff.")],
    account: Annotated[str, typer.Argument(help="The account, as `system:log-in`.")],
    by: By,
    config_file: ConfigAfter = None,
    *,
    theirs: Annotated[bool, typer.Option("--is-theirs/--is-not-theirs", help="Whether the account is theirs.")],
    reason: Annotated[str, typer.Option(help="How that is known.")] = "",
    requested_by: Annotated[
        str | None,
        typer.Option(help="Who asks for it, somebody else: needed where the account carries an id or address."),
    ] = None,
    config: Config = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """
    Record whose an account is, or is not: what no name, log-in or e-mail address settles.

    It is signed, counts in every audit from now on, and `auditor withdraw` ends it. That an account is not somebody's
    is asked again when its name, address or log-in changes. Where the account carries an id, an e-mail address or a
    stated log-in that says otherwise, it takes a reason and two people.
    """
    from auditor.cli.confirm import run_confirm  # noqa: PLC0415

    path = _chosen(config, config_file)
    return run_confirm(
        path,
        person,
        account,
        theirs=theirs,
        by=by,
        reason=reason,
        requested_by=requested_by,
        as_json=output.is_json,
    )


def _withdraw(
    statement: Annotated[str, typer.Argument(help="The statement's id, such as S-0123456789.")],
    by: By,
    config_file: ConfigAfter = None,
    *,
    reason: Annotated[str, typer.Option(help="Why it no longer holds.")] = "",
    config: Config = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """End a statement; it stays in the history, with the day on which it was withdrawn."""
    from auditor.cli.state import run_state  # noqa: PLC0415
    from auditor.ledger.statements import Statement, StatementKind  # noqa: PLC0415

    return run_state(
        _chosen(config, config_file),
        lambda practice, today: Statement(practice, StatementKind.WITHDRAWAL, statement, "", by, today, reason=reason),
        as_json=output.is_json,
    )


def _correct_time(
    audit: Annotated[int, typer.Argument(help="The number of the audit, as `auditor drift` and errors name it.")],
    really: Annotated[str, typer.Argument(metavar="INSTANT", help="When it really was, such as 2026-11-30T08:00:00Z.")],
    by: By,
    config_file: ConfigAfter = None,
    *,
    reason: Annotated[str, typer.Option(help="How the clock was found to be ahead.")],
    config: Config = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """
    State when an audit really was that bears a time still to come, because the clock of the machine ran ahead.

    Until then it keeps out every later audit. Nothing is rewritten: the correction is signed and stands beside it.
    """
    from auditor.cli.options import instant  # noqa: PLC0415
    from auditor.cli.state import run_state  # noqa: PLC0415
    from auditor.ledger.entries import instant as written  # noqa: PLC0415
    from auditor.ledger.statements import Statement, StatementKind  # noqa: PLC0415

    moment = instant(really, "INSTANT")
    return run_state(
        _chosen(config, config_file),
        lambda practice, today: Statement(
            practice,
            StatementKind.CORRECTION,
            str(audit),
            written(moment) if moment else "",
            by,
            today,
            reason=reason,
        ),
        as_json=output.is_json,
    )


def _statements(
    config: ConfigFile = Path("auditor.yaml"),
    *,
    as_of: Annotated[str | None, typer.Option(metavar="DAY", help="Which hold on this day; default: today.")] = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """List what people have stated: attestations, approvals, exceptions, and which of them hold."""
    from auditor.cli.state import run_statements  # noqa: PLC0415

    return run_statements(config, as_of, as_json=output.is_json)
