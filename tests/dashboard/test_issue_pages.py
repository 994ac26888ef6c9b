"""The issue pages as they are drawn: board, table, and one issue that two people edit."""

from datetime import UTC, datetime

from sqlalchemy import select, update

from core.storage.core_tables import ISSUES
from core.storage.database import reading, writing
from core.storage.issues import NewIssue, open_issue
from dashboard.actor import Actor
from dashboard.app_context import AppContext
from dashboard.features.issues.actions import change
from dashboard.features.report.pauses import keep_sender
from tests.dashboard.drawing import fine, html_of, said, stored_issue, tables_of
from tests.dashboard.harness import ADMIN, MANAGER, TECHNICIAN, drawn
from tests.dashboard.manager_fleet import NOW


def test_a_card_is_moved_on_the_board(app_context: AppContext) -> None:
    test = fine(drawn("issues", TECHNICIAN, app_context))
    fine(test.button(key="wait-2").click().run())
    assert stored_issue(app_context, 2).status == "waiting"
    fine(test.button(key="issues.undo").click().run())
    assert stored_issue(app_context, 2).status == "open"


def test_the_table_shows_what_is_still_to_be_done(app_context: AppContext) -> None:
    change(Actor(app_context.engine, TECHNICIAN, NOW), stored_issue(app_context, 1), {"status": "closed"})
    test = fine(drawn("issues", TECHNICIAN, app_context, view="table"))
    assert tables_of(test)[0]["Title"].tolist() == ["Prints are pale"]
    every = fine(drawn("issues", TECHNICIAN, app_context, view="table", status="closed"))
    assert tables_of(every)[0]["Title"].tolist() == ["Paper is jammed."]


def test_an_issue_is_edited_and_commented(app_context: AppContext) -> None:
    test = fine(drawn("issue", TECHNICIAN, app_context, id="2"))
    test.selectbox(key="issue-2-status").select("in_progress")
    test.selectbox(key="issue-2-assignee").select("tom").run()
    fine(test.button(key="issue-2-save").click().run())
    row = stored_issue(app_context, 2)
    assert (row.status, row.assignee, row.version) == ("in_progress", "tom", 2)
    assert "Tom Adeyemi" in html_of(drawn("printer", TECHNICIAN, app_context, id=row.printer_id))
    test.text_area(key="issue-2-comment").set_value("New drum is on its way.")
    fine(test.button(key="issue-2-comment-send").click().run())
    assert "New drum is on its way." in html_of(test)
    assert test.text_area(key="issue-2-comment").value == ""
    test.text_area(key="issue-2-comment").set_value("Done.")
    fine(test.button(key="issue-2-comment-resolve").click().run())
    assert stored_issue(app_context, 2).status == "resolved"


def test_the_second_editor_is_told_and_keeps_what_was_typed(app_context: AppContext) -> None:
    test = fine(drawn("issue", TECHNICIAN, app_context, id="2"))
    test.selectbox(key="issue-2-priority").select("low")
    test.text_input(key="issue-2-title").set_value("Prints are very pale").run()
    first = {"priority": "urgent", "category": "supplies"}
    change(Actor(app_context.engine, ADMIN, datetime.now(UTC)), stored_issue(app_context, 2), first)
    fine(test.button(key="issue-2-save").click().run())
    told = said(test)
    assert "Ada Okafor changed this issue" in told
    assert "Priority: Normal → Urgent" in told
    assert "you both changed this" in told
    assert stored_issue(app_context, 2).priority == "urgent"
    assert test.text_input(key="issue-2-title").value == "Prints are very pale"
    fine(test.button(key="issue-2-mine").click().run())
    assert test.selectbox(key="issue-2-category").value == "supplies"
    fine(test.button(key="issue-2-save").click().run())
    row = stored_issue(app_context, 2)
    assert (row.priority, row.category, row.title) == ("low", "supplies", "Prints are very pale")


def test_whoever_has_typed_nothing_follows_and_is_told(app_context: AppContext) -> None:
    test = fine(drawn("issue", TECHNICIAN, app_context, id="2"))
    change(
        Actor(app_context.engine, ADMIN, datetime.now(UTC)),
        stored_issue(app_context, 2),
        {"status": "waiting"},
    )
    fine(test.run())
    assert test.selectbox(key="issue-2-status").value == "waiting"
    assert "Status: Open → Waiting" in said(test)


def test_who_reports_without_an_account_is_named_in_the_activity(app_context: AppContext) -> None:
    with writing(app_context.engine) as connection:
        new = NewIssue("low", "It squeaks", reporter="Jordan Smith")
        issue_id = open_issue(connection, new, actor="", now=NOW)
    page = html_of(fine(drawn("issue", TECHNICIAN, app_context, id=str(issue_id))))
    assert "<strong>Jordan Smith</strong> opened it" in page
    assert "Somebody" not in page


