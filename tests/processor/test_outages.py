"""One outage is one issue: it grows, shrinks and ends with its printers, in whatever order readings come."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select, update

from core.contract.messages import Reading
from core.runtime.settings import DatabaseSettings, RuleSettings
from core.storage.core_tables import EVENTS, ISSUES, OUTAGES, PRINTERS, SNAPSHOTS
from core.storage.database import open_database, reading, writing
from core.storage.issues import change_issue, change_status, issue_row
from core.storage.out_of_service import put_back_in_service, read_out_of_service, take_out_of_service
from core.storage.outages import outages_on
from core.storage.tables import LIVING, IssueStatus
from processor.batch.store import store
from processor.issues.back_in_service import put_back as put_back_in_processor
from processor.issues.changes import REOPENED_WITHIN
from processor.issues.outages import Outages, settle_outages
from tests.postgres import database
from tests.processor.making import NOON, add_printers, make_reading, received, unanswered

RULES: Final = RuleSettings(unreachable_after=2)
CHEMISTRY: Final = tuple(f"chem-{number}" for number in range(5))
LIBRARY: Final = tuple(f"lib-{number}" for number in range(2))


class College:
    """Printers of two places that answer or do not; each reading has the next number."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.number = 0
        self.now = NOON
        add_printers(engine, *CHEMISTRY, *LIBRARY)
        with writing(engine) as connection:
            for place, ids in (("Chemistry, lab", CHEMISTRY), ("Library, desk", LIBRARY)):
                these = update(PRINTERS).where(PRINTERS.c.printer_id.in_(ids))
                connection.execute(these.values(location=place))

    def read(self, answering: set[str], *silent: str, settled: bool = True) -> list[Reading]:
        """Read these printers once; the outages follow."""
        self.number += 1
        readings = [make_reading(self.number, each) for each in sorted(answering)]
        readings += [unanswered(self.number, each) for each in silent]
        store(self.engine, received(*readings), RULES, self.now)
        if settled:
            self.settle()
        return readings

    def settle(self) -> None:
        settle_outages(self.engine, self.now)

    def answers(self, *printers: str) -> None:
        self.read(set(printers))

    def is_silent(self, *printers: str) -> None:
        for _ in range(RULES.unreachable_after):
            self.read(set(), *printers)

    def issues(self, *columns: str) -> list[Any]:
        with reading(self.engine) as connection:
            return list(connection.execute(select(*(ISSUES.c[n] for n in columns)).order_by(ISSUES.c.id)))

    def living(self) -> list[tuple[str, int | None]]:
        """What is to be done, by its title and parent."""
        return [
            (title, parent)
            for title, status, parent in self.issues("title", "status", "parent_id")
            if status in LIVING
        ]

    def outage(self) -> int:
        with reading(self.engine) as connection:
            (found,) = outages_on(connection).values()
        return found.issue_id

    def close(self, issue_id: int, status: IssueStatus = IssueStatus.CLOSED) -> None:
        with writing(self.engine) as connection:
            row = issue_row(connection, issue_id)
            assert row is not None
            change_status(connection, row, status, actor="tom", now=self.now)

    def events(self, issue_id: int) -> list[str]:
        with reading(self.engine) as connection:
            of_issue = select(EVENTS.c.change).where(EVENTS.c.issue_id == issue_id)
            return list(connection.execute(of_issue.order_by(EVENTS.c.id)).scalars())


@pytest.fixture
def college(engine: Engine) -> College:
    college = College(engine)
    college.answers(*CHEMISTRY, *LIBRARY)
    return college


def test_printers_that_stop_together_are_one_issue_that_theirs_hang_below(college: College) -> None:
    college.is_silent(*CHEMISTRY[:4])
    parent = college.outage()
    titles = [title for title, below in college.living() if below is None]
    assert titles == ["Chemistry: 4 of 5 printers do not answer"]
    assert [below for _, below in college.living()].count(parent) == 4
    college.settle()
    college.settle()
    assert college.events(parent) == ["opened"]
    assert college.events(1) == ["opened", "hung_below"]


