"""
Ask for every page of a review of 10,000 items, many times, from several browsers at once.

    python benchmarks/review.py [--people 500] [--clients 2] [--requests 200]

A small practice is audited and its review is opened; then 500 people are added to it, half of them for each of two
reviewers: each with one question about 16 items that the role explains, and four about one item each, of which every
second is decided. The pages run as they are served, in a process of their own, without the limit of requests; the
browsers are a small asyncio client, on the same cores. Decisions are saved with the forms that the pages gave out.

Limit: 50 ms for 95 of 100 answers of every page, and of saving a decision; the memory of the server grows by a tenth at
most from the first round to the last. Beside it stands the processor time of the server for one answer, which says the
same where others use the cores. Exit code 1 when over a limit, 2 when an answer was not the page.
"""

import argparse
import asyncio
import os
import re
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).parents[1]))  # the practice of the tests

from auditor.review.counters import write_working
from auditor.review.desk import Desk
from auditor.review.wanted import Wanted
from auditor.review_page.addresses import person_path
from auditor.review_records import Campaign, DecisionKind, QuestionKind
from auditor.store import Store
from auditor.store.reviews import ITEM, PERSON, QUESTION, add
from tests.review_practice import Reviewed, question, who
from tests.review_site import Made
from tests.servers.pages import served
from tests.web_visits import Visitor

LIMIT_MS = 50.0
KINDS = (QuestionKind.EXCESS, QuestionKind.EXPLAINED)
GROWTH = 1.10
SHARE = 0.95


EXPLAINED, SINGLE = 16, 4


def grow(store: Store, desk: Desk, campaign: Campaign, people: int) -> None:
    """Add people with questions like those that are asked, and decide half of the single ones."""
    view = desk.person(who("dana"), campaign.id, "ana")
    assert view is not None
    single, explained = (question(desk, "dana", campaign.id, "ana", kind) for kind in KINDS)
    persons = [replace(view.person, person=f"P-{n:05}", name=f"Given{n} Family{n}") for n in range(people)]
    asked, items, wanted = [], [], []
    for n, person in enumerate(persons):
        reviewer = ("dana", "morgan")[n % 2]
        for k in range(SINGLE + 1):
            like, count = (single, 1) if k < SINGLE else (explained, EXPLAINED)
            one = replace(
                like.question,
                question=f"Q-{n * 10 + k:010}",
                person=person.person,
                person_name=person.name,
                title=f"Can do thing {k}: beyond the role",
                reviewer=reviewer,
                risk=100 + k,
            )
            asked.append(one)
            items += [replace(like.items[0], question=one.question, name=f"thing {i}", id=None) for i in range(count)]
            if k % 2 and k < SINGLE:
                key = f"benchmark-{one.question}"
                wanted.append((reviewer, Wanted(campaign.id, one.question, 0, DecisionKind.REMOVE, key)))
    with store.reviewing() as connection:
        add(connection, PERSON, persons)
        add(connection, QUESTION, asked)
        add(connection, ITEM, items)
        write_working(connection, asked)
    for reviewer in ("dana", "morgan"):
        desk.decide_all(who(reviewer), [one for whose, one in wanted if whose == reviewer])
    print(f"{len(persons)} people, {len(asked):,} questions, {len(items):,} items, {len(wanted):,} decisions")


class Unlimited:
    """Lets everybody ask as often as they like: what is measured are the pages."""

    def allows(self, *_: object) -> bool:
        """Say yes."""
        return True


def serve(folder: Path, campaign: str, told: Connection) -> None:
    """Serve until the other side says so; for a process of its own."""
    reviewed = Reviewed.made(folder) if not (folder / "small").exists() else Reviewed(_small(folder))
    made = Made(reviewed, campaign)
    with Store.open(reviewed.path) as store, served(lambda origin: made.site(store, origin)) as server:
        server.app.state.shell.rates = Unlimited()
        cookies = {name: Visitor(server.app).sign_in(name).value for name in ("dana", "sam")}
        told.send((server.port, os.getpid(), cookies))
        told.recv()


def _small(folder: Path) -> object:
    from tests.small_practice import Small

    return Small(folder / "small")


class Browser:
    """One connection that is kept, and one session."""

    def __init__(self, port: int, cookie: str) -> None:
        self._port, self._cookie = port, cookie

    async def __aenter__(self) -> "Browser":
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()

    async def ask(self, path: str, form: dict[str, str] | None = None) -> tuple[int, str]:
        """Return status and body."""
        body = urlencode(form).encode() if form is not None else b""
        method = "POST" if form is not None else "GET"
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\nCookie: __Host-auditor={self._cookie}\r\n"
            f"Sec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        try:
            self._writer.write(head.encode() + body)
            found = await self._reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):  # it was idle for longer than it is kept
            await self.__aenter__()
            self._writer.write(head.encode() + body)
            found = await self._reader.readuntil(b"\r\n\r\n")
        length = int(re.search(rb"(?i)content-length: (\d+)", found)[1])  # type: ignore[index]
        return int(found[9:12]), (await self._reader.readexactly(length)).decode()


async def timed(
    browsers: list[Browser], times: int, one: Callable[[Browser, int], Awaitable[tuple[int, str]]], expected: int
) -> list[float]:
    """Return how long each answer took, in ms; raises `AssertionError` for another answer than that."""
    took: list[float] = []

    async def run(browser: Browser, first: int) -> None:
        for n in range(first, times, len(browsers)):
            started = perf_counter()
            status, body = await one(browser, n)
            took.append(1000 * (perf_counter() - started))
            assert status == expected, (status, body[:2000])

    await asyncio.gather(*(run(browser, first) for first, browser in enumerate(browsers)))
    return took


