"""The commands, each with an example in its help; what a command needs is imported when it runs."""

from pathlib import Path
from typing import Annotated

import typer

from auditor.cli.ahead_commands import add_ahead_commands
from auditor.cli.cloud_commands import add_cloud_commands
from auditor.cli.lag_commands import add_lag_commands
from auditor.cli.options import AsOf, ConfigFile, FailOn, Format, OutputFormat, StoreFile, example, instant
from auditor.cli.statement_commands import add_statement_commands
from auditor.cli.watch_commands import add_watch_commands
from auditor.cli.work_commands import add_work_commands
from connectors.errors import AuditorError


def build() -> typer.Typer:
    """Return the application."""
    app = typer.Typer(
        name="auditor",
        help="Keeps the controls of medical practices in step with their headcount of Virtual Medical Assistants.\n\n"
        "Exit codes: 0 in step · 1 findings · 2 something could not be evaluated · 3 evidence does not verify · "
        "64 wrong usage or configuration.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode="markdown",
    )
    app.command("audit", epilog=example("auditor audit auditor.yaml"))(_audit)
    app.command("connect", epilog=example("auditor connect directory"))(_connect)
    app.command("collect", epilog=example("auditor collect directory --record directory.jsonl"))(_collect)
    app.command("doctor", epilog=example("auditor doctor auditor.yaml"))(_doctor)
    app.command("explain", epilog=example("auditor explain F-ABCDEFGHIJ --store auditor.db"))(_explain)
    app.command("cloud", epilog=example("auditor cloud account.json --format json"))(_cloud)
    app.command("verify", epilog=example("auditor verify auditor.db --key ed25519:… --head '12 9f… c2…'"))(_verify)
    app.command("drift", epilog=example("auditor drift auditor.yaml --from 2026-06-30 --to 2026-09-30"))(_drift)
    app.command("onboard", epilog=example("auditor onboard VMA-07 auditor.yaml"))(_onboard)
    app.command("transfer", epilog=example("auditor transfer VMA-03 auditor.yaml --to billing"))(_transfer)
    app.command("offboard", epilog=example("auditor offboard VMA-03 auditor.yaml"))(_offboard)
    add_statement_commands(app)
    add_ahead_commands(app)
    add_lag_commands(app)
    add_work_commands(app)
    add_cloud_commands(app)
    add_watch_commands(app)
    catalog = typer.Typer(
        name="catalog",
        help="Catalogs: what each entitlement lets a person do.",
        no_args_is_help=True,
        rich_markup_mode="markdown",
    )
    catalog.command("check", epilog=example("auditor catalog check auditor.yaml --write unknown.yaml"))(_catalog_check)
    app.add_typer(catalog)
    return app


