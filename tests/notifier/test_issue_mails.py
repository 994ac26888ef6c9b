"""Mails about one issue: to who reported it and to whom it is given, and to nobody else's address twice."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from core.domain.links import Follower, follower_of_token
from core.storage.database import writing
from core.storage.issues import (
    NewIssue,
    add_event,
    assign,
    change_issue,
    change_status,
    comment,
    issue_row,
    merge_issue,
    open_issue,
)
from core.storage.place_assignees import assign_by_place, set_place_assignee
from core.storage.tables import IssueKind, IssueStatus, Visibility
from core.storage.users import NewUser, add_user
from notifier.issue_mails import IssueMails
from tests.builders import printer, put
from tests.notifier.making import LINKS, NOON, make_settings, minutes, outbox, store
from tests.postgres import DATABASES

AISHA = "aisha@example.org"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with store("sqlite", tmp_path) as (engine, _):
        prepare(engine)
        yield engine


def prepare(engine: Engine) -> None:
    put(engine, printer("lib", name="Library 1", location="Floor 1"))
    with writing(engine) as connection:
        for name, full_name in (("maya", "Maya Lindqvist"), ("tom", "Tom Adeyemi")):
            new = NewUser(name, full_name=full_name, email=f"{name}@example.org")
            add_user(connection, new, actor="test", now=NOON)


def mails(engine: Engine, folder: Path, **values: Any) -> IssueMails:
    return IssueMails(engine, make_settings(folder, **values), LINKS)


def report(engine: Engine, **values: Any) -> int:
    base: dict[str, Any] = {"reporter": "Aisha", "contact": AISHA, "category": "jam"}
    with writing(engine) as connection:
        new = NewIssue("lib", "Paper is stuck <b>", **(base | values))
        return open_issue(connection, new, actor="Aisha", now=NOON)


def resolve(engine: Engine, number: int) -> None:
    move(engine, number, IssueStatus.RESOLVED)


def move(engine: Engine, number: int, status: IssueStatus) -> None:
    with writing(engine) as connection:
        seen = issue_row(connection, number)
        assert seen is not None
        change_status(connection, seen, status, actor="maya", now=NOON)


def give(engine: Engine, number: int, assignee: str, actor: str = "maya") -> None:
    with writing(engine) as connection:
        seen = issue_row(connection, number)
        assert seen is not None
        assign(connection, seen, assignee, actor=actor, now=NOON)


def kinds(engine: Engine) -> list[tuple[str, str]]:
    return [(row["kind"], row["recipient"]) for row in outbox(engine)]


def test_the_reporter_gets_a_receipt_with_number_and_link(engine: Engine, tmp_path: Path) -> None:
    number = report(engine)
    one = mails(engine, tmp_path)
    assert [one.step(NOON), one.step(NOON + minutes(1)), one.step(NOON + minutes(30))] == [1, 0, 0]
    mail = outbox(engine)[0]
    assert (mail["kind"], mail["recipient"]) == ("issue_receipt", AISHA)
    assert mail["subject"] == f"Your report #{number}: Paper jam"
    link = next(line for line in mail["body_text"].splitlines() if "follow?token=" in line)
    assert follower_of_token((b"a key of this test",), link.partition("token=")[2]) == Follower(
        number, reported=True
    )


def test_who_reported_a_duplicate_hears_of_the_issue_that_stays(engine: Engine, tmp_path: Path) -> None:
    main, duplicate = report(engine), report(engine, contact="zoe@example.org")
    own = report(engine)  # Aisha's second one
    for number in (duplicate, own):
        with writing(engine) as connection:
            seen = issue_row(connection, number)
            assert seen is not None
            merge_issue(connection, seen, main, actor="maya", now=NOON)
    one = mails(engine, tmp_path)
    one.step(NOON)
    assert [kind for kind, _ in kinds(engine)] == ["issue_receipt"] * 3, "closing it is told to nobody"
    with writing(engine) as connection:
        comment(connection, main, "We are at it", actor="maya", now=NOON, visibility=Visibility.PUBLIC)
    one.step(NOON)
    resolve(engine, main)
    one.step(NOON)
    one.step(NOON)
    zoe = "zoe@example.org"
    assert kinds(engine)[3:] == [
        *[("issue_answer", AISHA), ("issue_answer", zoe)],
        *[("issue_resolved", AISHA), ("issue_resolved", zoe)],
    ]
    assert f"#{duplicate}" in outbox(engine)[-1]["body_text"]


def test_a_receipt_has_none_of_the_reporters_words_since_the_address_may_be_anybodys(
    engine: Engine, tmp_path: Path
) -> None:
    report(engine, details="Buy now at https://spam.example")
    mails(engine, tmp_path).step(NOON)
    mail = outbox(engine)[0]
    for said in ("stuck", "spam"):
        assert said not in mail["subject"] + mail["body_text"] + mail["body_html"]


def test_nobodys_mailbox_is_filled_by_the_form(engine: Engine, tmp_path: Path) -> None:
    one = mails(engine, tmp_path)
    for number in range(15):
        report(engine, contact=AISHA.upper() if number % 2 else AISHA)
        one.step(NOON)
    assert len(outbox(engine)) == 10


def test_nobodys_mailbox_is_filled_at_once_either(engine: Engine, tmp_path: Path) -> None:
    for _ in range(15):
        report(engine)
    mails(engine, tmp_path).step(NOON)
    assert len(outbox(engine)) == 10


def test_the_reporter_is_told_when_it_is_resolved_in_the_same_thread(engine: Engine, tmp_path: Path) -> None:
    one = mails(engine, tmp_path)
    number = report(engine)
    one.step(NOON)
    resolve(engine, number)
    assert one.step(NOON) == 1
    receipt, resolved = outbox(engine)
    assert resolved["kind"] == "issue_resolved"
    assert resolved["headers"]["In-Reply-To"] == receipt["message_id"]
    assert "Paper is stuck &lt;b&gt;" in resolved["body_html"]


def test_the_reporter_is_told_when_it_is_closed_without_being_resolved(
    engine: Engine, tmp_path: Path
) -> None:
    one = mails(engine, tmp_path)
    main, duplicate = report(engine), report(engine, contact="zoe@example.org")
    with writing(engine) as connection:
        seen = issue_row(connection, duplicate)
        assert seen is not None
        merge_issue(connection, seen, main, actor="maya", now=NOON)
    one.step(NOON)
    move(engine, main, IssueStatus.CLOSED)
    assert [one.step(NOON), one.step(NOON)] == [2, 0]
    assert kinds(engine)[2:] == [("issue_resolved", AISHA), ("issue_resolved", "zoe@example.org")]
    closed = outbox(engine)[2]
    assert closed["subject"] == f"Closed: #{main} Paper is stuck <b>"
    assert f"What you reported (#{main}) is closed." in closed["body_text"]


def test_an_issue_that_is_closed_after_it_was_resolved_is_told_once(engine: Engine, tmp_path: Path) -> None:
    one = mails(engine, tmp_path)
    number = report(engine)
    one.step(NOON)
    resolve(engine, number)
    move(engine, number, IssueStatus.CLOSED)
    assert [one.step(NOON), one.step(NOON)] == [1, 0]
    move(engine, number, IssueStatus.OPEN)
    move(engine, number, IssueStatus.CLOSED)
    assert [one.step(NOON), one.step(NOON)] == [1, 0]
    assert [row["subject"].partition(":")[0] for row in outbox(engine)[1:]] == ["Resolved", "Closed"]


def test_the_assignee_is_told_unless_they_took_it_themselves(engine: Engine, tmp_path: Path) -> None:
    one = mails(engine, tmp_path, mail_issue_receipt=False)
    number = report(engine, details="It says there is a jam.")
    give(engine, number, "maya")
    assert one.step(NOON) == 0
    with writing(engine) as connection:
        row = issue_row(connection, number)
        assert row is not None
        wanted = {"vendor": "Ricoh", "vendor_case": "RX-1"}
        change_issue(connection, row, wanted, actor="maya", now=NOON)
    give(engine, number, "tom")
    assert one.step(NOON) == 1
    mail = outbox(engine)[0]
    assert "case RX-1 of Ricoh" in mail["body_text"]
    assert (mail["kind"], mail["recipient"]) == ("issue_assigned", "tom@example.org")
    assert "It says there is a jam." in mail["body_text"]
    assert f"Maya Lindqvist has given issue #{number} to you." in mail["body_text"]


def test_who_looks_after_the_place_reads_why_an_issue_is_theirs(engine: Engine, tmp_path: Path) -> None:
    one = mails(engine, tmp_path, mail_issue_receipt=False)
    with writing(engine) as connection:
        set_place_assignee(connection, "Floor 1", "tom", None, actor="maya", now=NOON)
    number = report(engine)
    with writing(engine) as connection:
        assign_by_place(connection, number, now=NOON)
    assert one.step(NOON) == 1
    assert f"Issue #{number} is yours: you look after Floor 1." in outbox(engine)[0]["body_text"]


def say(engine: Engine, number: int, text: str, visibility: Visibility) -> None:
    with writing(engine) as connection:
        comment(connection, number, text, actor="maya", now=NOON, visibility=visibility)


def add_note(engine: Engine, number: int, text: str, actor: str = "") -> None:
    with writing(engine) as connection:
        add_event(connection, number, "reporter_note", actor=actor, now=NOON, details={"text": text})


def test_the_reporter_is_told_of_an_answer_and_not_of_a_note(engine: Engine, tmp_path: Path) -> None:
    one = mails(engine, tmp_path)
    number = report(engine)
    one.step(NOON)
    say(engine, number, "They never clean it", Visibility.INTERNAL)
    assert one.step(NOON) == 0
    say(engine, number, "Which tray <is> it?", Visibility.PUBLIC)
    assert [one.step(NOON), one.step(NOON)] == [1, 0]
    receipt, answer = outbox(engine)
    assert (answer["kind"], answer["recipient"]) == ("issue_answer", AISHA)
    assert answer["headers"]["In-Reply-To"] == receipt["message_id"]
    assert "Which tray <is> it?" in answer["body_text"]
    assert "Which tray &lt;is&gt; it?" in answer["body_html"]
    assert "follow?token=" in answer["body_text"]


def test_an_answer_that_comes_with_the_end_is_one_mail(engine: Engine, tmp_path: Path) -> None:
    one = mails(engine, tmp_path)
    number = report(engine)
    one.step(NOON)
    resolve(engine, number)
    say(engine, number, "New rollers <are> in", Visibility.PUBLIC)
    say(engine, number, "She will break them again", Visibility.INTERNAL)
    assert one.step(NOON) == 1
    assert kinds(engine)[-1] == ("issue_resolved", AISHA)
    mail = outbox(engine)[-1]
    assert "The answer: “New rollers <are> in” If it is not solved, say so" in mail["body_text"]
    assert "New rollers &lt;are&gt; in" in mail["body_html"]
    assert "break them" not in mail["body_text"]


def test_an_answer_that_was_mailed_is_not_told_again_with_the_end(engine: Engine, tmp_path: Path) -> None:
    one = mails(engine, tmp_path)
    number = report(engine)
    say(engine, number, "Which tray is it?", Visibility.PUBLIC)
    one.step(NOON)
    resolve(engine, number)
    one.step(NOON)
    assert kinds(engine)[-2:] == [("issue_answer", AISHA), ("issue_resolved", AISHA)]
    assert "Which tray" not in outbox(engine)[-1]["body_text"]


def test_whose_issue_it_is_hears_what_its_reporter_adds(engine: Engine, tmp_path: Path) -> None:
    one = mails(engine, tmp_path, mail_issue_receipt=False)
    number = report(engine)
    add_note(engine, number, "Nobody has it yet")
    give(engine, number, "tom", actor="tom")
    add_note(engine, number, "Of his own", actor="tom")
    one.step(NOON)
    assert [row["kind"] for row in outbox(engine)] == ["issue_note"]
    for count in range(20):
        add_note(engine, number, f"It is not solved {count}")
    one.step(NOON)
    told = outbox(engine)
    assert {(row["kind"], row["recipient"]) for row in told} == {("issue_note", "tom@example.org")}
    assert len(told) == 10
    assert "It is not solved 1" in told[-1]["body_text"] + told[2]["body_text"]
    assert "Status: Open" in told[-1]["body_text"]


def test_whoever_has_given_it_on_before_being_told_is_not_told(engine: Engine, tmp_path: Path) -> None:
    number = report(engine, contact="")
    give(engine, number, "tom")
    give(engine, number, "")
    assert mails(engine, tmp_path).step(NOON) == 0


@pytest.mark.parametrize("values", [{"contact": ""}, {"contact": "room 12"}, {"kind": IssueKind.DEVICE}])
def test_who_left_no_address_gets_no_mail(engine: Engine, tmp_path: Path, values: dict[str, Any]) -> None:
    resolve(engine, report(engine, **values))
    assert mails(engine, tmp_path).step(NOON) == 0


def test_each_kind_can_be_switched_off(engine: Engine, tmp_path: Path) -> None:
    number = report(engine)
    give(engine, number, "tom")
    resolve(engine, number)
    switches = ("mail_issue_receipt", "mail_issue_resolved", "mail_issue_assigned")
    assert mails(engine, tmp_path, **dict.fromkeys(switches, False)).step(NOON) == 0
    off = mails(engine, tmp_path, mail_issue_receipt=False, mail_issue_assigned=False)
    assert off.step(NOON) == 1
    assert kinds(engine) == [("issue_resolved", AISHA)]


def test_a_notifier_that_is_new_to_a_database_tells_only_what_is_fresh(
    engine: Engine, tmp_path: Path
) -> None:
    report(engine)
    assert mails(engine, tmp_path).step(NOON + minutes(31)) == 0


def test_a_notifier_that_was_down_tells_it_later(engine: Engine, tmp_path: Path) -> None:
    one = mails(engine, tmp_path)
    one.step(NOON - minutes(60))
    report(engine)
    assert one.step(NOON + timedelta(days=2)) == 1


@pytest.mark.parametrize("kind", DATABASES)
def test_two_notifiers_write_each_mail_once(kind: str, tmp_path: Path) -> None:
    with store(kind, tmp_path) as (engine, _):
        prepare(engine)
        for number in range(8):
            report(engine, contact=f"r{number}@example.org")
            start = threading.Barrier(2)

            def work(start: threading.Barrier = start) -> None:
                one = mails(engine, tmp_path)
                start.wait()
                one.step(NOON)

            threads = [threading.Thread(target=work) for _ in range(2)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(60)
        assert kinds(engine) == [("issue_receipt", f"r{n}@example.org") for n in range(8)]