def memory_mb(pid: int) -> float:
    """Return the memory that a process holds."""
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def hidden(page: str) -> dict[str, str]:
    """Return the hidden fields of the form of a person's page."""
    form = page.partition('class="asks"')[2]
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form))


async def measure(options: argparse.Namespace, campaign: str, port: int, pid: int, cookies: dict[str, str]) -> int:
    """Ask for everything, print, and return the exit code."""
    people = [person_path(campaign, f"P-{n:05}") for n in range(0, options.people, 2)]
    read = [path.replace("/person/", "/read/") for path in people]
    mine = len(people) * (SINGLE + 1) // 100
    base = f"/review/{campaign}"
    pages: dict[str, tuple[str, Callable[[int], str]]] = {
        "my people": ("dana", lambda n: f"{base}?page={1 + n % (len(people) // 100)}"),
        "a person": ("dana", lambda n: people[n % len(people)]),
        "before signing": ("dana", lambda n: f"{base}/sign?page={1 + n % mine}"),
        "help": ("dana", lambda _: "/help"),
        "progress": ("sam", lambda _: f"{base}/progress"),
        "not decided": ("sam", lambda n: f"{base}/open?page={1 + n % mine}"),
        "everybody": ("sam", lambda n: f"{base}/people?page={1 + n % (options.people // 100)}"),
        "what is to go": ("sam", lambda _: f"{base}/removals"),
        "to read": ("sam", lambda n: read[n % len(read)]),
    }
    sets = {name: [Browser(port, cookie) for _ in range(options.clients)] for name, cookie in cookies.items()}
    everybody = [browser for browsers in sets.values() for browser in browsers]
    for browser in everybody:
        await browser.__aenter__()
    over, begun = [], 0.0
    for round_ in ("warm", "measured", "again"):
        for name, (person, path) in pages.items():
            times = options.clients if round_ == "warm" else options.requests
            before = cpu_ms(pid)
            took = await timed(sets[person], times, lambda b, n, path=path: b.ask(path(n)), 200)  # type: ignore[misc]
            if round_ == "measured":
                over += told(name, took, (cpu_ms(pid) - before) / times)
        if round_ == "measured":
            begun = memory_mb(pid)
    before = cpu_ms(pid)
    took = await _decide(sets["dana"], people, options.requests)
    over += told("a decision", took, (cpu_ms(pid) - before) / (2 * len(took)))
    for browser in everybody:
        await browser.__aexit__()
    ended = memory_mb(pid)
    print(f"memory of the server: {begun:.0f} MB after the first round, {ended:.0f} MB after the last")
    if ended > begun * GROWTH:
        over.append("memory")
    print(f"limit {LIMIT_MS:.0f} ms: {'OVER: ' + ', '.join(over) if over else 'met'}")
    return int(bool(over))


async def _decide(browsers: list[Browser], people: list[str], times: int) -> list[float]:
    """Save decisions, each on a page of its own; the page is not part of the time."""
    took: list[float] = []

    async def run(browser: Browser, mine: list[str]) -> None:
        for path in mine:
            fields = hidden((await browser.ask(path))[1])
            question = next(name for name in fields if name.startswith("version:")).removeprefix("version:")
            form = {**fields, f"kind:{question}": "remove", "then": "stay"}
            started = perf_counter()
            status, body = await browser.ask(path, form)
            took.append(1000 * (perf_counter() - started))
            assert status == 303, (status, body[:2000])

    chosen = people[:times]
    await asyncio.gather(*(run(b, chosen[first :: len(browsers)]) for first, b in enumerate(browsers)))
    return took


def cpu_ms(pid: int) -> float:
    """Return the processor time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return 1000 * (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def told(name: str, took: list[float], cpu: float) -> list[str]:
    """Print a line; return the name where it is over the limit."""
    took.sort()
    p50, p95 = took[len(took) // 2], took[min(len(took) - 1, int(len(took) * SHARE))]
    print(
        f"{name:16} {len(took):5} answers: p50 {p50:6.1f} ms, p95 {p95:6.1f} ms, {p95 / LIMIT_MS:4.0%} of the limit; "
        f"{cpu:5.1f} ms of the processor each"
    )
    return [name] if p95 > LIMIT_MS else []


@contextmanager
def practice(options: argparse.Namespace) -> Iterator[tuple[Path, str]]:
    """Make the campaign, half of it decided."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = Reviewed.made(folder)
        campaign = made.open().campaign
        with Store.open(made.path) as store:
            grow(store, made.desk(store), campaign, options.people)
        yield folder, campaign.id


def main(options: argparse.Namespace) -> int:
    """Serve in a process of its own, and measure."""
    with practice(options) as (folder, campaign):
        ours, theirs = get_context("spawn").Pipe()
        process = get_context("spawn").Process(target=serve, args=(folder, campaign, theirs), daemon=True)
        process.start()
        try:
            port, pid, cookies = ours.recv()
            return asyncio.run(measure(options, campaign, port, pid, cookies))
        except AssertionError as error:
            print(f"not the page: {error}")
            return 2
        finally:
            ours.send(None)
            process.join(20)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--clients", type=int, default=2)
    parser.add_argument("--requests", type=int, default=200)
    sys.exit(main(parser.parse_args()))
