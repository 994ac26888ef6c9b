"""Notices in the database: what is told is remembered in the same transaction, whoever tells it."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, select, update

from core.contract.errors import SettingsError
from core.domain.calendar_days import CLOSED, PeriodEntry
from core.domain.quiet_days import WEEKDAYS
from core.runtime.mail_settings import NotifySettings
from core.storage.calendar_periods import add_periods
from core.storage.core_tables import NOTICES, OUTAGES
from core.storage.database import reading, writing
from core.storage.issues import NewIssue, assign, issue_row, open_issue
from core.storage.out_of_service import take_out_of_service
from core.storage.tables import IssueKind, Outage
from notifier.notices.notices import NoticeComposer
from notifier.notices.targets import apprise_urls, escalation_targets, notice_targets
from tests.builders import printer, put
from tests.notifier.making import (
    LINKS,
    NOON,
    change_flag,
    flag,
    flag_ids,
    make_settings,
    minutes,
    outbox,
    store,
    triage,
)
from tests.postgres import DATABASES

SOON = NOON + minutes(2)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with store("sqlite", tmp_path) as (engine, _):
        put(engine, printer("lib", name="Library 1", location="Library, floor 1"))
        yield engine


def noticing(engine: Engine, folder: Path, **values: Any) -> NoticeComposer:
    wanted = {"notify_urls": SecretStr("desk@example.org"), **values}
    return NoticeComposer(engine, make_settings(folder, **wanted), LINKS)


def kinds(engine: Engine) -> list[str]:
    return [row["kind"] for row in outbox(engine)]


def test_a_notice_is_written_once_and_its_end_too(engine: Engine, tmp_path: Path) -> None:
    put(engine, flag("lib", "jam", message="Paper is jammed."))
    one = noticing(engine, tmp_path)
    assert [one.step(SOON), one.step(SOON + minutes(1))] == [1, 0]
    mail = outbox(engine)[0]
    assert mail["subject"] == "Critical - Library 1: Paper is jammed"
    assert (mail["recipient"], mail["channel"]) == ("desk@example.org", "mail")
    assert "lib · Library, floor 1" in mail["body_text"]
    assert "https://print.example.edu/printer?id=lib" in mail["body_text"]
    change_flag(engine, flag_ids(engine)["lib", "jam"], cleared_at=SOON + minutes(5))
    assert one.step(SOON + minutes(7)) == 1
    assert kinds(engine) == ["notice", "resolved_notice"]
    assert outbox(engine)[1]["subject"] == "Resolved - Library 1: Paper is jammed"
    assert one.step(SOON + minutes(8)) == 0


def test_what_a_printer_has_since_the_same_moment_is_one_line(engine: Engine, tmp_path: Path) -> None:
    put(engine, printer("two"), flag("two", "jam", message="Paper is jammed."))
    inks = [f"{color} is empty." for color in ("Black", "Cyan", "Magenta", "Yellow")]
    put(engine, *(flag("lib", "supply_empty", subject=f"1.{n}", message=ink) for n, ink in enumerate(inks)))
    assert noticing(engine, tmp_path).step(SOON) == 1
    mail = outbox(engine)[0]
    assert mail["subject"] == "5 critical conditions: Two, Library 1"
    for body in (mail["body_text"], mail["body_html"]):
        assert "Library 1: 4 conditions" in body
        assert " ".join(inks) in body
        assert "Two: Paper is jammed." in body
    assert mail["body_text"].count("/printer?id=lib") == 1


def test_without_targets_nothing_is_said_or_remembered(engine: Engine, tmp_path: Path) -> None:
    put(engine, flag("lib", "jam"))
    assert noticing(engine, tmp_path, notify_urls=None).step(SOON) == 0
    with reading(engine) as connection:
        assert connection.execute(select(NOTICES)).all() == []


def test_after_quiet_hours_what_is_still_so_comes_in_one_message(engine: Engine, tmp_path: Path) -> None:
    put(engine, printer("two"), flag("lib", "jam"), flag("two", "door_open"))
    one = noticing(engine, tmp_path, notify_quiet_hours="11:00-13:00")
    assert one.step(SOON) == 0
    assert one.step(NOON + minutes(61)) == 1
    assert kinds(engine) == ["digest"]


def test_a_flag_that_comes_back_as_the_same_life_is_told_again_after_the_cooldown(
    engine: Engine, tmp_path: Path
) -> None:
    put(engine, flag("lib", "jam"))
    number = flag_ids(engine)["lib", "jam"]
    one = noticing(engine, tmp_path)
    one.step(SOON)
    change_flag(engine, number, cleared_at=SOON)
    one.step(SOON + minutes(2))
    change_flag(engine, number, cleared_at=None)
    assert one.step(SOON + minutes(30)) == 0
    assert one.step(SOON + minutes(61)) == 1


def test_an_escalation_waits_for_nobody_to_have_it(engine: Engine, tmp_path: Path) -> None:
    put(engine, printer("two"), printer("three"))
    put(engine, flag("lib", "jam"), flag("two", "jam"), flag("three", "jam"))
    ids = flag_ids(engine)
    escalate = SecretStr("boss@example.org")
    one = noticing(engine, tmp_path, notify_escalate_urls=escalate)
    one.step(SOON)
    triage(engine, ids["two", "jam"], assignee="maya")
    give_issue_to(engine, "three", "tom")
    assert one.step(SOON + minutes(59)) == 0
    assert one.step(SOON + minutes(60)) == 1
    mail = outbox(engine)[-1]
    assert (mail["kind"], mail["recipient"]) == ("escalation", "boss@example.org")
    assert mail["subject"] == "Unassigned - Library 1: Jam"
    assert one.step(SOON + minutes(61)) == 0


def give_issue_to(engine: Engine, printer_id: str, assignee: str) -> None:
    new = NewIssue(printer_id, "Jam", kind=IssueKind.DEVICE, attention_code="jam")
    with writing(engine) as connection:
        number = open_issue(connection, new, actor="processor", now=NOON)
        seen = issue_row(connection, number)
        assert seen is not None
        assign(connection, seen, assignee, actor="maya", now=NOON)


def test_an_outage_is_one_message_when_it_begins_and_one_when_it_is_over(
    engine: Engine, tmp_path: Path
) -> None:
    names = [f"annex-{n}" for n in range(1, 9)]
    put(engine, *(printer(name, site="annex", location="Annex, hall") for name in names))
    put(engine, *(flag(name, "unreachable") for name in names[:6]))
    give_issue_to(engine, "", "")
    put(engine, Outage(scope="place", name="Annex", silent=6, printers=8, began_at=NOON, issue_id=1))
    one = noticing(engine, tmp_path)
    one.step(SOON)
    put(engine, *(flag(name, "unreachable") for name in names[6:]))
    assert one.step(SOON + minutes(1)) == 0
    subject = "Annex: 6 of 8 printers do not answer"
    assert [row["subject"] for row in outbox(engine)] == [subject]
    assert "/issue?id=1" in outbox(engine)[0]["body_text"]
    for name in names[1:]:
        change_flag(engine, flag_ids(engine)[name, "unreachable"], cleared_at=SOON + minutes(9))
    with writing(engine) as connection:
        connection.execute(update(OUTAGES).values(ended_at=SOON + minutes(9)))
    assert one.step(SOON + minutes(10)) == 1
    assert outbox(engine)[-1]["subject"] == "Annex answers again, 1 still silent"
    assert "Annex-1" in outbox(engine)[-1]["body_text"]
    change_flag(engine, flag_ids(engine)["annex-1", "unreachable"], cleared_at=SOON + minutes(11))
    assert one.step(SOON + minutes(20)) == 1
    assert kinds(engine) == ["outage", "outage_over", "resolved_notice"]


@pytest.mark.parametrize("kind", DATABASES)
def test_two_notifiers_tell_each_condition_once(kind: str, tmp_path: Path) -> None:
    with store(kind, tmp_path) as (engine, _):
        put(engine, *(printer(f"p{n}") for n in range(12)))
        for number in range(12):
            put(engine, flag(f"p{number}", "jam"))
            start = threading.Barrier(2)

            def work(start: threading.Barrier = start) -> None:
                one = noticing(engine, tmp_path)
                start.wait()
                one.step(SOON)

            threads = [threading.Thread(target=work) for _ in range(2)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(60)
        assert kinds(engine) == ["notice"] * 12


def test_targets_are_named_without_their_secrets() -> None:
    urls = "desk@example.org, ntfys://ntfy.sh/secret,mailto://u:pw@example.org?to=a@b.org,c@d.org jsons://h/x"
    settings = NotifySettings(notify_urls=SecretStr(urls), notify_escalate_urls=SecretStr("json://h/y"))
    assert [target.name for target in notice_targets(settings)] == [
        "desk@example.org",
        "ntfys 2",
        "mailto 3",
        "jsons 4",
    ]
    assert [target.name for target in escalation_targets(settings)] == ["escalation json 1"]
    assert apprise_urls(settings)["mailto 3"] == "mailto://u:pw@example.org?to=a@b.org,c@d.org"
    assert [target.name for target in escalation_targets(NotifySettings())] == []


def test_a_target_that_is_none_is_named_by_its_number_alone() -> None:
    with pytest.raises(SettingsError, match="NOTIFY_URLS: entry 2") as refused:
        notice_targets(NotifySettings(notify_urls=SecretStr("a@example.org, secret-word")))
    assert "secret-word" not in str(refused.value)


def test_a_snoozed_flag_is_told_when_the_snooze_ends(engine: Engine, tmp_path: Path) -> None:
    put(engine, flag("lib", "jam"))
    triage(engine, flag_ids(engine)["lib", "jam"], snoozed_until=NOON + timedelta(hours=2))
    one = noticing(engine, tmp_path)
    assert [one.step(SOON), one.step(NOON + timedelta(hours=2, minutes=1))] == [0, 1]


def test_nothing_is_told_of_a_printer_out_of_service_until_it_is_back(engine: Engine, tmp_path: Path) -> None:
    put(engine, flag("lib", "jam"))
    one = noticing(engine, tmp_path)
    with writing(engine) as connection:
        take_out_of_service(connection, "lib", until=SOON + minutes(10), why="repair", actor="tom", now=NOON)
    assert one.step(SOON) == 0
    assert one.step(SOON + minutes(11)) == 1


def test_that_a_fault_is_over_is_not_told_of_a_printer_out_of_service_and_not_later(
    engine: Engine, tmp_path: Path
) -> None:
    put(engine, flag("lib", "jam"))
    one = noticing(engine, tmp_path)
    assert one.step(SOON) == 1
    with writing(engine) as connection:
        until = SOON + minutes(10)
        take_out_of_service(connection, "lib", until=until, why="repair", actor="tom", now=SOON)
    change_flag(engine, flag_ids(engine)["lib", "jam"], cleared_at=SOON + minutes(1))
    assert one.step(SOON + minutes(5)) == 0
    assert one.step(SOON + minutes(20)) == 0
    assert kinds(engine) == ["notice"]


def test_on_quiet_days_nothing_is_said_and_afterwards_all_in_one_message(
    engine: Engine, tmp_path: Path
) -> None:
    today = NOON.date()
    with writing(engine) as connection:
        add_periods(connection, [PeriodEntry(CLOSED, "Closed", today, today)], actor="ada", now=NOON)
    put(engine, printer("two"), flag("lib", "jam"), flag("two", "door_open"))
    weekday = WEEKDAYS[today.weekday()]
    for written in ("off", weekday, f"{weekday} off"):
        assert noticing(engine, tmp_path, notify_quiet_days=written).step(SOON) == 0
    one = noticing(engine, tmp_path, notify_quiet_days="off")
    assert one.step(NOON + timedelta(days=1)) == 1
    assert kinds(engine) == ["digest"]