def test_it_tells_how_many_there_are_by_now_and_nobodys_edit_conflicts(college: College) -> None:
    college.is_silent(*CHEMISTRY[:3])
    with reading(college.engine) as connection:
        seen = issue_row(connection, college.outage())
    college.is_silent(CHEMISTRY[3], CHEMISTRY[4])
    assert college.living()[3][0] == "Chemistry: 5 of 5 printers do not answer"
    college.answers(CHEMISTRY[0])
    assert college.living()[2][0] == "Chemistry: 4 of 5 printers do not answer"
    assert seen is not None
    with writing(college.engine) as connection:
        wanted = {"title": "Chemistry has no power", "assignee": "tom"}
        change_issue(connection, seen, wanted, actor="tom", now=college.now)
    college.answers(CHEMISTRY[1])
    assert ("Chemistry has no power", None) in college.living()


def test_it_ends_by_itself_and_what_stays_away_keeps_its_own_issue(college: College) -> None:
    college.is_silent(*CHEMISTRY)
    college.answers(*CHEMISTRY[1:])
    assert college.living() == [("The printer does not answer.", None)]
    with reading(college.engine) as connection:
        assert outages_on(connection) == {}
    college.answers(CHEMISTRY[0])
    assert college.living() == []
    assert {parent for (parent,) in college.issues("parent_id")} == {None, 6}, "the others ended with it"


def test_what_returns_within_a_day_is_the_same_issue_again(college: College) -> None:
    college.is_silent(*CHEMISTRY)
    first = college.outage()
    college.answers(*CHEMISTRY)
    college.is_silent(*CHEMISTRY[:4])
    assert college.outage() == first
    assert college.living()[-1] == ("Chemistry: 4 of 5 printers do not answer", None)
    college.answers(*CHEMISTRY)
    college.now += REOPENED_WITHIN + timedelta(hours=1)
    college.is_silent(*CHEMISTRY)
    assert college.outage() != first


def test_an_outage_of_the_site_takes_those_of_places_below_it(college: College) -> None:
    college.is_silent(*CHEMISTRY)
    place = college.outage()
    college.is_silent(*LIBRARY)
    assert [title for title, below in college.living() if below is None] == [
        "Site main: 7 of 7 printers do not answer"
    ]
    college.answers(*LIBRARY)
    assert [title for title, below in college.living() if below is None] == [
        "Chemistry: 5 of 5 printers do not answer"
    ]
    assert college.outage() == place


def test_what_a_person_ends_stays_so_while_it_lasts_and_its_printers_end_with_it(college: College) -> None:
    college.is_silent(*CHEMISTRY)
    college.close(college.outage())
    college.settle()
    assert college.living() == []
    college.read(set(), *CHEMISTRY)
    assert college.living() == []
    college.answers(*CHEMISTRY[:4])
    assert college.living() == [("The printer does not answer.", None)], "this one is away by itself now"


def test_printers_that_were_never_reached_have_no_issue_and_no_share(college: College) -> None:
    never = tuple(f"new-{number}" for number in range(5))
    add_printers(college.engine, *never)
    with writing(college.engine) as connection:
        these = update(PRINTERS).where(PRINTERS.c.printer_id.in_(never))
        connection.execute(these.values(location="Chemistry, store"))
    for _ in range(4):
        college.read(set(), *never)
    assert college.issues("id") == []
    college.is_silent(*CHEMISTRY)
    assert college.living()[-1][0] == "Chemistry: 5 of 5 printers do not answer"
    college.answers(never[0])
    college.is_silent(never[0])
    assert college.living()[-2][0] == "Chemistry: 6 of 6 printers do not answer"


def test_readings_that_come_again_change_nothing(college: College) -> None:
    college.read(set(), *CHEMISTRY)
    again = college.read(set(), *CHEMISTRY)
    before = college.issues("title", "status", "parent_id", "updated_at")
    store(college.engine, received(*again), RULES, college.now)
    college.settle()
    assert college.issues("title", "status", "parent_id", "updated_at") == before


def test_a_printer_that_is_taken_out_of_the_inventory_does_not_count(college: College) -> None:
    college.is_silent(*CHEMISTRY[:4])
    with writing(college.engine) as connection:
        these = update(PRINTERS).where(PRINTERS.c.printer_id.in_(CHEMISTRY[:2]))
        connection.execute(these.values(enabled=False))
    college.settle()
    assert "Chemistry: 2 of 3 printers do not answer" in {title for title, _ in college.living()}


