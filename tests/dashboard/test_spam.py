"""Spam: put away in one click, told to nobody, counted nowhere, undone as a whole; its sender paused."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, insert, select, update

from core.contract.errors import UserError
from core.domain.links import Follower
from core.storage.core_tables import ATTEMPTS, AUDIT, EVENTS, ISSUES, PHOTOS
from core.storage.database import reading, writing
from core.storage.issues import NewIssue, change_status, hold_issues, issue_row, merge_issue, open_issue
from core.storage.tables import IssueStatus
from dashboard.actor import Actor
from dashboard.features.issues import actions
from dashboard.features.issues.issue_queries import view
from dashboard.features.issues.queries import IssueFilter, count_by_status, issue_lines, read_board
from dashboard.features.issues.spam import mark, take_back
from dashboard.features.photos import store
from dashboard.features.printer.queries import read_printer
from dashboard.features.report.pauses import (
    ReportsPaused,
    keep_sender,
    pauses,
    refuse_paused,
)
from dashboard.features.report.queries import may_reopen, read_followed
from dashboard.features.reports.queries import resolutions
from dashboard.features.service_sheet.queries import serviced_issues
from dashboard.features.system.actions import take_reports
from dashboard.throttle import FORGOTTEN_AFTER, forget_old
from dashboard.undoing import undo
from dashboard.viewer import Forbidden
from tests.dashboard.harness import ANONYMOUS, MANAGER, TECHNICIAN
from tests.dashboard.manager_fleet import NOW, ago, opened
from tests.postgres import DATABASES, at_once

LATER = NOW + timedelta(minutes=5)
NETWORK = "198.51.100.7"
DAY = timedelta(days=1)


@pytest.fixture(params=DATABASES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with opened(request.param, tmp_path) as engine:
        yield engine


def spam_of(engine: Engine, title: str = "Buy watches", address: str = NETWORK, at: datetime = NOW) -> int:
    """The number of a report of somebody without an account."""
    new = NewIssue("law-1", title, "http://watches.example", reporter="Bot", contact="bot@example.org")
    with writing(engine) as connection:
        number = open_issue(connection, new, actor="", now=at)
        keep_sender(connection, number, address, at)
    return number


def row(engine: Engine, number: int) -> Any:
    with reading(engine) as connection:
        return issue_row(connection, number)


def tom(engine: Engine, now: datetime = LATER) -> Actor:
    return Actor(engine, TECHNICIAN, now)


def status(engine: Engine, number: int) -> str:
    return str(row(engine, number).status)


def paused(engine: Engine, now: datetime = LATER) -> list[tuple[int, str]]:
    with reading(engine) as connection:
        return [(pause.issue_id, pause.address) for pause in pauses(connection, now)]


def audited(engine: Engine) -> list[tuple[str, str, str]]:
    with reading(engine) as connection:
        columns = AUDIT.c["actor", "action", "subject"]
        query = select(*columns).where(AUDIT.c.action.startswith("reports.")).order_by(AUDIT.c.id)
        return [tuple(each) for each in connection.execute(query)]


def test_spam_is_nowhere_but_where_it_is_asked_for(engine: Engine) -> None:
    number = spam_of(engine)
    assert mark(tom(engine), [row(engine, number)]).said == f"Issue {number} is spam"
    with reading(engine) as connection:
        board = read_board(connection, IssueFilter(), NOW)
        printer = read_printer(connection, "law-1", ANONYMOUS, LATER)
        spam = issue_lines(connection, IssueFilter(("spam",)))
        counts = count_by_status(connection, IssueFilter())
        sheet = serviced_issues(connection, "law-1", ago(days=9), with_notes=True)
        counted = resolutions(connection, ago(days=1), LATER)
    listed = [line.issue_id for lines in board.columns.values() for line in lines]
    assert (number in listed, [line.issue_id for line in board.ended]) == (False, [])
    assert printer is not None
    assert number not in {line.issue_id for line in (*printer.open_issues, *printer.past_issues)}
    assert [line.issue_id for line in spam] == [number]
    assert {name: count for name, count in counts.items() if count} == {"open": 2, "spam": 1}
    assert [issue.issue_id for issue in sheet] == [2]
    assert len(counted) == 2


def test_spam_that_was_resolved_before_is_not_counted_either(engine: Engine) -> None:
    number = spam_of(engine)
    actions.change(tom(engine), row(engine, number), {"status": "resolved"})
    with reading(engine) as connection:
        before = resolutions(connection, ago(days=1), LATER + DAY)
    done = mark(tom(engine, LATER + timedelta(minutes=1)), [row(engine, number)])
    with reading(engine) as connection:
        after = resolutions(connection, ago(days=1), LATER + DAY)
    assert (len(before), len(after)) == (3, 2)
    undo(tom(engine, LATER + timedelta(hours=1)), done)
    assert (status(engine, number), row(engine, number).resolved_at) == ("resolved", LATER)


def test_undo_restores_the_issue_and_takes_the_pause_back(engine: Engine) -> None:
    number = spam_of(engine)
    actions.change(tom(engine), row(engine, number), {"status": "waiting", "assignee": "tom"})
    before = row(engine, number)
    done = mark(tom(engine), [before], pause=True)
    assert done.said == f"Issue {number} is spam, and reports from its network are paused for a day"
    assert (status(engine, number), paused(engine)) == ("spam", [(number, NETWORK)])
    undo(tom(engine), done)
    assert row(engine, number).editable() == before.editable()
    assert paused(engine) == []
    who = ("tom", f"issue {number}")
    assert audited(engine) == [
        (who[0], "reports.paused", who[1]),
        (who[0], "reports.resumed", who[1]),
    ]


def test_who_pauses_a_sender_is_told_what_else_came_from_there(engine: Engine) -> None:
    first, second, third = spam_of(engine), spam_of(engine), spam_of(engine)
    spam_of(engine, address="203.0.113.9")
    mark(tom(engine), [row(engine, first)])
    said = f"Issue {second} is spam, and reports from its network are paused for a day"
    done = mark(tom(engine), [row(engine, second)], pause=True)
    assert done.said == f"{said} (1 other report of the last day came from there)"
    undo(tom(engine), done)
    mark(tom(engine), [row(engine, third)])
    assert mark(tom(engine), [row(engine, second)], pause=True).said == said


def test_what_is_no_spam_is_open_again_and_its_sender_reports_on(engine: Engine) -> None:
    number, other = spam_of(engine), spam_of(engine, address="203.0.113.9")
    mark(tom(engine), [row(engine, n) for n in (number, other)], pause=True)
    done = take_back(tom(engine), [row(engine, number), row(engine, 2)])
    assert done.said == f"Issue {number} is open again"
    assert (status(engine, number), paused(engine)) == ("open", [(other, "203.0.113.9")])
    undo(tom(engine), done)
    assert (status(engine, number), len(paused(engine))) == ("spam", 2)


def test_the_timeline_and_the_topic_tell_it(engine: Engine) -> None:
    number = spam_of(engine)
    mark(tom(engine), [row(engine, number)])
    take_back(tom(engine), [row(engine, number)])
    query = select(EVENTS.c.change, EVENTS.c.details, EVENTS.c.owed).where(EVENTS.c.issue_id == number)
    with reading(engine) as connection:
        events = [tuple(each) for each in connection.execute(query.order_by(EVENTS.c.id))]
    assert events[1:] == [
        ("spam", {"from": "open", "to": "spam"}, True),
        ("not_spam", {"from": "spam", "to": "open"}, True),
    ]


def test_only_what_nobody_in_particular_reported_can_be_spam(engine: Engine) -> None:
    main, duplicate = spam_of(engine), spam_of(engine)
    with writing(engine) as connection:
        merge_issue(connection, hold_issues(connection, duplicate)[duplicate], main, actor="tom", now=NOW)
    done = mark(tom(engine), [row(engine, n) for n in (1, 2, main, duplicate)])
    assert (done.said, done.steps) == ("", ())
    assert done.refused == (
        "Issue 1 was not reported without an account: close it instead.",
        "Issue 2 was not reported without an account: close it instead.",
        f"Other reports were merged into issue {main}: close it instead.",
        f"Issue {duplicate} is a duplicate of issue {main}, and ended with that.",
    )
    with pytest.raises(UserError):
        actions.change(tom(engine), row(engine, 2), {"status": "spam"})


def test_a_role_without_the_permission_is_refused(engine: Engine) -> None:
    number = spam_of(engine)
    for act in (mark, take_back):
        with pytest.raises(Forbidden):
            act(Actor(engine, ANONYMOUS, LATER), [row(engine, number)])
    with pytest.raises(Forbidden):
        take_reports(tom(engine), NETWORK)
    assert status(engine, number) == "open"


def test_who_is_second_is_told(engine: Engine) -> None:
    number, other = spam_of(engine, address="203.0.113.9"), spam_of(engine)
    seen = [row(engine, n) for n in (number, other)]
    actions.change(Actor(engine, MANAGER, LATER), seen[0], {"status": "resolved"})
    done = mark(tom(engine), seen, pause=True)
    assert done.said == f"Issue {other} is spam, and reports from its network are paused for a day"
    assert done.refused == (
        f"Issue {number} was changed by somebody else in the meantime and is left alone.",
    )
    assert (status(engine, number), paused(engine)) == ("resolved", [(other, NETWORK)])


def test_who_resolves_at_the_same_moment_as_it_becomes_spam_is_first_or_told(engine: Engine) -> None:
    number = spam_of(engine)
    seen = row(engine, number)

    def resolve(connection: Connection) -> None:
        change_status(connection, seen, IssueStatus.RESOLVED, actor="maya", now=LATER)

    done = at_once(engine, resolve, lambda: mark(tom(engine), [seen], pause=True))
    assert (done.said, len(done.refused), paused(engine)) == ("", 1, [])
    assert status(engine, number) == "resolved"


def test_what_is_merged_into_it_at_the_last_moment_keeps_an_issue(engine: Engine) -> None:
    number, other = spam_of(engine), spam_of(engine)

    def merge_into_it(connection: Connection) -> None:
        seen = hold_issues(connection, number, other)[other]
        merge_issue(connection, seen, number, actor="maya", now=LATER)

    done = at_once(engine, merge_into_it, lambda: mark(tom(engine), [row(engine, number)]))
    assert (len(done.refused), status(engine, number)) == (1, "open")


def test_a_pause_is_of_one_address_ends_after_a_day_and_is_forgotten(engine: Engine) -> None:
    number = spam_of(engine)
    mark(tom(engine), [row(engine, number)], pause=True)
    with reading(engine) as connection:
        with pytest.raises(ReportsPaused) as refusal:
            refuse_paused(connection, NETWORK, LATER + timedelta(hours=6), UTC)
        refuse_paused(connection, "198.51.100.70", LATER, UTC)
        refuse_paused(connection, NETWORK, LATER + FORGOTTEN_AFTER, UTC)
    until = (LATER + DAY).strftime("%H:%M")
    assert str(refusal.value).startswith("Reports from your network are paused until ")
    assert str(refusal.value).endswith(f"{until}: sign in, or call the help desk.")
    assert refusal.value.seconds == 18 * 3600
    with writing(engine) as connection:
        forget_old(connection, LATER + DAY + timedelta(seconds=1))
        assert connection.execute(select(ATTEMPTS.c.key)).all() == []


def test_a_clock_that_was_set_back_ends_no_pause_late(engine: Engine) -> None:
    number = spam_of(engine, at=LATER + 3 * DAY)
    mark(tom(engine, LATER + 3 * DAY), [row(engine, number)], pause=True)
    assert paused(engine, LATER + 3 * DAY) == [(number, NETWORK)]
    assert paused(engine) == []


def test_a_sender_is_not_known_after_a_day(engine: Engine) -> None:
    number, nowhere = spam_of(engine, at=LATER - DAY), spam_of(engine, address="")
    done = mark(tom(engine), [row(engine, n) for n in (number, nowhere)], pause=True)
    assert done.said == "2 issues are spam"
    assert (
        done.refused[0] == f"Where issue {number} came from is not known any more: its sender is not paused."
    )
    assert paused(engine) == []


def test_of_a_whole_ipv6_site_the_address_is_told(engine: Engine) -> None:
    number = spam_of(engine, address="2001:db8:1:2::/64")
    mark(tom(engine), [row(engine, number)], pause=True)
    assert paused(engine) == [(number, "2001:db8:1:2::/64")]
    take_reports(Actor(engine, MANAGER, LATER), "2001:db8:1:2::/64")
    assert paused(engine) == []


def test_managers_end_the_pauses_of_an_address_at_once_and_the_audit_never_names_it(engine: Engine) -> None:
    numbers = [spam_of(engine), spam_of(engine)]
    mark(tom(engine), [row(engine, n) for n in numbers], pause=True)
    done = take_reports(Actor(engine, MANAGER, LATER), NETWORK)
    assert (done.said, paused(engine)) == (f"Reports from {NETWORK} are taken again", [])
    with reading(engine) as connection:
        audit = str([tuple(each) for each in connection.execute(select(AUDIT))])
    assert audit.count("reports.paused") == audit.count("reports.resumed") == 2
    assert NETWORK not in audit
    undo(Actor(engine, MANAGER, LATER), done)
    assert len(paused(engine)) == 2


def test_who_follows_spam_reads_so_and_cannot_open_it_again(engine: Engine) -> None:
    number = spam_of(engine)
    mark(tom(engine), [row(engine, number)])
    with reading(engine) as connection:
        followed = read_followed(connection, Follower(number, reported=True), LATER)
    assert followed is not None
    assert (followed.status, followed.can_reopen) == ("spam", False)
    assert [step.words for step in followed.steps] == ["It was reported.", "It was taken for spam."]
    assert not may_reopen(row(engine, number), LATER)


def photographed(engine: Engine, number: int) -> int:
    """The number of a photo that came with an issue."""
    opened_event = select(EVENTS.c.id).where(EVENTS.c.issue_id == number)
    values: Mapping[str, Any] = {"created_at": NOW, "image": b"whole", "thumbnail": b"small"}
    with writing(engine) as connection:
        event = connection.execute(opened_event).scalar_one()
        filed = insert(PHOTOS).values(event_id=event, draft_hash="", **values).returning(PHOTOS.c.id)
        return int(connection.execute(filed).scalar_one())


def test_photos_of_spam_are_shown_to_nobody_and_back_with_the_undo(engine: Engine) -> None:
    number = spam_of(engine)
    photo = photographed(engine, number)
    reporter = Follower(number, reported=True)

    def shown() -> list[object]:
        with reading(engine) as connection:
            seen = view(connection, number, sees_addresses=True)
            assert seen is not None
            return [
                *seen.events[0].photos,
                store.filed_photo(connection, photo, thumbnail=False),
                store.followed_photo(connection, photo, reporter, thumbnail=True),
            ]

    done = mark(tom(engine), [row(engine, number)])
    assert shown() == [None, None]
    undo(tom(engine), done)
    assert shown() == [photo, b"whole", b"small"]


def test_photos_of_spam_are_deleted_after_a_day(engine: Engine) -> None:
    number, other = spam_of(engine), spam_of(engine)
    for each in (number, other):
        photographed(engine, each)
    mark(tom(engine), [row(engine, number)])
    with writing(engine) as connection:
        assert store.delete_of_spam(connection, LATER + timedelta(hours=23)) == 0
        assert store.delete_of_spam(connection, LATER + timedelta(hours=25)) == 1
        connection.execute(update(ISSUES).values(updated_at=ago(days=9)))
        assert store.delete_of_spam(connection, LATER) == 0
