"""Filing a report: what is taken, from whom, how often, and what its reporter may see of it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from core.domain.links import Follower, follower_of_token
from core.storage.core_tables import EVENTS, ISSUES
from core.storage.database import reading, writing
from core.storage.issues import assign, change_status, comment, issue_row
from core.storage.tables import IssueStatus
from dashboard.actor import Actor
from dashboard.app_context import AppContext
from dashboard.features.issues.actions import Comment, change
from dashboard.features.issues.actions import comment as write
from dashboard.features.issues.duplicates import merge
from dashboard.features.printer.refresh import REFRESH_ADDRESS, ask_printer, why_silent
from dashboard.features.report.actions import (
    LONGEST_DETAILS,
    REPORT_ADDRESS,
    FiledReport,
    Note,
    ProblemReport,
    RefusedReport,
    add_note,
    file_report,
    me_too,
    reopen,
)
from dashboard.features.report.queries import Followed, read_followed
from dashboard.throttle import TooManyAttempts
from dashboard.viewer import Viewer
from tests.dashboard.harness import ANONYMOUS, TECHNICIAN, PaperRefresher, open_college
from tests.dashboard.portal import FORMULA, SCRIPT

NOW = datetime.now(UTC)
PUBLIC: dict[str, str] = {"name": "Sam Doe", "contact": "sam@college.example"}


@pytest.fixture
def college(tmp_path: Path) -> AppContext:
    return open_college(tmp_path, now=NOW)


def send(
    college: AppContext, viewer: Viewer = ANONYMOUS, address: str = "10.1.1.1", **values: Any
) -> FiledReport:
    base: dict[str, Any] = {"printer_id": "low", "category": "jam"}
    base |= PUBLIC if viewer is ANONYMOUS else {}
    by = Actor(college.engine, viewer, NOW)
    return file_report(by, college.settings, ProblemReport(**(base | values)), address=address)


def row(college: AppContext, number: int) -> Any:
    with reading(college.engine) as connection:
        return issue_row(connection, number)


def events(college: AppContext, number: int) -> list[tuple[str, str, dict[str, Any]]]:
    query = select(EVENTS.c.actor, EVENTS.c.change, EVENTS.c.details).where(EVENTS.c.issue_id == number)
    query = query.order_by(EVENTS.c.id)
    with reading(college.engine) as connection:
        return [(one.actor, one.change, one.details) for one in connection.execute(query)]


def followed(college: AppContext, number: int, *, reported: bool = False, now: datetime = NOW) -> Followed:
    with reading(college.engine) as connection:
        found = read_followed(connection, Follower(number, reported=reported), now)
    assert found is not None
    return found


def test_a_report_becomes_an_issue_with_a_link_to_follow_it(college: AppContext) -> None:
    filed = send(college, details="Paper stuck\nin tray 2")
    issue = row(college, filed.number)
    assert (issue.title, issue.details) == ("Paper jam", "Paper stuck\nin tray 2")
    assert (issue.reporter, issue.contact) == ("Sam Doe", "sam@college.example")
    assert events(college, filed.number) == [("", "opened", {})]
    assert follower_of_token(college.settings.web.link_keys(), filed.token) == Follower(
        filed.number, reported=True
    )


def test_of_who_is_signed_in_name_and_address_are_known(college: AppContext) -> None:
    filed = send(college, TECHNICIAN)
    issue = row(college, filed.number)
    assert (issue.reporter, issue.contact) == ("Tom Adeyemi", "tom@college.example")
    assert events(college, filed.number)[0][0] == "tom"


def test_something_else_is_called_by_its_first_words(college: AppContext) -> None:
    filed = send(college, category="other", details="The lid squeaks. " * 20)
    assert row(college, filed.number).title.startswith("The lid squeaks.")
    assert len(row(college, filed.number).title) <= 80


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"category": ""}, "hoose the type of problem"),
        ({"category": "invented"}, "hoose the type of problem"),
        ({"category": "other"}, "in a few words"),
        ({"details": "x" * (LONGEST_DETAILS + 1)}, "too long"),
        ({"name": " "}, "your name"),
        ({"name": "x" * 101}, "your name"),
        ({"contact": ""}, "mail address"),
        ({"contact": "sam@nowhere"}, "mail address"),
        ({"contact": "sam@a.example\nBcc: all@a.example"}, "mail address"),
        ({"printer_id": "nowhere"}, "Choose the printer"),
        ({"printer_id": "gone"}, "Choose the printer"),
        ({"trap": "http://spam.example"}, "could not be taken"),
    ],
)
def test_what_cannot_be_taken_is_said_and_not_stored(
    college: AppContext, values: dict[str, str], says: str
) -> None:
    with pytest.raises(RefusedReport, match=says):
        send(college, ANONYMOUS, "10.1.1.1", **values)
    with reading(college.engine) as connection:
        assert issue_row(connection, 2) is None


def test_hostile_words_are_kept_as_they_are_but_for_control_characters(college: AppContext) -> None:
    filed = send(college, category="other", details=f"{SCRIPT}\x00 {FORMULA}", name=SCRIPT)
    assert row(college, filed.number).details == f"{SCRIPT} {FORMULA}"
    assert row(college, filed.number).reporter == SCRIPT


def test_one_address_without_an_account_may_report_so_often_and_others_still_may(college: AppContext) -> None:
    for _ in range(REPORT_ADDRESS.count):
        send(college)
    with pytest.raises(TooManyAttempts):
        send(college)
    send(college, address="10.1.1.2")
    send(college, TECHNICIAN)
    later = NOW + REPORT_ADDRESS.window + timedelta(seconds=1)
    report = ProblemReport("low", "jam", **PUBLIC)
    by = Actor(college.engine, ANONYMOUS, later)
    assert file_report(by, college.settings, report, address="10.1.1.1").number


def test_me_too_is_an_event_and_counts_as_a_report(college: AppContext) -> None:
    filed = me_too(Actor(college.engine, ANONYMOUS, NOW), college.settings, 1, address="10.1.1.1")
    assert filed.number == 1
    assert follower_of_token(college.settings.web.link_keys(), filed.token) == Follower(1, reported=False)
    assert events(college, 1)[-1] == ("", "me_too", {})
    for _ in range(REPORT_ADDRESS.count - 1):
        me_too(Actor(college.engine, ANONYMOUS, NOW), college.settings, 1, address="10.1.1.1")
    with pytest.raises(TooManyAttempts):
        send(college)


def test_an_issue_that_has_ended_takes_no_more(college: AppContext) -> None:
    with writing(college.engine) as connection:
        change_status(connection, row(college, 1), IssueStatus.CLOSED, actor="tom", now=NOW)
    with pytest.raises(RefusedReport, match="no longer open"):
        me_too(Actor(college.engine, TECHNICIAN, NOW), college.settings, 1, address="")
    with pytest.raises(RefusedReport, match="no longer open"):
        add_note(
            Actor(college.engine, TECHNICIAN, NOW), Follower(99, reported=True), Note("hello"), address=""
        )


def test_a_note_reaches_those_who_work_on_it(college: AppContext) -> None:
    add_note(
        Actor(college.engine, ANONYMOUS, NOW),
        Follower(1, reported=True),
        Note(" only envelopes "),
        address="10.1.1.1",
    )
    assert events(college, 1)[-1] == ("", "reporter_note", {"text": "only envelopes"})
    with pytest.raises(RefusedReport, match="Write what"):
        add_note(
            Actor(college.engine, ANONYMOUS, NOW), Follower(1, reported=True), Note("  "), address="10.1.1.1"
        )


def test_a_reporter_follows_the_steps_but_no_names_and_no_comments(college: AppContext) -> None:
    filed = send(college, details="secret words")
    with writing(college.engine) as connection:
        seen = issue_row(connection, filed.number)
        assert seen is not None
        assign(connection, seen, "tom", actor="maya", now=NOW)
        comment(connection, filed.number, "The reporter is a nuisance", actor="maya", now=NOW)
        seen = issue_row(connection, filed.number)
        assert seen is not None
        change_status(connection, seen, IssueStatus.WAITING, actor="tom", now=NOW)
    found = followed(college, filed.number)
    words = [step.words for step in found.steps]
    assert words == ["It was reported.", "It was assigned.", "Waiting."]
    assert (found.status, found.category, found.printer) == ("waiting", "jam", "Low")
    assert not any(name in str(found) for name in ("tom", "maya", "nuisance", "secret", "Sam"))


def answer(college: AppContext, number: int, text: str, *, at: datetime = NOW, resolve: bool = False) -> None:
    wanted = {"status": "resolved"} if resolve else {}
    seen = row(college, number)
    change(Actor(college.engine, TECHNICIAN, at), seen, wanted, comment=Comment(text, public=True))


def test_a_reporter_reads_answers_and_their_own_words_and_no_notes(college: AppContext) -> None:
    filed = send(college, details="It eats paper")
    write(Actor(college.engine, TECHNICIAN, NOW), filed.number, Comment("They always say that"))
    answer(college, filed.number, "Which tray?")
    reporter = Follower(filed.number, reported=True)
    add_note(Actor(college.engine, ANONYMOUS, NOW), reporter, Note("The second"), address="10.1.1.1")
    told = [step.text for step in followed(college, filed.number, reported=True).steps]
    assert told == ["It eats paper", "Which tray?", "The second"]
    others = followed(college, filed.number)
    assert [step.text for step in others.steps] == ["", "Which tray?", ""]
    assert "always" not in str(others) + str(followed(college, filed.number, reported=True))


def test_what_somebody_with_the_same_problem_adds_is_not_shown_to_the_reporter(college: AppContext) -> None:
    filed = send(college)
    other = Follower(filed.number, reported=False)
    add_note(Actor(college.engine, ANONYMOUS, NOW), other, Note("Mine is in room 3"), address="10.1.1.1")
    assert "room 3" not in str(followed(college, filed.number, reported=True))
    assert events(college, filed.number)[-1] == ("", "reporter_note", {"text": "Mine is in room 3"})


def test_words_from_before_visibility_was_kept_stay_internal(college: AppContext) -> None:
    filed = send(college, details="It eats paper")
    with writing(college.engine) as connection:
        connection.execute(update(EVENTS).values(visibility="internal"))
    assert [step.text for step in followed(college, filed.number, reported=True).steps] == [""]


def test_the_answer_that_came_with_the_end_is_its_resolution(college: AppContext) -> None:
    filed = send(college)
    answer(college, filed.number, "The part is ordered", at=NOW - timedelta(hours=1))
    assert followed(college, filed.number).resolution == ""
    answer(college, filed.number, "New rollers are in", resolve=True)
    answer(college, filed.number, "You are welcome", at=NOW + timedelta(hours=1))
    found = followed(college, filed.number)
    assert (found.status, found.resolution) == ("resolved", "New rollers are in")


def test_what_is_not_solved_is_opened_again_within_14_days(college: AppContext) -> None:
    filed = send(college)
    reporter = Follower(filed.number, reported=True)
    assert not followed(college, filed.number).can_reopen
    with pytest.raises(RefusedReport, match="can no longer be reopened"):
        reopen(Actor(college.engine, ANONYMOUS, NOW), reporter, Note(""), address="10.1.1.1")
    answer(college, filed.number, "Done", resolve=True)
    assert followed(college, filed.number, now=NOW + timedelta(days=14)).can_reopen
    too_late = NOW + timedelta(days=14, seconds=1)
    assert not followed(college, filed.number, now=too_late).can_reopen
    with pytest.raises(RefusedReport, match="can no longer be reopened"):
        reopen(Actor(college.engine, ANONYMOUS, too_late), reporter, Note("x"), address="10.1.1.1")
    reopen(Actor(college.engine, ANONYMOUS, NOW), reporter, Note(" "), address="10.1.1.1")
    assert row(college, filed.number).status == "open"
    assert [(change, details.get("text")) for _, change, details in events(college, filed.number)[-2:]] == [
        ("reopened", None),
        ("reporter_note", "It is not solved."),
    ]
    assert followed(college, filed.number).resolution == ""


def test_opening_again_is_slowed_down_as_reports_are(college: AppContext) -> None:
    filed = send(college)
    answer(college, filed.number, "Done", resolve=True)
    for _ in range(REPORT_ADDRESS.count - 1):
        send(college)
    reporter = Follower(filed.number, reported=True)
    with pytest.raises(TooManyAttempts):
        reopen(Actor(college.engine, ANONYMOUS, NOW), reporter, Note("x"), address="10.1.1.1")
    assert row(college, filed.number).status == "resolved"


def test_what_the_system_has_found_is_not_opened_again_by_people(college: AppContext) -> None:
    filed = send(college)
    answer(college, filed.number, "Done", resolve=True)
    with writing(college.engine) as connection:
        connection.execute(update(ISSUES).values(kind="device"))
    assert not followed(college, filed.number).can_reopen


def test_an_issue_of_a_removed_printer_can_still_be_followed(college: AppContext) -> None:
    filed = send(college, printer_id="fine")
    with writing(college.engine) as connection:
        connection.exec_driver_sql("DELETE FROM printers WHERE printer_id = 'fine'")
    assert followed(college, filed.number).printer == "fine"


def test_asking_needs_a_broker_and_is_slowed_down_for_strangers(college: AppContext) -> None:
    refresher = college.refresher
    assert isinstance(refresher, PaperRefresher)
    for _ in range(REFRESH_ADDRESS.count):
        asked = ask_printer(college, ANONYMOUS, "low", address="10.1.1.1", now=NOW)
        assert asked is not None
        assert asked.refresh_id == "refresh-1"
    with pytest.raises(TooManyAttempts):
        ask_printer(college, ANONYMOUS, "low", address="10.1.1.1", now=NOW)
    refresher.answers = None
    assert ask_printer(college, TECHNICIAN, "low", address="10.1.1.1", now=NOW) is None


def test_why_no_reading_came_is_told_by_the_signs_of_life(college: AppContext) -> None:
    with reading(college.engine) as connection:
        assert "busy" in why_silent(connection, "main", NOW)
        assert "collector" in why_silent(connection, "elsewhere", NOW)
        assert "processor" in why_silent(connection, "main", NOW + timedelta(minutes=10))
    with writing(college.engine) as connection:
        connection.exec_driver_sql("UPDATE services SET status = 'offline' WHERE site = 'main'")
    with reading(college.engine) as connection:
        assert "collector" in why_silent(connection, "main", NOW)


def test_the_link_of_a_report_that_was_merged_leads_to_the_issue_that_stays(college: AppContext) -> None:
    main = send(college, details="Words of the first reporter")
    second = send(college, details="Words of the second", address="10.1.1.2")
    later = NOW + timedelta(minutes=5)
    merge(Actor(college.engine, TECHNICIAN, later), row(college, second.number), main.number)
    answer = Comment("A new drum is ordered", public=True)
    after = later + timedelta(minutes=5)
    write(Actor(college.engine, TECHNICIAN, after), main.number, answer)
    found = followed(college, second.number, reported=True, now=after)
    texts = [step.text for step in found.steps if step.text]
    assert texts == ["Words of the second", "A new drum is ordered"], "nothing of the other reporter"
    assert (found.issue_id, found.status) == (second.number, "open")
    assert f"It was joined with report no. {main.number}" in " ".join(step.words for step in found.steps)
    note = Note("It is worse today")
    add_note(
        Actor(college.engine, ANONYMOUS, after),
        Follower(second.number, reported=True),
        note,
        address="10.1.1.2",
    )
    assert events(college, main.number)[-1] == ("", "reporter_note", {"text": "It is worse today"})
    change(Actor(college.engine, TECHNICIAN, after), row(college, main.number), {"status": "resolved"})
    found = followed(college, second.number, reported=True, now=after)
    assert (found.status, found.can_reopen) == ("resolved", True)
    reopen(
        Actor(college.engine, ANONYMOUS, after),
        Follower(second.number, reported=True),
        Note(""),
        address="10.1.1.2",
    )
    assert (row(college, main.number).status, row(college, second.number).status) == ("open", "closed")