def test_an_issue_stays_below_its_outage_when_its_printer_is_taken_out_of_service(college: College) -> None:
    college.is_silent(*CHEMISTRY[:4])
    parent = college.outage()
    take_out(college, CHEMISTRY[0])
    college.settle()
    assert [below for _, below in college.living()].count(parent) == 4
    assert "Chemistry: 3 of 4 printers do not answer" in {title for title, _ in college.living()}
    assert [college.events(number).count("hung_below") for number in range(1, 5)] == [1] * 4

    college.answers(*CHEMISTRY[1:4])
    assert college.living() == [("The printer does not answer.", None)], "it was there before: it is its own"


def test_an_issue_ends_with_its_outage_though_its_printer_is_out_of_service(college: College) -> None:
    college.is_silent(*CHEMISTRY[:4])
    take_out(college, CHEMISTRY[0])
    college.close(college.outage())
    college.settle()
    assert college.living() == []


def test_an_issue_of_a_printer_out_of_service_comes_below_no_outage(college: College) -> None:
    college.is_silent(CHEMISTRY[0])
    take_out(college, CHEMISTRY[0])
    college.is_silent(*CHEMISTRY[1:4])
    assert sorted(below is None for _, below in college.living()) == [False] * 3 + [True] * 2


def test_an_outage_whose_printers_are_all_taken_out_of_service_stays_one_issue(college: College) -> None:
    college.is_silent(*CHEMISTRY)
    parent = college.outage()
    for printer_id in CHEMISTRY:
        take_out(college, printer_id)
        college.settle()
    assert college.outage() == parent
    assert [title for title, below in college.living() if below is None] == [
        "Chemistry: 5 of 5 printers do not answer"
    ]
    assert [below for _, below in college.living()].count(parent) == 5, "nothing comes up by itself"
    assert [college.events(number).count("hung_below") for number in range(1, 6)] == [1] * 5

    college.read(set(), *CHEMISTRY)
    assert college.outage() == parent
    college.answers(*CHEMISTRY)
    assert college.living() == [], "it ends as ever, though nobody has put them back"


def test_an_outage_goes_on_when_its_printers_are_put_back_in_service(college: College) -> None:
    college.is_silent(*CHEMISTRY)
    parent = college.outage()
    for printer_id in CHEMISTRY:
        take_out(college, printer_id)
    college.settle()
    put_back(college, *CHEMISTRY)
    college.settle()
    assert college.outage() == parent
    assert [below for _, below in college.living()].count(parent) == 5
    assert college.events(parent) == ["opened"]


def test_an_outage_of_a_site_keeps_a_place_that_is_taken_out_of_service(college: College) -> None:
    college.is_silent(*CHEMISTRY, *LIBRARY)
    for printer_id in CHEMISTRY:
        take_out(college, printer_id)
    college.settle()
    assert [title for title, below in college.living() if below is None] == [
        "Site main: 2 of 2 printers do not answer"
    ]
    college.answers(*LIBRARY)
    assert [title for title, below in college.living() if below is None] == [
        "Chemistry: 5 of 5 printers do not answer"
    ]


def test_what_a_person_has_ended_does_not_come_back_when_its_printers_go_out_of_service(
    college: College,
) -> None:
    college.is_silent(*CHEMISTRY)
    college.close(college.outage())
    college.settle()
    for printer_id in CHEMISTRY:
        take_out(college, printer_id)
    college.settle()
    college.read(set(), *CHEMISTRY)
    assert college.living() == []


def take_out(college: College, printer_id: str) -> None:
    with writing(college.engine) as connection:
        take_out_of_service(connection, printer_id, until=None, why="repair", actor="tom", now=college.now)


def put_back(college: College, *printer_ids: str) -> None:
    with writing(college.engine) as connection:
        for printer_id in printer_ids:
            put_back_in_service(connection, printer_id, actor="tom", now=college.now)
    put_back_in_processor(college.engine, college.now)


def test_a_service_that_starts_anew_goes_on_where_the_last_one_was(college: College) -> None:
    college.read(set(), *CHEMISTRY)
    college.read(set(), *CHEMISTRY, settled=False)
    Outages(college.engine).step()
    parent = college.outage()
    service = Outages(college.engine)
    service.step()
    service.step()
    assert college.events(parent) == ["opened"]


