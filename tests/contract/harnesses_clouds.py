"""The harnesses of connectors that read what other clouds' tools save: `entra-export`, `google-export`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from connectors.directory.entra import connector as entra_export
from connectors.directory.google import connector as google_export
from connectors.facts import System, SystemKind
from connectors.testing import CsvBody, FileSource, JsonBody, Population
from tests.servers import entra, google

ENTRA = System("directory", SystemKind.DIRECTORY, "entra", "Entra ID", holds_phi=False)
GOOGLE = System("directory", SystemKind.DIRECTORY, "google-workspace", "Google Workspace", holds_phi=False)

GOOGLE_PEOPLE = Population(
    logins=frozenset({*map(google.email, google.LOGINS), google.OUTSIDER[1], google.ROBOT[0]}),
    disabled=frozenset({google.email("left"), google.email("gone")}),
    namesakes=(google.email("maria1"), google.email("maria2")),
    held={google.email("zoe"): frozenset({"super-admin"})},
    nested=(google.email("ana"), "Outer"),
    canary=google.email("zoe"),
)


class EntraExportHarness:
    """A harness for `entra-export`: answers of Microsoft Graph."""

    name, kind = "entra-export", "directory"

    @contextmanager
    def start(self, folder: Path) -> Iterator[FileSource]:
        export = entra.write(folder / "export")
        settings = entra_export.Settings(folder=Path(), canary=entra.upn("zoe"))
        population = Population(
            logins=frozenset({*map(entra.upn, entra.LOGINS), entra.guid(5, 1)}),
            disabled=frozenset({entra.upn("left")}),
            namesakes=(entra.upn("maria1"), entra.upn("maria2")),
            held={entra.upn("maria1"): frozenset({"Helpdesk", "Helpdesk Administrator"})},
            nested=(entra.upn("ana"), "Outer"),
            canary=entra.upn("zoe"),
        )
        body = JsonBody("value")
        yield FileSource(export, lambda at: entra_export.connect(ENTRA, settings, at), population, "users.json", body)


class GoogleExportHarness:
    """A harness for `google-export`: answers of the Directory API."""

    name, kind = "google-export", "directory"

    @contextmanager
    def start(self, folder: Path) -> Iterator[FileSource]:
        export = google.write(folder / "export")
        settings = google_export.Settings(folder=Path(), canary=google.email("zoe"), expect_accounts=6)
        body = JsonBody("users")
        yield FileSource(
            export, lambda at: google_export.connect(GOOGLE, settings, at), GOOGLE_PEOPLE, "users.json", body
        )


class GamHarness:
    """The same connector on the CSV files of GAM."""

    name, kind = "google-export", "directory"
    further = "GoogleExportOfGam"

    @contextmanager
    def start(self, folder: Path) -> Iterator[FileSource]:
        export = google.write(folder / "export", google.gam_files())
        settings = google_export.Settings(folder=Path(), canary=google.email("zoe"), expect_accounts=6)
        people = Population(
            logins=(GOOGLE_PEOPLE.logins - {google.ROBOT[0]}) | {google.ROBOT[1]},
            disabled=GOOGLE_PEOPLE.disabled,
            namesakes=GOOGLE_PEOPLE.namesakes,
            held=GOOGLE_PEOPLE.held,
            nested=GOOGLE_PEOPLE.nested,
            canary=GOOGLE_PEOPLE.canary,
        )
        body = CsvBody({"suspended": "perhaps", "isAdmin": "perhaps", "creationTime": "yesterday", "id": ""})
        yield FileSource(export, lambda at: google_export.connect(GOOGLE, settings, at), people, "users.csv", body)