def _audit(
    config: ConfigFile = Path("auditor.yaml"),
    *,
    at: Annotated[
        str | None, typer.Option(help="Judge as of this instant, such as 2026-09-30T17:00:00Z; default: now.")
    ] = None,
    fail_on: Annotated[FailOn, typer.Option(help="The least severe finding that makes the exit code 1.")] = FailOn.LOW,
    accept_drop: Annotated[
        list[str] | None, typer.Option(metavar="SYSTEM", help="Accept that SYSTEM suddenly has far fewer accounts.")
    ] = None,
    reason: Annotated[str | None, typer.Option(help="Why the drop is right; recorded with the audit.")] = None,
    confirm_time: Annotated[
        bool, typer.Option("--confirm-time", help="The clock is right, though the last audit was long ago.")
    ] = False,
    start_anew: Annotated[
        str | None, typer.Option(metavar="REASON", help="Where the store was lost for good: start a new history.")
    ] = None,
    by: Annotated[str | None, typer.Option(help="With `--start-anew`: who decides it.")] = None,
    store: StoreFile = None,
    report: Annotated[Path | None, typer.Option(help="Where the HTML report goes; default: as configured.")] = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """
    Audit one practice: read every system, judge, compare with the last audit, write the report.

    The first line that it prints is headcount arithmetic. It reads the audited systems and never changes them.
    """
    from auditor.cli.audit import run_audit  # noqa: PLC0415

    if bool(accept_drop) != bool(reason and reason.strip()):
        raise AuditorError(
            "`--accept-drop` and `--reason` go together",
            hint="for example: auditor audit --accept-drop ehr --reason 'twelve leavers removed, ticket 4711'",
        )
    accepted = dict.fromkeys(accept_drop or (), (reason or "").strip())
    if bool((start_anew or "").strip()) != bool((by or "").strip()):
        raise AuditorError(
            "`--start-anew` and `--by` go together",
            hint="for example: auditor audit --start-anew 'the disk died, and there is no backup' --by 'Dana Ortiz'",
        )
    anew = (by, start_anew) if by and start_anew else None
    return run_audit(
        config,
        at=instant(at),
        fail_on=fail_on.value,
        accepted=accepted,
        anew=anew,
        time_confirmed=confirm_time,
        store=store,
        report=report,
        as_json=output.is_json,
    )


def _connect(
    system: Annotated[
        str | None, typer.Argument(help="The system's id in the configuration, new or there already.")
    ] = None,
    *,
    config: Annotated[Path, typer.Option(help="The practice's configuration; made where there is none.")] = Path(
        "auditor.yaml"
    ),
    kind: Annotated[str | None, typer.Option(help="ehr, directory or cloud.")] = None,
    connector: Annotated[str | None, typer.Option(help="How it is read: see `--list`.")] = None,
    product: Annotated[
        str | None, typer.Option(help="The catalog that explains its rights; with `--map`, the product's name.")
    ] = None,
    title: Annotated[str | None, typer.Option(help="What reports call it.")] = None,
    holds_phi: Annotated[
        bool | None, typer.Option("--holds-phi/--no-holds-phi", help="Whether there is patient data in it.")
    ] = None,
    vendor: Annotated[str | None, typer.Option(help="Who hosts it; `self` for the practice.")] = None,
    account_owner: Annotated[str | None, typer.Option(help="Whose contract with the vendor it is.")] = None,
    sign_in: Annotated[str | None, typer.Option(help="The system through which people sign in there.")] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="A setting; never a secret, only the name of its variable."),
    ] = None,
    practice: Annotated[str | None, typer.Option(help="For a new configuration: the practice's name.")] = None,
    timezone: Annotated[str | None, typer.Option(help="For a new configuration: such as America/Chicago.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing; write when every step works.")] = False,
    even_if_it_fails: Annotated[
        bool, typer.Option("--even-if-it-fails", help="With `--yes`: write although a step failed.")
    ] = False,
    list_: Annotated[bool, typer.Option("--list", help="List all connectors, and what they read.")] = False,
    map_: Annotated[
        Path | None, typer.Option("--map", metavar="FILE", help="Propose a mapping for a product's own report.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="With `--map`: where the mapping goes.")] = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """
    Connect a system: asks for what it needs, prints the least privilege for it, tries it step by step, and writes it.

    Each step says what worked or what to do: name, port, TLS, sign-in, rights, first page, all pages, canary. Secrets
    are never asked for and never written. Exit codes: 0 every step worked; 2 the system could not be read; 64 a setting
    or a file cannot be used.
    """
    if list_:
        from auditor.cli.connect_list import run_list  # noqa: PLC0415

        return run_list(as_json=output.is_json)
    if map_ is not None:
        from auditor.cli.connect_map import run_connect_map  # noqa: PLC0415

        return run_connect_map(map_, out, product, output)
    if system is None:
        raise AuditorError(
            "which system? it needs an id of your own",
            hint="such as `auditor connect ehr`; `--list` shows what there is",
        )
    from auditor.cli.connect import Wanted, run_connect  # noqa: PLC0415
    from auditor.connecting.draft import SystemDraft  # noqa: PLC0415

    said = SystemDraft(kind, connector, product, title, holds_phi, vendor, account_owner, sign_in, settings or ())
    as_json = output.is_json
    return run_connect(Wanted(system, config, said, practice, timezone, yes, even_if_it_fails, as_json))


Vma = Annotated[str, typer.Argument(help="The VMA's id on the roster.")]


def _drift(
    config: ConfigFile = Path("auditor.yaml"),
    *,
    since: Annotated[
        str | None, typer.Option("--from", metavar="AUDIT|DAY", help="The earlier audit; default: the one before.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--to", metavar="AUDIT|DAY", help="The later audit; default: the last.")
    ] = None,
    quarter: Annotated[
        bool, typer.Option("--last-quarter", help="The last whole quarter: from the audit before it to its last.")
    ] = False,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Also write it as an HTML page.")] = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """
    Say what became of access between two audits: each change with its one cause, what nothing explains, what is owed.

    What an event called for and nobody did is told beside.
    Works on what is stored, and reads no system.
    """
    from auditor.cli.drift import run_drift  # noqa: PLC0415

    return run_drift(config, since, until, html, quarter=quarter, as_json=output.is_json)


def _onboard(
    vma: Vma,
    config: ConfigFile = Path("auditor.yaml"),
    *,
    as_of: AsOf = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """
    Say whether a new VMA is ready to start: every item of the checklist, exactly what to grant, READY or NOT READY.

    Reads every system and stores nothing. What no machine can see is an attestation: `auditor attest`.
    """
    from auditor.cli.gate import run_onboard  # noqa: PLC0415

    return run_onboard(vma, config, as_of, as_json=output.is_json)


def _transfer(
    vma: Vma,
    config: ConfigFile = Path("auditor.yaml"),
    *,
    to: Annotated[
        list[str] | None,
        typer.Option(metavar="ROLE", help="The role to come, may be repeated; default: as roster and audits tell."),
    ] = None,
    as_of: AsOf = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """
    Say what a change of role takes away, brings and leaves: what must go first, what must come then, what may stay.

    Without `--to`: the change that the roster dates, or the one that has been. Reads every system and stores nothing.
    Exit codes: 0 DONE; 1 NOT DONE; 2 UNPROVEN.
    """
    from auditor.cli.transfer import run_transfer  # noqa: PLC0415

    return run_transfer(vma, config, tuple(to or ()), as_of, as_json=output.is_json)


def _offboard(
    vma: Vma,
    config: ConfigFile = Path("auditor.yaml"),
    *,
    as_of: AsOf = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """
    Say whether a leaver is really gone: every item of the checklist, hours until disabled, GONE, NOT GONE or UNPROVEN.

    Only a whole read after the end proves it. Reads every system and stores nothing.
    """
    from auditor.cli.gate import run_offboard  # noqa: PLC0415

    return run_offboard(vma, config, as_of, as_json=output.is_json)


def _collect(
    system: Annotated[str, typer.Argument(help="The system's id in the configuration.")],
    config: ConfigFile = Path("auditor.yaml"),
    *,
    record: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Keep what was read, to be replayed offline.")
    ] = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """
    Read one system to its end, and say what proves that it is whole; nothing is judged or stored.

    A recording holds the names and rights of staff, no secret and no patient; `connector: replay` reads it.
    """
    from auditor.cli.collect import run_collect  # noqa: PLC0415

    return run_collect(system, config, record, as_json=output.is_json)


def _doctor(
    config: ConfigFile = Path("auditor.yaml"),
    *,
    system: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Only this system, and what concerns all; may be repeated.")
    ] = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """
    Check that the next audit can be whole: the configuration, the files, the store, and every system step by step.

    Exit codes: 0 all works, perhaps with warnings; 2 something does not; 64 the configuration cannot be used.
    """
    from auditor.cli.doctor import run_doctor  # noqa: PLC0415

    return run_doctor(config, tuple(system or ()), as_json=output.is_json)


def _catalog_check(
    config: ConfigFile = Path("auditor.yaml"),
    *,
    system: Annotated[list[str] | None, typer.Option(metavar="ID", help="Only this system; may be repeated.")] = None,
    store: Annotated[
        Path | None, typer.Option(help="Do not read the systems: use what the last audit in this store saw.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Also what nobody holds.")] = False,
    write: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a catalog that is ready to fill.")] = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """
    List the entitlements that no catalog classifies, most held first.

    Exit codes: 0 all are classified; 1 some are not; 2 a system could not be read.
    """
    from auditor.cli.catalog import run_catalog_check  # noqa: PLC0415

    return run_catalog_check(
        config,
        only=tuple(system or ()),
        store=store,
        everything=everything,
        write=write,
        as_json=output.is_json,
    )


def _explain(
    what: Annotated[str | None, typer.Argument(metavar="FINDING", help="A finding's id, or a rule's id.")] = None,
    *,
    store: Annotated[Path, typer.Option("--store", help="The store that holds the finding.")] = Path("auditor.db"),
    principal: Annotated[
        str | None,
        typer.Option(metavar="WHO", help="Ask AWS instead: ARN, name or e-mail; or `root`."),
    ] = None,
    action: Annotated[str, typer.Option(help="With `--principal`: such as s3:GetObject.")] = "",
    resource: Annotated[str, typer.Option(help="With `--principal`: an ARN; without it, on which it is allowed.")] = "",
    estate: Annotated[
        Path | None, typer.Option(help="With `--principal`: the saved account, a file or a folder.")
    ] = None,
    context: Annotated[
        list[str] | None, typer.Option(metavar="KEY=VALUE", help="With `--principal`: a condition key that is known.")
    ] = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """
    Explain a finding by its whole path, from the VMA to the citation; or what a rule asks, and why.

    With `--principal`, `--action` and `--estate`: whether somebody may do something in a saved AWS account, and which
    statements decide. Exit codes: 0 whatever the answer is; 64 the question or a file cannot be used.
    """
    if principal is not None:
        from auditor.cli.explain_access import Asked, run_explain_access  # noqa: PLC0415

        if not action or estate is None:
            raise AuditorError(
                "`--principal` needs `--action` and `--estate`",
                hint="auditor explain --principal maria --action s3:GetObject --resource arn:… --estate account.json",
            )
        asked = Asked(principal, action, resource, estate, tuple(context or ()))
        return run_explain_access(asked, as_json=output.is_json)
    if what is None:
        raise AuditorError("which finding or rule?", hint="such as `auditor explain F-ABCDEFGHIJ`")
    from auditor.cli.explain import run_explain  # noqa: PLC0415

    return run_explain(what, store, as_json=output.is_json)


def _cloud(
    saved: Annotated[Path, typer.Argument(help="The saved AWS account: a file or a folder.")],
    *,
    phi: Annotated[
        list[str] | None, typer.Option(metavar="ARN", help="A resource that holds PHI; may be repeated.")
    ] = None,
    paths: Annotated[
        bool, typer.Option("--paths", help="Also every way by which somebody can gain more, step by step.")
    ] = False,
    output: OutputFormat = Format.TEXT,
) -> int:
    """
    Say what every user and role of a saved AWS account can do, by which policies, and whom it can become.

    Exit codes: 0 everything was evaluated; 2 something cannot be; 64 a file cannot be used.
    """
    from auditor.cli.cloud import run_cloud  # noqa: PLC0415

    return run_cloud(saved, phi or (), paths=paths, as_json=output.is_json)


def _verify(
    store: Annotated[Path, typer.Argument(help="The store, or a copy of it.")] = Path("auditor.db"),
    *,
    key: Annotated[str, typer.Option(help="The public key, as printed in every report.")],
    head: Annotated[
        str | None, typer.Option(help="The signed head from a report: vouches for everything up to it.")
    ] = None,
    output: OutputFormat = Format.TEXT,
) -> int:
    """Prove, offline and with the public key only, that nobody changed, cut or reordered the history."""
    from auditor.cli.verify import run_verify  # noqa: PLC0415

    return run_verify(store, key, head, as_json=output.is_json)
