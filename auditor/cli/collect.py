"""`auditor collect`."""

from pathlib import Path

from auditor.cli.console import print_text
from auditor.cli.data.collect import collect_data
from auditor.cli.formats import Format
from auditor.cli.output import emit
from auditor.cli.progress import Steps
from auditor.config import load_config
from auditor.exit_codes import IN_STEP, NOT_EVALUABLE
from connectors.collect import collect
from connectors.errors import AuditorError
from connectors.facts import Collection, Partial
from connectors.recording import record


def run_collect(system: str, path: Path, recording: Path | None, *, output: Format) -> int:
    """
    Read one system to its end and say what proves that it is whole; nothing is judged and nothing is stored.

    With `recording`, keep what it said, so that the connector `replay` gives the same again, byte for byte. Returns 0,
    or 2 when the system was not read whole. Raises `AuditorError` when there is no such system.
    """
    sources = load_config(path).sources
    if system not in sources:
        raise AuditorError(f"there is no system `{system}`", hint=f"one of: {', '.join(sources)}")
    source = sources[system]
    spinner = Steps()
    with spinner.spinning(f"{system}: "):
        if recording is None:
            collection = collect(source.connector, time_limit_s=source.time_limit_s)
        else:
            collection = record(source.connector, recording, time_limit_s=source.time_limit_s)
    emit(output, text=lambda: print_text(_lines(collection, recording)), data=lambda: collect_data(collection))
    return IN_STEP if collection.complete else NOT_EVALUABLE


def _lines(collection: Collection, recording: Path | None) -> list[str]:
    state = collection.completeness
    lines = [f"{collection.system.title}: {collection.source}"]
    if isinstance(state, Partial):
        return [*lines, f"✗ not read whole: {state.reason}", *([f"  what to do: {state.hint}"] if state.hint else [])]
    live = sum(account.live for account in collection.accounts)
    lines.append(
        f"✓ read whole: {len(collection.accounts)} accounts, {live} of them live; "
        f"{len(collection.entitlements)} entitlements, {len(collection.grants)} grants"
    )
    lines += [f"  {e.name}: {e.detail}" for e in state.evidence]
    if recording is not None:
        lines.append(f"recorded in {recording}; read it again with `connector: replay`, `settings: {{file: …}}`")
    return lines