def test_two_services_at_once_open_one_issue(college: College) -> None:
    college.read(set(), *CHEMISTRY)
    college.read(set(), *CHEMISTRY, settled=False)
    threads = [threading.Thread(target=Outages(college.engine).step) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([1 for title, _ in college.living() if title.startswith("Chemistry")]) == 1


@contextmanager
def fresh_college(kind: str, folder: Path) -> Iterator[College]:
    with database(kind, folder) as settings_:
        engine = open_database(DatabaseSettings.model_validate(settings_))
        try:
            yield College(engine)
        finally:
            engine.dispose()


Step = tuple[str, frozenset[int], bool]
STEPS: Final = st.lists(
    st.tuples(
        st.sampled_from(("go", "come", "again", "late", "out", "back", "settle")),
        st.frozensets(st.integers(0, len(CHEMISTRY + LIBRARY) - 1), min_size=1),
        st.booleans(),
    ),
    max_size=14,
)


@pytest.mark.parametrize(("kind", "examples"), [("sqlite", 25), ("postgresql", 8)])
def test_whatever_comes_and_goes_each_silent_printer_is_under_one_issue(
    kind: str, examples: int, tmp_path: Path
) -> None:
    with fresh_college(kind, tmp_path) as college:

        @settings(max_examples=examples)
        @given(STEPS)
        def holds(steps: list[Step]) -> None:
            play(college, steps)

        holds()


def play(college: College, steps: list[Step]) -> None:
    """Play them, check what must hold after each, and that all is over when all answer."""
    everybody = CHEMISTRY + LIBRARY
    college.now += 2 * REOPENED_WITHIN
    college.answers(*everybody)
    told: list[Reading] = []
    for what, chosen, settled in steps:
        printers = [everybody[number] for number in sorted(chosen)]
        if what == "go":
            told += college.read(set(), *printers, settled=settled)
        elif what == "come":
            told += college.read(set(printers), settled=settled)
        elif what in ("again", "late") and told:
            some = told[-len(chosen) :] if what == "again" else told[: len(chosen)]
            store(college.engine, received(*reversed(some)), RULES, college.now)
        elif what == "out":
            for printer_id in printers:
                take_out(college, printer_id)
        elif what == "back":
            put_back(college, *printers)
        if settled:
            Outages(college.engine).step()  # a service of its own each time: it remembers nothing
            check(college)
    college.answers(*everybody)
    check(college)
    assert college.living() == []
    put_back(college, *everybody)


def check(college: College) -> None:
    with reading(college.engine) as connection:
        on = outages_on(connection)
        states = {
            row[0]: row[1] for row in connection.execute(select(SNAPSHOTS.c.printer_id, SNAPSHOTS.c.state))
        }
        alive = select(ISSUES.c.id, ISSUES.c.printer_id, ISSUES.c.attention_subject, ISSUES.c.parent_id)
        living = connection.execute(alive.where(ISSUES.c.status.in_(LIVING))).all()
        open_rows = select(OUTAGES.c.scope, OUTAGES.c.name).where(OUTAGES.c.ended_at.is_(None))
        groups = connection.execute(open_rows).all()
        out = set(read_out_of_service(connection, college.now))
    about_outages = {row[0]: row for row in living if not row[1]}
    assert len(groups) == len(set(groups))
    assert {outage.issue_id for outage in on.values()} == set(about_outages)
    silent = {printer_id for printer_id, state in states.items() if state == "unreachable"}
    singles = [row for row in living if row[1]]
    about = sorted(row[1] for row in singles)
    assert len(about) == len(set(about))
    assert silent - out <= set(about) <= silent, "one for each, none for others"
    for row in living:
        assert row[3] is None or row[3] in about_outages, "it hangs below an outage that is on"
    for group, outage in on.items():
        below = {row[1] for row in singles if college_place(row[1]) == group.name or group.scope == "site"}
        assert outage.extent.silent == len(below) or below & out


def college_place(printer_id: str) -> str:
    return "Chemistry" if printer_id.startswith("chem") else "Library"
