"""
Write the workbook of a review of 10,000 questions, fill it in, and bring it in again.

    python benchmarks/review_sheet.py [--people 500] [--questions 20]

A small practice is audited and its review is opened; then so many people with so many questions are added to it, as if
they had been asked at the opening. The workbook is written by the product, filled in by another writer (every row, each
with a reason of its own), and brought in by the product, which judges each row and records 10,000 decisions in one
transaction.

Limit: bringing it in takes 10 seconds at most. Printed beside it: writing, and the peak of memory. Exit code 1 when
over the limit, 2 when not every row was recorded.
"""

import argparse
import resource
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parents[1]))  # the practice of the tests

from auditor.review.counters import write_working
from auditor.review.desk import Desk
from auditor.review_records import Advice, Campaign, QuestionKind
from auditor.review_sheet.bringing_in import bring_in
from auditor.review_sheet.writing import write_workbook
from auditor.store import Store
from auditor.store.reviews import ITEM, PERSON, QUESTION, add
from tests.review_practice import Reviewed, question, who
from tests.workbooks import cells_of, filled

LIMIT_S = 10.0


def grow(store: Store, desk: Desk, campaign: Campaign, people: int, questions: int) -> None:
    """Add people and questions like those that are asked."""
    like = question(desk, "dana", campaign.id, "ana", QuestionKind.EXCESS)
    view = desk.person(who("dana"), campaign.id, "ana")
    assert view is not None
    persons = [replace(view.person, person=f"P-{n:05}", name=f"Given{n} Family{n}") for n in range(people)]
    asked = [
        replace(
            like.question,
            question=f"Q-{n * questions + k:010}",
            person=person.person,
            person_name=person.name,
            title=f"Can do thing {k} - beyond the role",
            advice=Advice.REMOVE,
            risk=100 + k,
        )
        for n, person in enumerate(persons)
        for k in range(questions)
    ]
    items = [replace(like.items[0], question=one.question, id=None) for one in asked]
    with store.reviewing() as connection:
        add(connection, PERSON, persons)
        add(connection, QUESTION, asked)
        add(connection, ITEM, items)
        write_working(connection, asked)


def main(options: argparse.Namespace) -> int:
    """Measure, print, and return the exit code."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        practice = Reviewed.made(folder)
        campaign = practice.open().campaign
        with Store.open(practice.path) as store:
            desk = practice.desk(store)
            grow(store, desk, campaign, options.people, options.questions)
            path = folder / "review.xlsx"
            started = perf_counter()
            rows = write_workbook(desk, campaign, "dana", path)
            wrote = perf_counter() - started
            ids = [str(row[-2]) for row in cells_of(path)["Decisions"][1:]]
            every = {id_: {"decision": "keep", "reason": f"needed for the work of {id_}"} for id_ in ids}
            back = filled(path, every, "Dana Ortiz")
            started = perf_counter()
            brought = bring_in(desk, back, "brought by the benchmark")
            took = perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{rows:,} rows: written in {wrote:.1f} s, brought in in {took:.1f} s; peak {peak:.0f} MB")
    if brought.recorded != rows or not brought.signed:
        print(f"of {rows} rows {brought.recorded} were recorded, signed: {brought.signed}; {brought.faults[:2]}")
        return 2
    over = took > LIMIT_S
    print(f"limit {LIMIT_S:.0f} s: {'OVER' if over else 'met'}")
    return int(over)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--questions", type=int, default=20)
    sys.exit(main(parser.parse_args()))
