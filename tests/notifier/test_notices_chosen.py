"""Notices as each person wants them: at once, by severity and place, without anybody else noticing."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, update

from core.domain.permissions import ROLES
from core.storage.core_tables import USERS
from core.storage.database import writing
from core.storage.issues import NewIssue, open_issue
from core.storage.tables import IssueKind, Outage
from core.storage.users import NewUser, add_user
from notifier.notices.notices import NoticeComposer
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
)
from tests.postgres import DATABASES

SOON = NOON + minutes(2)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with store("sqlite", tmp_path) as (engine, _):
        fleet(engine)
        yield engine


def fleet(engine: Engine) -> None:
    put(engine, printer("lib", name="Library 1", location="Library, floor 1"))
    put(engine, printer("chem", name="Chemistry 1", location="Chemistry"), printer("van", name="Van"))


def person(engine: Engine, name: str, notices: str, places: str = "", role: str = "technician") -> None:
    with writing(engine) as connection:
        add_user(connection, NewUser(name, ROLES[role], email=f"{name}@example.org"), actor="test", now=NOON)
        values = {"notices": notices, "notice_places": places}
        connection.execute(update(USERS).where(USERS.c.name == name).values(**values))


def noticing(engine: Engine, folder: Path, **values: Any) -> NoticeComposer:
    wanted = {"notify_urls": SecretStr("desk@example.org"), "notify_severity": "warning", **values}
    return NoticeComposer(engine, make_settings(folder, **wanted), LINKS)


def sent(engine: Engine) -> set[tuple[str, str]]:
    return {(row["recipient"], row["subject"]) for row in outbox(engine)}


JAM = "Critical - Library 1: Jam"
OPEN = "Warning - Chemistry 1: Door open"


@pytest.mark.parametrize("kind", DATABASES)
def test_each_is_told_from_their_severity_on_and_of_their_places(kind: str, tmp_path: Path) -> None:
    with store(kind, tmp_path) as (engine, _):
        fleet(engine)
        person(engine, "maya", "critical")
        person(engine, "tom", "warning", "Chemistry, No location")
        person(engine, "ada", "never")
        person(engine, "bo", "")
        put(engine, flag("lib", "jam"), flag("chem", "door_open", "warning"), flag("van", "jam"))
        noticing(engine, tmp_path).step(SOON)
        assert sent(engine) == {
            *(("desk@example.org", subject) for subject in (JAM, OPEN, "Critical - Van: Jam")),
            *(("maya@example.org", subject) for subject in (JAM, "Critical - Van: Jam")),
            *(("tom@example.org", subject) for subject in (OPEN, "Critical - Van: Jam")),
        }


def test_a_choice_in_effect_at_once_needs_no_other_start(engine: Engine, tmp_path: Path) -> None:
    person(engine, "maya", "critical")
    one = noticing(engine, tmp_path, notify_urls=None)
    put(engine, flag("lib", "jam"))
    one.step(SOON)
    assert sent(engine) == {("maya@example.org", JAM)}
    with writing(engine) as connection:
        connection.execute(update(USERS).where(USERS.c.name == "maya").values(notices="never"))
    put(engine, flag("van", "jam"))
    one.step(SOON)
    assert sent(engine) == {("maya@example.org", JAM)}


def test_a_listed_address_is_told_less_where_its_owner_wants_that(engine: Engine, tmp_path: Path) -> None:
    person(engine, "maya", "critical", "Library")
    person(engine, "tom", "never")
    put(engine, flag("lib", "jam"), flag("chem", "door_open", "warning"))
    urls = SecretStr("Maya@example.org tom@example.org")
    noticing(engine, tmp_path, notify_urls=urls).step(SOON)
    assert sent(engine) == {("Maya@example.org", JAM)}
    assert "Choose your mails: https://print.example.edu/account" in outbox(engine)[0]["body_text"]


def test_nobody_is_told_more_than_the_settings_tell(engine: Engine, tmp_path: Path) -> None:
    person(engine, "maya", "info")
    put(engine, flag("lib", "paper_low", "info"), flag("chem", "door_open", "warning"))
    noticing(engine, tmp_path, notify_severity="critical").step(SOON)
    assert sent(engine) == set()


def test_several_at_once_are_one_message_with_those_that_each_wants(engine: Engine, tmp_path: Path) -> None:
    person(engine, "maya", "warning", "Library")
    codes = ("jam", "door_open", "no_paper")
    put(engine, *(flag("lib", code) for code in codes), *(flag("chem", code) for code in codes))
    noticing(engine, tmp_path).step(SOON)
    assert sent(engine) == {
        ("desk@example.org", "6 critical conditions: Library 1, Chemistry 1"),
        ("maya@example.org", "3 critical conditions: Library 1"),
    }


def test_a_site_in_the_dark_is_told_whole_to_who_wants_one_of_its_printers(
    engine: Engine, tmp_path: Path
) -> None:
    person(engine, "maya", "critical", "Library")
    person(engine, "tom", "critical", "Annex")
    for number in range(6):
        put(engine, printer(f"p{number}", location="Chemistry"), flag(f"p{number}", "unreachable"))
    put(engine, flag("lib", "unreachable"))
    with writing(engine) as connection:
        new = NewIssue("", "Site main does not answer", kind=IssueKind.DEVICE)
        number = open_issue(connection, new, actor="processor", now=NOON)
    put(engine, Outage(scope="site", name="main", silent=7, printers=9, began_at=NOON, issue_id=number))
    noticing(engine, tmp_path).step(NOON + minutes(15))
    subject = "Site main: 7 of 9 printers do not answer"
    assert sent(engine) == {("desk@example.org", subject), ("maya@example.org", subject)}


def test_who_was_told_of_a_fault_is_told_of_its_end(engine: Engine, tmp_path: Path) -> None:
    person(engine, "maya", "critical", "Library")
    put(engine, flag("lib", "jam"))
    one = noticing(engine, tmp_path, notify_urls=None)
    one.step(SOON)
    change_flag(engine, flag_ids(engine)["lib", "jam"], cleared_at=SOON + minutes(5))
    one.step(SOON + minutes(7))
    assert [row["kind"] for row in outbox(engine)] == ["notice", "resolved_notice"]


def test_an_escalation_goes_to_those_the_settings_name_for_it(engine: Engine, tmp_path: Path) -> None:
    person(engine, "maya", "critical")
    put(engine, flag("lib", "jam"))
    one = noticing(engine, tmp_path, notify_escalate_urls=SecretStr("boss@example.org"))
    one.step(SOON)
    one.step(SOON + minutes(61))
    assert [row["recipient"] for row in outbox(engine, kind="escalation")] == ["boss@example.org"]


def test_a_role_that_sees_no_issues_is_told_nothing(engine: Engine, tmp_path: Path) -> None:
    person(engine, "maya", "critical")
    with writing(engine) as connection:
        connection.execute(update(USERS).where(USERS.c.name == "maya").values(role="of an earlier version"))
    put(engine, flag("lib", "jam"))
    noticing(engine, tmp_path).step(SOON)
    assert sent(engine) == {("desk@example.org", JAM)}
