"""`auditor connect`: asks, prints the least-privilege set-up, tries step by step, and writes the configuration."""

import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from auditor.cli.checks import print_check, print_diff
from auditor.cli.connect_ask import ask_practice, ask_settings, ask_system, confirm, tell
from auditor.cli.console import folded, print_lines, styled
from auditor.cli.data.checks import ConnectData, steps_data
from auditor.cli.formats import Format
from auditor.cli.output import write_json
from auditor.cli.progress import Steps
from auditor.connecting.checks import Check
from auditor.connecting.draft import SystemDraft, begin, missing
from auditor.connecting.settings import pairs
from auditor.connecting.system import Ready, check_id, fields_of, ready
from auditor.connecting.trial import VARIABLES, try_out
from auditor.connecting.writing import NewPractice, known, plan
from auditor.connecting.yaml_edit import one_line
from auditor.exit_codes import IN_STEP, NOT_EVALUABLE, USAGE
from connectors.errors import AuditorError
from connectors.inputs.dates import known_timezone
from policies.catalogs.catalog import Catalogs
from policies.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class ConnectOptions:
    """What the command line said."""

    system: str
    config: Path
    said: SystemDraft
    practice: str | None
    timezone: str | None
    yes: bool
    """Ask nothing; write."""
    even_if_it_fails: bool
    output: Format

    @property
    def as_json(self) -> bool:
        """Whether only a machine reads it."""
        return self.output.is_json


def run_connect(wanted: ConnectOptions) -> int:
    """
    Connect one system.

    Returns 0 when every step worked; 2 when the system could not be read; 64 when a file that a person wrote is at
    fault. Raises `AuditorError` when there is not enough to try it, or when it cannot be written.
    """
    return _Connecting(wanted).run()


class _Connecting:
    def __init__(self, wanted: ConnectOptions) -> None:
        self.wanted = wanted
        self.id = check_id(wanted.system)
        self.asks = not wanted.yes and not wanted.as_json and sys.stdin.isatty() and sys.stderr.isatty()
        self.file = known(wanted.config)
        self.folder = wanted.config.resolve().parent
        self.practice = self._practice()
        self.products = _products(self.file or {}, self.folder)

    def run(self) -> int:
        data = begin(self.id, self._systems().get(self.id), self.wanted.said, self.products)
        if self.asks:
            data = self._ask(data)
        elif gaps := missing(data):
            raise AuditorError(
                f"not enough is known of `{self.id}`", hint=f"give {'; '.join(gaps)}; or run it on a terminal"
            )
        while True:
            system = ready(self.id, data, self.folder)
            setup = _setup(system)
            self._show_setup(system, setup)
            checks = self._try(system)
            failed = next((check for check in checks if check.failed), None)
            if failed and self.asks and confirm("change the settings and try again?", default=failed.step != VARIABLES):
                data = ask_settings(data)
                continue
            break
        return self._finish(system, setup, checks, failed)

    def _practice(self) -> NewPractice | None:
        """Return whose file it is, where there is none yet."""
        if self.file is not None:
            return None
        name, zone = self.wanted.practice, self.wanted.timezone
        if name and zone:
            try:
                return NewPractice(name, known_timezone(zone))
            except ValueError as error:
                raise AuditorError(
                    f"`--timezone` cannot be used: expected {error}", hint="such as `--timezone America/Chicago`"
                ) from None
        if self.asks:
            return ask_practice()
        raise AuditorError(
            f"there is no configuration `{self.wanted.config}` yet",
            hint="to make one, say whose it is: `--practice 'Lakeside Family Medicine' --timezone America/Chicago`",
        )

    def _systems(self) -> Mapping[str, Any]:
        systems = (self.file or {}).get("systems")
        return systems if isinstance(systems, dict) else {}

    def _ask(self, data: dict[str, Any]) -> dict[str, Any]:
        others = [id_ for id_ in self._systems() if id_ != self.id]
        asked = ask_system(self.id, data, self.products, others)
        if (data.get("kind"), data.get("connector")) not in ((None, None), (asked["kind"], asked["connector"])):
            _, fields = fields_of(asked["kind"], asked["connector"])
            there = {field.key.split(".")[0] for field in fields}
            asked["settings"] = {key: value for key, value in asked["settings"].items() if key in there}
        return ask_settings(asked)

    def _show_setup(self, system: Ready, setup: str | None) -> None:
        if self.wanted.as_json:
            return
        print_lines(styled(f"\nLeast privilege for `{system.id}`: set this up once", style="bold"))
        print_lines(*(f"  {line}".rstrip() for line in (setup or _no_setup(system)).splitlines()))

    def _try(self, system: Ready) -> list[Check]:
        checks: list[Check] = []
        if not self.wanted.as_json:
            print_lines(styled(f"\nTrying `{system.id}`", style="bold"))
        spinner = Steps()
        with spinner.spinning():
            for check in try_out(system, spinner, time_limit_s=float(system.data.get("time_limit_s", 3600))):
                checks.append(check)
                if not self.wanted.as_json:
                    with spinner.pausing():
                        print_check(check)
        return checks

    def _finish(self, system: Ready, setup: str | None, checks: list[Check], failed: Check | None) -> int:
        code = IN_STEP if failed is None else USAGE if failed.usage else NOT_EVALUABLE
        try:
            planned = plan(self.wanted.config, self.id, system.data, self.practice)
            changes, diff = planned.changes, planned.diff()
            if not self.wanted.as_json:
                self._show_plan(changes=changes, diff=diff)
            writes = changes and self._may_write(failed)
            if writes:
                planned.save()
        except AuditorError:
            self._show_again(system)
            raise
        if self.wanted.as_json:
            steps = steps_data(checks)
            write_json(ConnectData(self.id, failed is None, steps, setup, bool(writes), tuple(diff)))
            return code
        if writes:
            print_lines(styled(f"\nwritten: {self.wanted.config!s}", style="green"))
            print_lines(*(f"  made: {path}: fill it before the first audit" for path in planned.starters))
        elif changes:
            self._show_again(system)
        self._show_next(system, written=writes or not changes, failed=failed)
        return code

    def _show_plan(self, *, changes: bool, diff: tuple[str, ...]) -> None:
        if not changes:
            print_lines(f"\n{self.wanted.config} says so already: nothing to write")
            return
        print_lines(styled("\nWhat would change in the configuration", style="bold"))
        print_diff(diff)

    def _may_write(self, failed: Check | None) -> bool:
        if self.asks:
            if failed is None:
                return confirm("write it?", default=True)
            return confirm("write it although a step failed?", default=failed.step == VARIABLES)
        return self.wanted.yes and (failed is None or self.wanted.even_if_it_fails)

    def _show_again(self, system: Ready) -> None:
        """Say how to go on with what was given, so that nobody has to type it twice."""
        if self.wanted.as_json:
            return
        why = "" if self.wanted.yes or self.asks else "; `--yes` writes when every step works"
        print_lines(f"\nnot written{why}. The same again:", f"  {_command(self.wanted, self.practice, system)}")

    def _show_next(self, system: Ready, *, written: bool, failed: Check | None) -> None:
        notes = []
        if failed is not None:
            notes.append(
                f"when it is mended: auditor connect {self.id} (it asks with these answers)" if written else ""
            )
        elif written:
            notes.append("next: `auditor catalog check` lists what no catalog explains yet; then `auditor audit`")
        if system.system.product not in self.products:
            notes.append(
                f"no catalog explains `{system.system.product}` yet, and an audit refuses that: "
                "`auditor catalog check --write FILE` makes one that is ready to fill"
            )
        for note in filter(None, notes):
            print_lines("", *folded(note))


