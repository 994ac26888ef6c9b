"""Attention: what is listed in which order, and what people do about it, with its undo."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, select, update

from core.contract.errors import Conflict, UserError
from core.domain.permissions import Permission
from core.domain.places import place_of
from core.storage.core_tables import ATTENTION, AUDIT, ISSUES, PRINTERS, SNAPSHOTS
from core.storage.database import reading, writing
from core.storage.issues import NewIssue, open_issue
from core.storage.out_of_service import take_out_of_service
from core.storage.tables import IssueKind, Outage
from dashboard.actor import Actor
from dashboard.features.attention import actions, queries
from dashboard.features.attention.failed_checks import failed_checks, outages, unreached_printers
from dashboard.features.attention.queries import Flag, FlagFilter, Pile
from dashboard.features.attention.snoozes import SNOOZES, wake_time
from dashboard.ui.places import place
from dashboard.undoing import Done, undo
from dashboard.viewer import Forbidden, Viewer
from tests.builders import printer, put, snapshot
from tests.dashboard.harness import ADMIN, ANONYMOUS, MANAGER, TECHNICIAN
from tests.dashboard.manager_fleet import NOW, opened, state
from tests.postgres import DATABASES


@pytest.fixture(params=DATABASES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with opened(request.param, tmp_path) as engine:
        yield engine


def _flags(engine: Engine, pile: Pile = Pile.NOW, wanted: FlagFilter | None = None) -> list[Flag]:
    with reading(engine) as connection:
        return queries.flags(connection, wanted or FlagFilter(), now=NOW, pile=pile)


def _flag(engine: Engine, code: str, printer_id: str = "lib-1") -> Flag:
    with reading(engine) as connection:
        found = select(ATTENTION.c.id).where(ATTENTION.c.code == code, ATTENTION.c.printer_id == printer_id)
        flag = queries.flag(connection, connection.execute(found).scalar_one(), NOW)
    assert flag is not None
    return flag


def _audit(engine: Engine) -> list[str]:
    with reading(engine) as connection:
        return [row[0] for row in connection.execute(select(AUDIT.c.action).order_by(AUDIT.c.id))]


def test_the_place_with_the_worst_comes_first_and_stays_together(engine: Engine) -> None:
    assert [(f.place, f.printer_id, f.code) for f in _flags(engine)] == [
        ("Library", "lib-1", "jam"),
        ("Library", "lib-2", "no_paper"),
        ("Library", "lib-1", "supply_low"),
        ("Law School", "law-1", "supply_low"),
    ]


def test_a_page_of_flags_knows_how_many_its_place_has(engine: Engine) -> None:
    with reading(engine) as connection:
        (second,) = queries.flags(connection, FlagFilter(), now=NOW, limit=1, offset=1)
    assert (second.code, second.of_place, second.critical_of_place) == ("no_paper", 3, 1)


def test_filters_take_severity_fixer_words_and_who_has_it(engine: Engine) -> None:
    def codes(wanted: FlagFilter) -> list[str]:
        return [flag.code for flag in _flags(engine, wanted=wanted)]

    assert codes(FlagFilter(severities=("critical",))) == ["jam"]
    assert codes(FlagFilter(fixers=("anyone",))) == ["jam", "no_paper"]
    assert codes(FlagFilter(text="LAW school")) == ["supply_low"]
    assert codes(FlagFilter(text="%")) == ["supply_low", "supply_low"]  # a sign, no pattern
    assert codes(FlagFilter(assignee="maya")) == []
    actions.assign(Actor(engine, MANAGER, NOW), [_flag(engine, "no_paper", "lib-2")], "maya")
    assert codes(FlagFilter(assignee="maya")) == ["no_paper"]


def test_the_counts_go_with_the_filter(engine: Engine) -> None:
    with reading(engine) as connection:
        counts = queries.counts(connection, FlagFilter(severities=("critical",)), now=NOW)
        text = queries.counts(connection, FlagFilter(text="nothing like it"), now=NOW)
    assert (counts.now, counts.critical, counts.warning, counts.failed) == (1, 1, 3, 2)
    assert (text.now, text.critical) == (0, 0)


def test_failed_checks_stand_apart_with_their_reason_and_flag(engine: Engine) -> None:
    with reading(engine) as connection:
        first, second = failed_checks(connection, FlagFilter(), now=NOW)
    assert (first.printer_id, first.error) == ("gym-1", "gym-1 did not answer.")
    assert first.flag is not None
    assert first.flag.code == "unreachable"
    assert (second.printer_id, second.flag) == ("gym-2", None)


def test_a_place_where_most_do_not_answer_is_said_to_be_one(engine: Engine) -> None:
    with reading(engine) as connection:
        assert outages(connection, now=NOW) == []  # two are no crowd
    third = state("gym-3", reachable=False)
    put(engine, printer("gym-3", location="Sports Centre"))
    put(engine, snapshot("gym-3", third, stale_at=NOW + timedelta(days=1)))
    with reading(engine) as connection:
        (found,) = outages(connection, now=NOW)
    assert (found.title, found.issue_id) == ("Sports Centre: 3 of 3 printers do not answer", None)


def test_an_outage_is_shown_with_its_issue_and_once(engine: Engine) -> None:
    third = state("gym-3", reachable=False)
    put(engine, printer("gym-3", location="Sports Centre"))
    put(engine, snapshot("gym-3", third, stale_at=NOW + timedelta(days=1)))
    with writing(engine) as connection:
        new = NewIssue("", "Sports Centre: 3 of 3 printers do not answer", kind=IssueKind.DEVICE)
        number = open_issue(connection, new, actor="processor", now=NOW)
        gym = SNAPSHOTS.c.printer_id.like("gym-%")
        connection.execute(update(SNAPSHOTS).where(gym).values(state="unreachable"))
    put(
        engine,
        Outage(scope="place", name="Sports Centre", silent=3, printers=3, began_at=NOW, issue_id=number),
    )
    with reading(engine) as connection:
        (found,) = outages(connection, now=NOW)
    assert found.issue_id == number
    with writing(engine) as connection:
        for name in ("gym-1", "gym-2", "gym-3"):
            take_out_of_service(connection, name, until=None, why="repair", actor="tom", now=NOW)
    with reading(engine) as connection:
        assert outages(connection, now=NOW) == []


def test_printers_that_never_answered_are_no_failed_check_but_a_list_of_their_own(engine: Engine) -> None:
    put(engine, printer("new-1", name="New 1", location="Annex"), printer("new-2", name="New 2"))
    never = state("new-1", reachable=False, error="no answer within 3 s")
    put(engine, snapshot("new-1", never, reached=False, stale_at=NOW + timedelta(days=1)))
    with reading(engine) as connection:
        failed = {check.printer_id for check in failed_checks(connection, FlagFilter(), now=NOW)}
        counts = queries.counts(connection, FlagFilter(), now=NOW)
        unreached = unreached_printers(connection, now=NOW)
    assert failed == {"gym-1", "gym-2"}
    assert (counts.failed, counts.unreached) == (2, len(unreached))
    assert {"new-1", "new-2"} <= {one.printer_id for one in unreached}
    assert {one.printer_id: one.error for one in unreached}["new-1"] == "no answer within 3 s"


def test_a_stale_reading_is_no_failed_check(engine: Engine) -> None:
    later = NOW + timedelta(days=2)
    with reading(engine) as connection:
        assert failed_checks(connection, FlagFilter(), now=later) == []
        assert queries.counts(connection, FlagFilter(), now=later).failed == 0


def test_the_place_is_the_same_in_sql_and_python(engine: Engine) -> None:
    locations = ["Library, floor 2, desk", "Library", "", " Annex , x", ",x", " , ,", ", Gym ,x"]
    put(engine, *(printer(f"p{n}", location=location) for n, location in enumerate(locations)))
    with reading(engine) as connection:
        columns = PRINTERS.c
        found = select(place(columns.location)).where(columns.printer_id.like("p_"))
        said = connection.execute(found.order_by(columns.printer_id)).scalars().all()
    assert said == [place_of(location) for location in locations]


def test_what_is_acknowledged_is_folded_away_and_comes_back_by_undo(engine: Engine) -> None:
    done = actions.acknowledge(Actor(engine, MANAGER, NOW), [_flag(engine, "jam")])
    assert [flag.code for flag in _flags(engine, Pile.SET_ASIDE)] == ["jam"]
    assert "jam" not in [flag.code for flag in _flags(engine)]
    undo(Actor(engine, MANAGER, NOW), done)
    assert _flags(engine, Pile.SET_ASIDE) == []
    assert _audit(engine)[-2:] == ["attention.acknowledged", "attention.undone"]


def test_what_is_snoozed_wakes_by_itself(engine: Engine) -> None:
    flag = _flag(engine, "no_paper", "lib-2")
    actions.snooze(Actor(engine, MANAGER, NOW), [flag], NOW + timedelta(hours=1))
    assert [each.code for each in _flags(engine, Pile.SET_ASIDE)] == ["no_paper"]
    with reading(engine) as connection:
        later = queries.flags(connection, FlagFilter(), now=NOW + timedelta(hours=2))
    assert "no_paper" in [each.code for each in later]


def test_nobody_snoozes_into_the_past(engine: Engine) -> None:
    with pytest.raises(UserError, match="in the future"):
        actions.snooze(Actor(engine, MANAGER, NOW), [_flag(engine, "jam")], NOW)


def test_assigning_goes_to_the_issue_where_there_is_one(engine: Engine) -> None:
    done = actions.assign(Actor(engine, MANAGER, NOW), [_flag(engine, "jam")], "tom")
    with reading(engine) as connection:
        assert connection.execute(select(ISSUES.c.assignee).where(ISSUES.c.id == 1)).scalar() == "tom"
    assert _flag(engine, "jam").assignee == "tom"
    undo(Actor(engine, MANAGER, NOW), done)
    assert _flag(engine, "jam").assignee == ""


def test_only_somebody_with_an_account_can_be_given_something(engine: Engine) -> None:
    with pytest.raises(UserError, match="no active account"):
        actions.assign(Actor(engine, MANAGER, NOW), [_flag(engine, "supply_low")], "nobody-here")


def test_an_issue_opened_from_a_flag_is_about_it_and_undo_closes_it(engine: Engine) -> None:
    flag = _flag(engine, "supply_low", "law-1")
    actions.assign(Actor(engine, MANAGER, NOW), [flag], "tom")
    actions.note(Actor(engine, MANAGER, NOW), _flag(engine, "supply_low", "law-1"), "Spare on shelf 3")
    done = actions.open_issue(Actor(engine, MANAGER, NOW), _flag(engine, "supply_low", "law-1"))
    assert done.said == "Law-1: issue 3 is open"
    with reading(engine) as connection:
        row = connection.execute(select(ISSUES).where(ISSUES.c.id == 3)).mappings().one()
    assert (row["attention_code"], row["attention_subject"], row["category"]) == (
        "supply_low",
        "1.1",
        "supplies",
    )
    assert (row["assignee"], row["kind"]) == ("tom", "person")
    assert "Spare on shelf 3" in row["details"]
    assert _flag(engine, "supply_low", "law-1").issue_id == 3
    undo(Actor(engine, MANAGER, NOW), done)
    with reading(engine) as connection:
        assert connection.execute(select(ISSUES.c.status).where(ISSUES.c.id == 3)).scalar() == "closed"
    assert _flag(engine, "supply_low", "law-1").issue_id is None


def test_a_flag_with_an_issue_gets_no_second_one(engine: Engine) -> None:
    with pytest.raises(UserError, match="already: 1"):
        actions.open_issue(Actor(engine, MANAGER, NOW), _flag(engine, "jam"))


def test_who_comes_second_is_told_and_overwrites_nothing(engine: Engine) -> None:
    seen = _flag(engine, "no_paper", "lib-2")
    actions.note(Actor(engine, MANAGER, NOW), seen, "mine")
    second = actions.note(Actor(engine, ADMIN, NOW), seen, "theirs")
    assert second.said == ""
    assert "somebody else" in second.refused[0]
    assert _flag(engine, "no_paper", "lib-2").note == "mine"


def test_one_of_many_that_changed_stops_no_other(engine: Engine) -> None:
    jam, paper = _flag(engine, "jam"), _flag(engine, "no_paper", "lib-2")
    actions.note(Actor(engine, ADMIN, NOW), jam, "seen")
    done = actions.acknowledge(Actor(engine, MANAGER, NOW), [jam, paper])
    assert done.said == "1 flag: acknowledged"
    assert len(done.refused) == 1
    assert [flag.code for flag in _flags(engine, Pile.SET_ASIDE)] == ["no_paper"]


def test_undo_does_not_undo_what_somebody_else_did_since(engine: Engine) -> None:
    flag = _flag(engine, "no_paper", "lib-2")
    done = actions.acknowledge(Actor(engine, MANAGER, NOW), [flag])
    actions.note(Actor(engine, ADMIN, NOW), _flag(engine, "no_paper", "lib-2"), "on it")
    with pytest.raises(Conflict):
        undo(Actor(engine, MANAGER, NOW), done)
    assert _flag(engine, "no_paper", "lib-2").note == "on it"


def test_what_is_over_cannot_be_acted_on(engine: Engine) -> None:
    flag = _flag(engine, "jam")
    with writing(engine) as connection:
        over = update(ATTENTION).where(ATTENTION.c.id == flag.attention_id).values(cleared_at=NOW)
        connection.execute(over)
    assert actions.acknowledge(Actor(engine, MANAGER, NOW), [flag]).refused


@pytest.mark.parametrize("viewer", [ANONYMOUS, TECHNICIAN])
def test_triage_is_for_managers(engine: Engine, viewer: Viewer) -> None:
    flag = _flag(engine, "jam")
    for act in (
        lambda: actions.acknowledge(Actor(engine, viewer, NOW), [flag]),
        lambda: actions.assign(Actor(engine, viewer, NOW), [flag], "tom"),
        lambda: actions.snooze(Actor(engine, viewer, NOW), [flag], NOW + timedelta(hours=1)),
        lambda: actions.note(Actor(engine, viewer, NOW), flag, "x"),
        lambda: actions.open_issue(Actor(engine, viewer, NOW), flag),
        lambda: actions.bring_back(Actor(engine, viewer, NOW), [flag]),
        lambda: undo(Actor(engine, viewer, NOW), Done("x", permission=Permission.TRIAGE_ATTENTION)),
    ):
        with pytest.raises(Forbidden):
            act()
    assert "attention.acknowledged" not in _audit(engine)


def test_snoozes_end_when_people_mean() -> None:
    zone = ZoneInfo("Europe/Berlin")
    friday = datetime(2026, 3, 27, 22, 30, tzinfo=UTC)  # 23:30 there; the clocks change on Sunday
    ends = {choice: wake_time(choice, friday, zone).astimezone(zone) for choice in SNOOZES}
    assert ends["Snooze for an hour"].strftime("%a %H:%M") == "Sat 00:30"
    assert ends["Snooze until tomorrow morning"].strftime("%a %d %H:%M") == "Sat 28 07:00"
    assert ends["Snooze until Monday morning"].strftime("%a %d %H:%M") == "Mon 30 07:00"
    assert wake_time("Snooze until Monday morning", friday, zone) == datetime(2026, 3, 30, 5, tzinfo=UTC)
