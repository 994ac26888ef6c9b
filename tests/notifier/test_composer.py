"""The daily summary into the outbox: in time or late, once, to whoever wants it."""

import logging
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select, update

from core.domain.calendar_days import CLOSED, PeriodEntry
from core.storage.calendar_periods import add_periods
from core.storage.core_tables import USERS, WINDOWS
from core.storage.database import reading, writing
from core.storage.tables import Issue
from core.storage.users import NewUser, add_user
from notifier.summary.composer import Composer
from tests.builders import printer, put
from tests.notifier.making import LINKS, change_flag, flag, flag_ids, make_settings, outbox, store
from tests.postgres import DATABASES

SEVEN = datetime(2026, 3, 10, 7, tzinfo=UTC)
"""When it is due."""
EARLIER = SEVEN - timedelta(days=30)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with store("sqlite", tmp_path) as (engine, _):
        put(engine, printer("lib", created_at=EARLIER, updated_at=EARLIER))
        yield engine


def composer(engine: Engine, folder: Path, instance: str = "test", **values: Any) -> Composer:
    wanted = {"issue_summary_recipient": "lead@example.org", "summary_time": time(7), **values}
    return Composer(engine, make_settings(folder, **wanted), LINKS, instance)


def windows(engine: Engine) -> list[dict[str, Any]]:
    with reading(engine) as connection:
        return [
            dict(row)
            for row in connection.execute(select(WINDOWS).order_by(WINDOWS.c.window)).mappings().all()
        ]


def test_it_is_composed_at_its_time_and_not_again(engine: Engine, tmp_path: Path) -> None:
    one = composer(engine, tmp_path)
    assert one.step(SEVEN)
    assert not one.step(SEVEN + timedelta(seconds=30))
    assert not one.step(SEVEN + timedelta(hours=23))
    assert one.step(SEVEN + timedelta(days=1))
    assert [row["window"] for row in windows(engine)] == ["2026-03-10", "2026-03-11"]
    assert [row["late"] for row in windows(engine)] == [False, False]
    assert len(outbox(engine)) == 2


def test_a_machine_that_was_off_sends_it_late_and_says_so(engine: Engine, tmp_path: Path) -> None:
    assert composer(engine, tmp_path).step(SEVEN + timedelta(hours=9))
    assert windows(engine)[0]["late"]
    mail = outbox(engine)[0]
    assert mail["subject"].startswith("Late: ")
    assert "was due at Tue 10 Mar, 07:00" in mail["body_text"]


def test_days_without_a_notifier_are_part_of_the_next_summary(engine: Engine, tmp_path: Path) -> None:
    one = composer(engine, tmp_path)
    one.step(SEVEN)
    put(engine, resolved(SEVEN + timedelta(days=1)))
    one.step(SEVEN + timedelta(days=3))
    assert windows(engine)[1]["begins_at"] == windows(engine)[0]["ends_at"]
    assert "Creaks" in outbox(engine)[1]["body_text"]


def test_a_clock_that_was_years_ahead_for_a_moment_silences_nothing(engine: Engine, tmp_path: Path) -> None:
    one = composer(engine, tmp_path)
    one.step(SEVEN)
    one.step(SEVEN + timedelta(days=1500))
    assert one.step(SEVEN + timedelta(days=1))
    assert windows(engine)[1]["begins_at"] == windows(engine)[0]["ends_at"]


def test_days_that_a_clock_was_ahead_by_get_their_summaries_when_they_come(
    engine: Engine, tmp_path: Path
) -> None:
    one = composer(engine, tmp_path)
    for days in range(4):
        assert one.step(SEVEN + timedelta(days=days, seconds=10))
    sent = len(outbox(engine))
    assert not one.step(SEVEN + timedelta(minutes=1))
    assert [row["window"] for row in windows(engine)] == ["2026-03-10"]
    for days in range(1, 4):
        assert one.step(SEVEN + timedelta(days=days))
    assert len(outbox(engine)) == sent + 3


def resolved(at: datetime) -> Issue:
    return Issue(
        printer_id="lib",
        kind="person",
        title="Creaks",
        status="resolved",
        opened_at=at,
        updated_at=at,
        resolved_at=at,
    )


def test_a_fleet_that_is_younger_than_the_window_waits_for_the_next(tmp_path: Path) -> None:
    with store("sqlite", tmp_path) as (engine, _):
        one = composer(engine, tmp_path)
        assert not one.step(SEVEN + timedelta(hours=8))
        put(engine, printer("lib", created_at=SEVEN + timedelta(hours=8)))
        assert not one.step(SEVEN + timedelta(hours=9))
        assert one.step(SEVEN + timedelta(days=1))


def test_an_earlier_hour_does_not_make_a_second_summary_of_the_same_day(
    engine: Engine, tmp_path: Path
) -> None:
    composer(engine, tmp_path).step(SEVEN)
    earlier = composer(engine, tmp_path, summary_time=time(6))
    assert not earlier.step(SEVEN + timedelta(minutes=1))
    assert earlier.step(SEVEN + timedelta(days=1, hours=-1))


