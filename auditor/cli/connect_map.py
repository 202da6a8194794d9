"""`auditor connect --map FILE`: proposes how to read a product's own report, shows what it understood, writes it."""

from pathlib import Path

from auditor.cli.console import write_stdout
from auditor.cli.formats import Format
from auditor.cli.output import emit
from auditor.exit_codes import IN_STEP, NOT_EVALUABLE
from auditor.mapping.look import Look, look
from auditor.mapping.look_data import KEYS, look_data
from auditor.mapping.show import as_text
from connectors.errors import AuditorError
from connectors.generic.table.contrary import questioned
from connectors.generic.table.preset import load_mapping


def run_connect_map(file: Path, out: Path | None, product: str | None, output: Format) -> int:
    """
    Map one export, and write the mapping, and a catalog that is ready to fill, beside it or to `out`.

    Returns 0 when the mapping reads the export whole and nothing is left to ask, and 2 otherwise. Raises `AuditorError`
    for a file that holds no table, and where something else would be overwritten.
    """
    found = look(file, product)
    mapping = out if out is not None else file.with_suffix(".mapping.yaml")
    files = {mapping: found.mapping}
    if found.catalog:
        files[_catalog_path(mapping)] = found.catalog
    for path, text in files.items():
        _check_free(path, text, file)
    for path, text in files.items():
        _write(path, text)
    written = _told(found, mapping)
    emit(output, text=lambda: write_stdout(as_text(found, written)), data=lambda: look_data(found, written), keys=KEYS)
    return IN_STEP if found.settled else NOT_EVALUABLE


def _catalog_path(mapping: Path) -> Path:
    stem = mapping.name.removesuffix(".yaml").removesuffix(".yml").removesuffix(".mapping")
    return mapping.with_name(f"{stem}.catalog.yaml")


def _told(found: Look, mapping: Path) -> dict[str, str]:
    written = {"mapping": str(mapping)}
    if found.catalog:
        written["catalog"] = str(_catalog_path(mapping))
    return written


def _check_free(path: Path, text: str, export: Path) -> None:
    """Refuse to overwrite anything: a mapping or a catalog may hold what somebody decided."""
    if path.resolve() == export.resolve():
        raise AuditorError(f"`{path}` is the export itself", hint="name another file with `--out`")
    try:
        if path.exists() and path.read_text(encoding="utf-8", errors="replace") != text:
            raise AuditorError(
                f"`{path}` is there already, and says something else",
                hint="nothing was written; name another file with `--out`, or move that one away" + _asked_of(path),
            )
    except OSError as error:
        raise _cannot(path, error) from None


def _asked_of(path: Path) -> str:
    """Return what the mapping that is there says against the words of reports, as lines; nothing for another file."""
    try:
        asked = questioned(load_mapping(path)).open_questions()
    except AuditorError:
        return ""
    return "".join(f"\n- {question.told}" for question in asked if question.claim)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise _cannot(path, error) from None


def _cannot(path: Path, error: OSError) -> AuditorError:
    return AuditorError(
        f"`{path}` cannot be written: `{error.strerror}`", hint="name a file in a folder of yours with `--out`"
    )
