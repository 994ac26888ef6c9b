"""Reporting and following as it is drawn: known issues first, nothing typed is lost, no words of others."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from core.domain.links import follow_token
from core.storage.core_tables import EVENTS, ISSUES
from core.storage.database import reading, writing
from core.storage.issues import issue_row
from dashboard.actor import Actor
from dashboard.app_context import AppContext
from dashboard.features.issues.spam import mark
from dashboard.features.report import page
from dashboard.features.report.pauses import Pause, begin_pause
from dashboard.features.shared import cached
from dashboard.viewer import Viewer
from tests.dashboard.harness import ANONYMOUS, TECHNICIAN, drawn, open_college
from tests.dashboard.html_text import parsed
from tests.dashboard.portal import SCRIPT, add_hostile, html, said


@pytest.fixture
def college(tmp_path: Path) -> Iterator[AppContext]:
    yield open_college(tmp_path)
    cached.forget()


def form(viewer: Viewer, college: AppContext, printer_id: str = "low") -> AppTest:
    return drawn("report", viewer, college, printer=printer_id)


def sent(page: AppTest, **values: str) -> AppTest:
    """The form filled in and sent."""
    page.button_group(key="category").set_value(values.pop("category", "jam"))
    for key, value in values.items():
        field = page.text_area(key=key) if key == "details" else page.text_input(key=key)
        field.set_value(value)
    next(button for button in page.button if button.label == "Send report").click()
    return page.run()


def shown(page: AppTest) -> str:
    assert not page.exception
    return said(page).replace("\\", "")


def test_a_printer_is_found_by_typing(college: AppContext) -> None:
    page = drawn("report", ANONYMOUS, college)
    page.text_input(key="report-words").set_value("room 12").run()
    page.button(key="report-low").click().run()
    assert page.query_params["printer"] == "low"
    assert "What is wrong?" in shown(page)


def test_a_name_that_nobody_has_is_said(college: AppContext) -> None:
    page = drawn("report", ANONYMOUS, college)
    page.text_input(key="report-words").set_value("nowhere").run()
    assert "No printer is called that." in shown(page)


@pytest.mark.parametrize("printer_id", ["nowhere", "gone", SCRIPT])
def test_a_label_of_a_printer_that_is_gone_asks_for_another(college: AppContext, printer_id: str) -> None:
    assert "is no longer monitored" in shown(form(ANONYMOUS, college, printer_id))


def test_a_report_is_taken_and_can_be_followed(college: AppContext) -> None:
    page = sent(form(ANONYMOUS, college), details="stuck", name="Sam", contact="sam@a.example")
    assert "This is report number 2." in shown(page)
    token = follow_token(college.settings.web.signing_key(), 2)
    assert f"/follow?token={token}" in html(page)
    assert "It was reported." in shown(drawn("follow", ANONYMOUS, college, token=token))


def test_what_was_typed_is_kept_when_something_is_missing(college: AppContext) -> None:
    page = sent(form(ANONYMOUS, college), details="the long story", name="Sam", contact="sam")
    assert "Enter a mail address" in shown(page)
    assert page.text_area(key="details").value == "the long story"
    assert page.text_input(key="name").value == "Sam"
    page = sent(page, contact="sam@a.example")
    assert "This is report number 2." in shown(page)


def test_who_is_signed_in_is_not_asked_for_a_name(college: AppContext) -> None:
    page = form(TECHNICIAN, college)
    assert page.text_input(key="contact").value == "tom@college.example"
    assert "report number 2" in shown(sent(page))


def test_what_is_known_comes_first_and_takes_a_me_too(college: AppContext) -> None:
    page = form(ANONYMOUS, college, "jammed")
    told = shown(page)
    assert "Known issues" in told
    assert "Jams – again" not in told
    page.button(key="me-too-1").click().run()
    assert "This is report number 1." in shown(page)
    with reading(college.engine) as connection:
        query = select(EVENTS.c.change).where(EVENTS.c.issue_id == 1).order_by(EVENTS.c.id)
        assert list(connection.execute(query).scalars()) == ["opened", "me_too"]
        assert len(connection.execute(select(ISSUES.c.id)).all()) == 1


def test_what_anybody_can_mend_is_told_before_the_form(college: AppContext) -> None:
    assert "Paper jam in tray 2." in shown(form(ANONYMOUS, college, "jammed"))


def test_a_program_that_fills_in_every_field_is_refused(college: AppContext) -> None:
    page = sent(form(ANONYMOUS, college), name="Bot", contact="bot@a.example", website="http://a.example")
    assert "could not be taken" in shown(page)


def test_hostile_printers_are_named_as_text(college: AppContext) -> None:
    add_hostile(college.engine)
    page = form(ANONYMOUS, college, "hostile")
    found = parsed(html(page))
    assert found.tags.count("script") == 1  # ours, which sends photos
    assert SCRIPT in found.text


def test_a_database_that_goes_away_leaves_what_was_typed(college: AppContext) -> None:
    page = form(TECHNICIAN, college)
    with writing(college.engine) as connection:
        connection.exec_driver_sql("ALTER TABLE attempts RENAME TO away")
    page = sent(page, details="the long story")
    assert page.exception  # the frame turns it into a sentence: tests of the frame
    assert page.text_area(key="details").value == "the long story"


@pytest.mark.parametrize("token", ["", "x", "Mg.aaaa"])
def test_a_link_that_is_not_ours_shows_nothing_of_anybody(college: AppContext, token: str) -> None:
    assert "This link leads to no report." in shown(drawn("follow", ANONYMOUS, college, token=token))
    assert "This link leads to no report." in shown(drawn("report", ANONYMOUS, college, filed=token or "x"))


def test_a_reporter_may_add_something(college: AppContext) -> None:
    token = follow_token(college.settings.web.signing_key(), 1)
    page = drawn("follow", ANONYMOUS, college, token=token)
    page.text_area(key="note-text").set_value("only envelopes")
    page.button[0].click().run()
    assert "Thank you." in shown(page)
    with reading(college.engine) as connection:
        last = connection.execute(select(EVENTS.c.details).order_by(EVENTS.c.id.desc())).scalars().first()
    assert last == {"text": "only envelopes"}


def test_who_is_paused_is_told_before_writing_and_may_sign_in(
    college: AppContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, now = "198.51.100.7", datetime.now(UTC)
    monkeypatch.setattr(page, "throttle_address", lambda: address)  # AppTest has no gate that says it
    with writing(college.engine) as connection:
        begin_pause(connection, Pause(1, address, now), actor="tom", now=now)
    paused = form(ANONYMOUS, college)
    assert "Reports from your network are paused until " in html(paused)
    assert "/login?next=%2Freport%3Fprinter%3Dlow" in html(paused)
    assert "Send report" not in [button.label for button in paused.button]
    assert "Send report" in [button.label for button in form(TECHNICIAN, college).button]
    monkeypatch.setattr(page, "throttle_address", lambda: "198.51.100.8")
    assert "This is report number 2." in shown(
        sent(form(ANONYMOUS, college), name="Sam", contact="sam@a.example")
    )


def test_spam_can_be_followed_but_not_opened_again(college: AppContext) -> None:
    sent(form(ANONYMOUS, college), name="Sam", contact="sam@a.example")
    with reading(college.engine) as connection:
        seen = issue_row(connection, 2)
    assert seen is not None
    mark(Actor(college.engine, TECHNICIAN, datetime.now(UTC)), [seen])
    token = follow_token(college.settings.web.signing_key(), 2)
    followed = drawn("follow", ANONYMOUS, college, token=token)
    assert "It was taken for spam, and is not worked on." in shown(followed)
    assert len(followed.text_area) == 0