@pytest.mark.parametrize("kind", DATABASES)
def test_two_notifiers_compose_one_summary(kind: str, tmp_path: Path) -> None:
    with store(kind, tmp_path) as (engine, _):
        put(engine, printer("lib", created_at=EARLIER))
        for day in range(5):
            now, start = SEVEN + timedelta(days=day), threading.Barrier(2)
            done: list[bool] = []

            def work(name: str, now: datetime = now, start: Any = start, done: Any = done) -> None:
                one = composer(engine, tmp_path, name)
                start.wait()
                done.append(one.step(now))

            threads = [threading.Thread(target=work, args=(name,)) for name in ("one", "two")]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(60)
            assert sorted(done) == [False, True]
        assert len(windows(engine)) == len(outbox(engine)) == 5


def test_users_who_want_it_and_the_listed_ones_get_it_each_once(engine: Engine, tmp_path: Path) -> None:
    people = (
        NewUser("maya", email="maya@example.org", receives_summary=True),
        NewUser("tom", email="Lead@Example.org", receives_summary=True),
        NewUser("ada", email="ada@example.org"),
    )
    with writing(engine) as connection:
        for person in people:
            add_user(connection, person, actor="test", now=EARLIER)
    listed = "lead@example.org, other@example.org"
    composer(engine, tmp_path, issue_summary_recipient=listed).step(SEVEN)
    to = ["maya@example.org", "Lead@Example.org", "other@example.org"]
    assert [row["recipient"] for row in outbox(engine)] == to
    assert windows(engine)[0]["recipients"] == to
    maya, _, other = outbox(engine)
    assert "https://print.example.edu/unsubscribe?token=" in maya["body_text"]
    assert maya["headers"]["List-Unsubscribe"].startswith("<https://print.example.edu/unsubscribe?token=")
    assert maya["headers"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert other["headers"] == {"List-Unsubscribe": "<mailto:printers@localhost?subject=unsubscribe>"}
    assert "unsubscribe" not in other["body_text"]


def person(engine: Engine, name: str, email: str = "", summary: str = "") -> None:
    with writing(engine) as connection:
        new = NewUser(name, email=email or f"{name}@example.org")
        add_user(connection, new, actor="test", now=EARLIER)
        connection.execute(update(USERS).where(USERS.c.name == name).values(summary=summary))


def recipients(engine: Engine) -> list[str]:
    return [row["recipient"] for row in outbox(engine)]


def test_a_listed_address_gets_it_unless_its_owner_wants_none(engine: Engine, tmp_path: Path) -> None:
    person(engine, "ada", "A@example.org")
    person(engine, "bo", "b@example.org", summary="never")
    composer(engine, tmp_path, issue_summary_recipient="a@example.org, b@example.org, c@example.org").step(
        SEVEN
    )
    assert recipients(engine) == ["A@example.org", "c@example.org"]
    assert "by your account ada" in outbox(engine)[0]["body_text"]
    assert windows(engine)[0]["problem"] == ""


def test_whoever_wants_it_only_with_news_gets_none_on_a_quiet_day(engine: Engine, tmp_path: Path) -> None:
    person(engine, "maya", summary="changed")
    person(engine, "tom", summary="always")
    put(engine, flag("lib", "jam", since_at=SEVEN - timedelta(hours=3)))
    one = composer(engine, tmp_path, issue_summary_recipient="")
    one.step(SEVEN)
    assert recipients(engine) == ["maya@example.org", "tom@example.org"]
    one.step(SEVEN + timedelta(days=1))
    assert recipients(engine)[2:] == ["tom@example.org"]
    assert windows(engine)[1]["recipients"] == ["tom@example.org"]
    put(engine, resolved(SEVEN + timedelta(days=1, hours=3)))
    one.step(SEVEN + timedelta(days=2))
    assert recipients(engine)[3:] == ["maya@example.org", "tom@example.org"]


def test_that_all_want_it_only_with_news_is_no_problem(engine: Engine, tmp_path: Path) -> None:
    person(engine, "maya", summary="changed")
    put(engine, flag("lib", "jam", since_at=SEVEN - timedelta(days=3)))
    assert composer(engine, tmp_path, issue_summary_recipient="").step(SEVEN)
    assert (recipients(engine), windows(engine)[0]["problem"]) == ([], "")


def test_who_may_not_see_issues_cannot_subscribe(engine: Engine, tmp_path: Path) -> None:
    person(engine, "maya", summary="always")
    with writing(engine) as connection:
        connection.execute(update(USERS).where(USERS.c.name == "maya").values(role="of an earlier version"))
    composer(engine, tmp_path, issue_summary_recipient="").step(SEVEN)
    assert recipients(engine) == []


def test_each_reads_of_their_own_issues_and_plain_addresses_of_nobodys(
    engine: Engine, tmp_path: Path
) -> None:
    person(engine, "maya", summary="always")
    put(
        engine,
        Issue(
            printer_id="lib",
            kind="person",
            title="Squeaks",
            assignee="maya",
            opened_at=EARLIER,
            updated_at=EARLIER,
        ),
    )
    composer(engine, tmp_path).step(SEVEN)
    maya, lead = outbox(engine)
    assert "YOURS (1)" in maya["body_text"]
    assert "https://print.example.edu/account" in maya["body_text"]
    assert "YOURS" not in lead["body_text"]
    assert "/account" not in lead["body_text"]


def test_what_one_summary_has_told_is_not_new_in_the_next_after_days_without_one(
    engine: Engine, tmp_path: Path
) -> None:
    """Another process composes it, and the flag has got another beginning meanwhile."""
    put(engine, flag("lib", "jam", since_at=SEVEN - timedelta(hours=3)))
    composer(engine, tmp_path).step(SEVEN)
    change_flag(engine, flag_ids(engine)["lib", "jam"], since_at=SEVEN + timedelta(days=2))
    put(engine, flag("lib", "door_open", since_at=SEVEN + timedelta(days=2)))
    composer(engine, tmp_path, "another").step(SEVEN + timedelta(days=3))
    first, second = outbox(engine)
    assert first["subject"].startswith("1 new since yesterday")
    assert second["subject"].startswith("1 worse since Tuesday")
    assert "Door open." in second["body_text"]
    assert "Jam." not in second["body_text"]


def test_only_the_newest_summary_keeps_what_it_told(engine: Engine, tmp_path: Path) -> None:
    put(engine, flag("lib", "jam"))
    for days in range(3):
        composer(engine, tmp_path).step(SEVEN + timedelta(days=days))
    assert [row["told"] is not None for row in windows(engine)] == [False, False, True]
    assert windows(engine)[2]["told"]["flags"] == {"lib": {"jam|": "critical"}}


def test_a_summary_that_nobody_gets_still_counts_as_told(engine: Engine, tmp_path: Path) -> None:
    person(engine, "maya", summary="changed")
    put(engine, flag("lib", "jam", since_at=SEVEN - timedelta(days=3)))
    one = composer(engine, tmp_path, issue_summary_recipient="")
    one.step(SEVEN)
    one.step(SEVEN + timedelta(days=1))
    assert windows(engine)[1]["subject"].startswith("Nothing new since yesterday")


def test_email_to_is_used_where_no_recipient_is_listed(engine: Engine, tmp_path: Path) -> None:
    composer(engine, tmp_path, issue_summary_recipient="", email_to="old@example.org").step(SEVEN)
    assert [row["recipient"] for row in outbox(engine)] == ["old@example.org"]


def test_that_nobody_receives_it_is_recorded_and_no_error(
    engine: Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    assert composer(engine, tmp_path, issue_summary_recipient="").step(SEVEN)
    assert "ISSUE_SUMMARY_RECIPIENT" in windows(engine)[0]["problem"]
    assert outbox(engine) == []
    assert [(record.levelname, "Nobody receives" in record.message) for record in caplog.records] == [
        ("INFO", True)
    ]


@pytest.mark.parametrize(("when_empty", "mails"), [("short", 1), ("none", 0)])
def test_a_day_without_anything_to_say_is_one_line_or_no_mail(
    tmp_path: Path, when_empty: str, mails: int
) -> None:
    with store("sqlite", tmp_path) as (engine, _):
        put(engine, printer("lib", created_at=SEVEN - timedelta(minutes=5)))
        composer(engine, tmp_path, summary_when_empty=when_empty).step(SEVEN)
        assert len(outbox(engine)) == mails
        assert windows(engine)[0]["problem"] == ""
        assert [row["subject"] for row in outbox(engine)] == ["1 printer: 1 not reached yet."][:mails]


def test_the_message_id_is_that_of_window_and_recipient(tmp_path: Path) -> None:
    ids = []
    for folder in (tmp_path / "one", tmp_path / "two"):
        with store("sqlite", folder) as (engine, _):
            put(engine, printer("lib", created_at=EARLIER), flag("lib", "jam"))
            composer(engine, folder, issue_summary_recipient="a@example.org, b@example.org").step(SEVEN)
            ids.append([row["message_id"] for row in outbox(engine)])
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 2


def test_days_without_a_summary_are_part_of_the_next_one(engine: Engine, tmp_path: Path) -> None:
    """The tenth of March 2026 is a Tuesday; the Monday after it the college is closed."""
    closed = PeriodEntry(CLOSED, "Founder's day", date(2026, 3, 16), date(2026, 3, 16))
    with writing(engine) as connection:
        add_periods(connection, [closed], actor="ada", now=EARLIER)
    one = composer(engine, tmp_path, summary_quiet_days="saturday, sunday, off")
    assert [day for day in range(10) if one.step(SEVEN + timedelta(days=day))] == [0, 1, 2, 3, 7, 8, 9]
    found = {row["window"]: row for row in windows(engine)}
    assert found["2026-03-17"]["begins_at"] == found["2026-03-13"]["ends_at"]
    assert not found["2026-03-17"]["late"]
