"""Rosters whose source has names of its own: files of an HR system, and its HTTPS endpoint on a loopback server."""

import json
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from connectors.errors import AuditorError, InputError, SourceDenied, SourceMalformed, SourceTruncated
from connectors.facts import Employment
from connectors.roster import csv_file, http_json

COLUMNS = {
    "vma_id": "id",
    "name": "person.name",
    "agency": {"value": "Harbor Assist LLC"},
    "employment": {"value": "employee"},
    "roles": {"field": "jobs.title", "words": {"Front desk": "scheduler", "Coder": "biller;coder"}},
    "start": {"field": "from", "format": "MM/DD/YYYY"},
    "status": {"field": "away", "words": {"true": "on-leave", "false": "active"}},
}


def person(number: int, **other: Any) -> dict[str, Any]:
    return {
        "id": f"V{number}",
        "person": {"name": f"Person {number}", "ssn": "000-00-0000"},
        "jobs": [{"title": "Front desk"}],
        "from": "01/05/2026",
        "away": False,
        **other,
    }


class Endpoint:
    """Answers what it is told to, and keeps what it was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self.asked: list[str] = []
        self.token = ""
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                endpoint.asked.append(self.path)
                allowed = self.headers.get("authorization") == f"Bearer {endpoint.token}"
                body = json.dumps(endpoint.answers.get(self.path, {})).encode()
                self.send_response(200 if allowed or not endpoint.token else 401)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/vmas"
        Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def read(self, **other: Any) -> Any:
        settings = http_json.Settings.model_validate({"url": self.url, "columns": COLUMNS, "whole": True, **other})
        return http_json.read(settings, Path())


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    served = Endpoint()
    yield served
    served.server.shutdown()
    served.server.server_close()


def test_a_roster_comes_from_every_page_of_an_hr_endpoint(endpoint: Endpoint) -> None:
    endpoint.answers = {
        "/vmas": {"people": [person(1), person(2)], "next": "?page=2", "meta": {"total": 3}},
        "/vmas?page=2": {"people": [person(3, away=True)], "next": None, "meta": {"total": 3}},
    }
    roster = endpoint.read(items="people", next="next", total="meta.total").roster
    assert [p.id for p in roster.people] == ["V1", "V2", "V3"]
    third = roster.engagements[2]
    assert (third.agency, third.employment, third.roles) == ("Harbor Assist LLC", Employment.EMPLOYEE, ("scheduler",))
    assert (third.start, third.on_leave) == (date(2026, 1, 5), True)
    assert endpoint.asked == ["/vmas", "/vmas?page=2"]


def test_what_the_roster_does_not_need_is_not_kept(endpoint: Endpoint) -> None:
    endpoint.answers = {"/vmas": [person(1)]}
    assert "000-00-0000" not in repr(endpoint.read())


def test_the_same_people_give_the_same_sum_whatever_the_spelling_of_the_answer(endpoint: Endpoint) -> None:
    endpoint.answers = {"/vmas": [person(1)]}
    first = endpoint.read().roster.sha256
    endpoint.answers = {"/vmas": [dict(reversed(person(1, unrelated="x").items()))]}
    assert endpoint.read().roster.sha256 == first
    endpoint.answers = {"/vmas": [person(1, away=True)]}
    assert endpoint.read().roster.sha256 != first


@pytest.mark.parametrize(
    ("answer", "settings", "error", "told"),
    [
        ({"people": [person(1)], "total": 2}, {"items": "people", "total": "total"}, SourceTruncated, "has 2 people"),
        ({"people": [person(1)], "next": "/vmas"}, {"items": "people", "next": "next"}, SourceMalformed, "before"),
        ({"people": [person(1)], "next": "/p2"}, {"items": "people"}, SourceTruncated, "says in `next`"),
        ({"people": [person(1)], "has_more": True}, {"items": "people"}, SourceTruncated, "says in `has_more`"),
        ({"people": [person(1)], "meta": {"total": 6}}, {"items": "people"}, SourceTruncated, "says in `meta.total`"),
        ({"people": [person(1)], "next": "https://example.org/"}, {"items": "people", "next": "next"},
         SourceMalformed, "another server"),
        ({"people": [person(1)]}, {"items": "people", "total": "total"}, SourceMalformed, "no total"),
        ({"people": {"V1": {}}}, {"items": "people"}, SourceMalformed, "list of people in `people`"),
        ({"error": "no"}, {}, SourceMalformed, "without a list of people"),
        ([], {}, InputError, "lists nobody"),
        ([person(1), person(1)], {}, InputError, "records 1 and 2"),
        ([person(1, jobs=[{"title": "Pilot"}])], {}, InputError, "record 1, `roles`: `words` does not list this value"),
        ([person(1, jobs=[])], {}, InputError, "record 1, `roles`: no role"),
        ([person(1, **{"from": "2026-31-01"})], {}, InputError, "record 1, `start`: this is no day"),
        ([person(1, id={"a": 1})], {}, InputError, "record 1, `id`: this field is no text"),
    ],
)  # fmt: skip
def test_half_a_roster_or_a_wrong_one_is_refused(
    endpoint: Endpoint, answer: Any, settings: dict[str, Any], error: type[AuditorError], told: str
) -> None:
    endpoint.answers = {"/vmas": answer}
    with pytest.raises(error) as raised:
        endpoint.read(**settings)
    assert told in raised.value.message


@pytest.mark.parametrize(
    ("answer", "settings"),
    [
        ([person(1), person(2)], {}),
        ({"people": [person(1), person(2)]}, {"items": "people", "next": "next"}),
        ({"people": [person(1)], "links": {}}, {"items": "people", "next": "links.next"}),
        ({"people": [person(n) for n in range(100)], "total": 100}, {"items": "people", "total": "total"}),
        ({"people": [person(n) for n in range(20)], "total": 20}, {"items": "people", "total": "total", "next": "n"}),
    ],
)
def test_a_roster_that_may_be_its_first_page_is_refused_until_somebody_says_that_it_is_whole(
    endpoint: Endpoint, answer: Any, settings: dict[str, Any]
) -> None:
    endpoint.answers = {"/vmas": answer}
    with pytest.raises(SourceTruncated, match="nothing shows that there are no more") as refused:
        endpoint.read(whole=False, **settings)
    assert "`whole: true`" in refused.value.hint
    assert endpoint.read(**settings).roster.people


@pytest.mark.parametrize(
    ("answer", "settings"),
    [
        ({"people": [person(n) for n in range(37)], "total": 37}, {"items": "people", "total": "total"}),
        ({"people": [person(1)], "next": None}, {"items": "people", "next": "next"}),
        ({"people": [person(n) for n in range(50)], "n": ""}, {"items": "people", "next": "n"}),
    ],
)
def test_a_roster_that_says_that_it_is_whole_is_read(endpoint: Endpoint, answer: Any, settings: dict[str, Any]) -> None:
    endpoint.answers = {"/vmas": answer}
    assert len(endpoint.read(whole=False, **settings).roster.people) == len(answer["people"])


def test_a_total_of_the_page_that_changes_from_page_to_page_is_no_total_of_the_roster(endpoint: Endpoint) -> None:
    endpoint.answers = {
        "/vmas": {"people": [person(1), person(2)], "next": "?page=2", "total": 2},
        "/vmas?page=2": {"people": [person(3)], "next": None, "total": 1},
    }
    with pytest.raises(SourceTruncated, match="changed its total from 2 to 1"):
        endpoint.read(items="people", next="next", total="total")


def test_the_token_comes_from_the_environment_and_is_in_no_message(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint.answers, endpoint.token = {"/vmas": [person(1)]}, "right"
    monkeypatch.setenv("HR_TOKEN", "right")
    assert len(endpoint.read(token_env="HR_TOKEN").roster.people) == 1
    monkeypatch.setenv("HR_TOKEN", "wrong-secret")
    with pytest.raises(SourceDenied) as refused:
        endpoint.read(token_env="HR_TOKEN")
    assert "wrong-secret" not in refused.value.diagnostics()
    monkeypatch.delenv("HR_TOKEN")
    with pytest.raises(SourceDenied, match="HR_TOKEN"):
        endpoint.read(token_env="HR_TOKEN")


def test_a_file_of_an_hr_system_is_read_by_the_names_that_it_has(tmp_path: Path) -> None:
    (tmp_path / "hr.csv").write_text("Team list\nId;Name;Job;Since\nV1;Ana;Front desk;05.01.2026\n", encoding="utf-8")
    columns = {
        "vma_id": "Id",
        "name": "Name",
        "agency": {"value": ""},
        "employment": {"value": "contractor"},
        "roles": {"field": "Job", "words": {"front desk": "scheduler"}},
        "start": {"field": "Since", "format": "DD.MM.YYYY"},
    }
    settings = csv_file.Settings.model_validate(
        {"file": "hr.csv", "delimiter": ";", "skip_rows": 1, "columns": columns}
    )
    (engagement,) = csv_file.read(settings, tmp_path).roster.engagements
    assert (engagement.agency, engagement.roles, engagement.start) == (None, ("scheduler",), date(2026, 1, 5))


@pytest.mark.parametrize("column", [{}, {"words": {"a": "b"}}, {"value": "x", "words": {}}, {"feild": "x"}, 5])
def test_a_column_must_come_from_somewhere(column: object) -> None:
    with pytest.raises(ValueError, match="columns"):
        http_json.Settings.model_validate({"url": "https://hr.example.org", "columns": {**COLUMNS, "name": column}})