def test_a_comment_is_kept_while_the_database_is_away(app_context: AppContext) -> None:
    test = fine(drawn("issue", TECHNICIAN, app_context, id="2"))
    test.text_area(key="issue-2-comment").set_value("Three pages of words")
    with writing(app_context.engine) as connection:
        connection.exec_driver_sql("ALTER TABLE issue_events RENAME TO elsewhere")
    fine(test.button(key="issue-2-comment-send").click().run())
    assert "The database cannot be reached" in said(test)
    assert test.text_area(key="issue-2-comment").value == "Three pages of words"
    assert test.title[0].value.startswith("Prints are pale")
    with writing(app_context.engine) as connection:
        connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO issue_events")
    fine(test.button(key="issue-2-comment-send").click().run())
    assert "Three pages of words" in html_of(test)


def test_an_empty_comment_is_refused_with_a_sentence(app_context: AppContext) -> None:
    test = fine(drawn("issue", TECHNICIAN, app_context, id="2"))
    test.text_area(key="issue-2-comment").set_value("   ")
    fine(test.button(key="issue-2-comment-send").click().run())
    assert "comment is empty" in said(test)


def test_an_issue_that_is_none_is_a_sentence(app_context: AppContext) -> None:
    for number in ("", "0", "99", "x", "1e9", "-1", "99999999999999999999", "²"):
        assert "All issues" in html_of(fine(drawn("issue", TECHNICIAN, app_context, id=number)))


def test_issues_stored_in_two_places_agree(app_context: AppContext) -> None:
    """What the board shows of an issue is what its page shows."""
    board = html_of(fine(drawn("issues", TECHNICIAN, app_context)))
    with reading(app_context.engine) as connection:
        titles = connection.execute(select(ISSUES.c.title)).scalars().all()
    for number, title in enumerate(titles, start=1):
        assert title in board
        page = fine(drawn("issue", TECHNICIAN, app_context, id=str(number)))
        assert page.title[0].value.startswith(title.replace(".", "\\."))


def test_an_assignee_without_an_account_is_kept_and_shown_as_such(app_context: AppContext) -> None:
    with writing(app_context.engine) as connection:
        connection.execute(update(ISSUES).where(ISSUES.c.id == 2).values(assignee="Tom Adeyemi"))
    test = fine(drawn("issue", TECHNICIAN, app_context, id="2"))
    assert test.selectbox(key="issue-2-assignee").options[:2] == ["Tom Adeyemi (has no account)", "Nobody"]
    test.selectbox(key="issue-2-priority").select("low").run()
    fine(test.button(key="issue-2-save").click().run())
    row = stored_issue(app_context, 2)
    assert (row.assignee, row.priority) == ("Tom Adeyemi", "low")


def _spam(app_context: AppContext) -> int:
    """The number of a report of somebody without an account."""
    now = datetime.now(UTC)
    with writing(app_context.engine) as connection:
        new = NewIssue("law-1", "Buy watches", reporter="Bot", contact="bot@example.org")
        number = open_issue(connection, new, actor="", now=now)
        keep_sender(connection, number, "198.51.100.7", now)
    return number


def test_spam_is_put_away_by_one_click_on_its_card(app_context: AppContext) -> None:
    number = _spam(app_context)
    test = fine(drawn("issues", TECHNICIAN, app_context))
    assert {each.key for each in test.button if each.label == "Spam"} == {f"spam-{number}"}
    fine(test.button(key=f"spam-{number}").click().run())
    assert stored_issue(app_context, number).status == "spam"
    assert f"Issue {number} is spam." in said(test)
    fine(test.button(key="issues.undo").click().run())
    assert stored_issue(app_context, number).status == "open"


def test_spam_is_put_away_with_its_sender_on_its_page_and_opened_again(app_context: AppContext) -> None:
    number = _spam(app_context)
    test = fine(drawn("issue", TECHNICIAN, app_context, id=str(number)))
    fine(test.button(key="spam-and-pause").click().run())
    assert stored_issue(app_context, number).status == "spam"
    assert "reports from its network are paused for a day" in said(test)
    assert test.selectbox(key=f"issue-{number}-status").value == "spam"
    system = fine(drawn("system", MANAGER, app_context))
    assert "198.51.100.7" in html_of(system)
    fine(system.button(key="take-reports-198.51.100.7").click().run())
    assert "198.51.100.7" not in html_of(system)
    fine(test.button(key="not-spam").click().run())
    assert stored_issue(app_context, number).status == "open"
    with_account = drawn("issue", TECHNICIAN, app_context, id="2")
    assert "Spam" not in {button.label for button in with_account.button}


def test_marked_rows_are_put_away_and_looked_at_under_their_status(app_context: AppContext) -> None:
    number = _spam(app_context)
    test = fine(drawn("issues", TECHNICIAN, app_context, view="table", mark=str(number)))
    fine(test.button(key="bulk-spam").click().run())
    assert stored_issue(app_context, number).status == "spam"
    every = fine(drawn("issues", TECHNICIAN, app_context, view="table", status="spam", mark=str(number)))
    assert tables_of(every)[0]["Title"].tolist() == ["Buy watches"]
    fine(every.button(key="bulk-not-spam").click().run())
    assert stored_issue(app_context, number).status == "open"