def _setup(system: Ready) -> str | None:
    try:
        return system.setup()
    except AuditorError as error:
        return f"the set-up cannot be told: {error.message}"
    except Exception as error:  # noqa: BLE001 - a connector's bug must not keep it from being tried
        return f"the set-up cannot be told: the connector failed with {type(error).__name__}"


def _no_setup(system: Ready) -> str:
    name = system.data.get("connector")
    return f"the connector `{name}` does not say what its account needs: give it an account that may only read"


def _products(file: Mapping[str, Any], folder: Path) -> tuple[str, ...]:
    """List the catalogs; the practice's own too, as far as they can be read now."""
    own = (file.get("policies") or {}).get("catalogs") or [] if isinstance(file.get("policies"), dict) else []
    vocabulary = Vocabulary.load()
    try:
        return Catalogs.load(vocabulary, [folder / str(path) for path in own]).products()
    except AuditorError as error:
        tell(f"note: the practice's own catalogs cannot be read: {error.message}")
        return Catalogs.load(vocabulary).products()


def _command(wanted: ConnectOptions, practice: NewPractice | None, system: Ready) -> str:
    """Return the command that gives the same answers without asking."""
    data = system.data
    words = ["auditor", "connect", system.id, "--config", str(wanted.config)]
    if practice is not None:
        words += ["--practice", practice.name, "--timezone", practice.timezone]
    for key in ("kind", "connector", "product", "title", "vendor", "account_owner", "sign_in"):
        if data.get(key) is not None:
            words += [f"--{key.replace('_', '-')}", str(data[key])]
    words.append("--holds-phi" if data.get("holds_phi") else "--no-holds-phi")
    _, fields = fields_of(str(data["kind"]), str(data["connector"]))
    for key, value in pairs(fields, data["settings"]):
        words += ["--set", f"{key}={value if isinstance(value, str) else one_line(value)}"]
    return shlex.join([*words, "--yes"])
