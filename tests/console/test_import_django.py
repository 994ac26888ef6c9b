"""`printers import-django`: what older applications are likely to hold, taken over or told why not."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from console.django.dump import Dump, Record, kind_of, read_dump
from console.django.import_dump import take
from core.contract.errors import UserError
from core.runtime.settings import DatabaseSettings
from core.storage.core_tables import EVENTS, ISSUES, PRINTERS, USERS
from core.storage.database import open_database, reading, writing
from tests.console.cli import printers

NOW = datetime(2026, 3, 1, tzinfo=UTC)
DUMP: list[dict[str, Any]] = [
    {"model": "auth.user", "pk": 3, "fields": {
        "username": "tom", "first_name": "Tom", "last_name": "Adeyemi"}},
    {"model": "campus.location", "pk": 9, "fields": {"name": "Library, room 12", "floor": 1}},
    {"model": "campus.printer", "pk": 1, "fields": {
        "name": "Library 1", "ip_address": "10.0.0.5", "location": 9, "make": "HP", "model": "LaserJet 4250",
        "snmp_community": "hidden", "colour": True, "serial_number": "CNX123", "is_active": True}},
    {"model": "campus.printer", "pk": 2, "fields": {"name": "No address", "ip_address": ""}},
    {"model": "campus.printer", "pk": 7, "fields": {
        "name": "Annex", "ip_address": "10.0.0.7", "location": None}},
    {"model": "campus.issue", "pk": 17, "fields": {
        "printer": 1, "title": "Jams again", "description": "Every\nmorning", "status": "in progress",
        "priority": "HIGH", "created_at": "2025-05-01T08:00:00Z", "reported_by": 3, "mood": "bad"}},
    {"model": "campus.issue", "pk": 18, "fields": {
        "printer": 7, "description": "Out of toner\nsince noon", "status": "R",
        "created_at": "2025-06-01T08:00:00", "resolved_at": "2025-06-02T09:30:00+02:00", "priority": 99}},
    {"model": "campus.issue", "pk": 19, "fields": {"printer": 999, "title": "Whose?"}},
    {"model": "campus.issue", "pk": 20, "fields": {"printer": 1, "title": " "}},
    {"model": "campus.issuecomment", "pk": 1, "fields": {"issue": 17, "text": "I looked"}},
    {"model": "sessions.session", "pk": "abc", "fields": {"session_data": "x"}},
]  # fmt: skip


def rows(table: Any) -> list[dict[str, Any]]:
    engine = open_database(DatabaseSettings(data_dir=Path("data")))
    with reading(engine) as connection:
        found = [dict(row) for row in connection.execute(select(table)).mappings()]
    engine.dispose()
    return found


@pytest.fixture
def dump(tmp_path: Path) -> str:
    (tmp_path / "dump.json").write_text(json.dumps(DUMP), encoding="utf-8")
    return "dump.json"


def test_printers_and_issues_are_taken_over_and_the_rest_is_told(dump: str) -> None:
    said = printers("import-django", dump)
    text = " ".join(said.output.split())
    assert said.exit_code == 0, said.output
    assert {row["host"]: row["location"] for row in rows(PRINTERS)} == {
        "10.0.0.5": "Library, room 12",
        "10.0.0.7": "",
    }
    library = next(row for row in rows(PRINTERS) if row["host"] == "10.0.0.5")
    assert (library["name"], library["model"], library["serial"]) == (
        "Library 1",
        "HP LaserJet 4250",
        "CNX123",
    )
    jam, toner = rows(ISSUES)
    assert (jam["printer_id"], jam["title"], jam["status"]) == (
        library["printer_id"],
        "Jams again",
        "in_progress",
    )
    assert (jam["priority"], jam["category"], jam["reporter"]) == ("high", "jam", "Tom Adeyemi")
    assert jam["opened_at"] == datetime(2025, 5, 1, 8, tzinfo=UTC)
    assert (toner["title"], toner["status"], toner["category"]) == ("Out of toner", "resolved", "supplies")
    assert toner["resolved_at"] == datetime(2025, 6, 2, 7, 30, tzinfo=UTC)
    for told in (
        "campus.issue 19 is left out: its printer '999' is not known",
        "campus.issue 20 is left out: it has neither a title nor a description",
        "campus.printer 2 is left out",
        "priority '99' is taken for normal",
        "sessions.session: 1 object, left out",
        "secrets belong into SNMP_PROFILES",
        "2 issues taken over",
        "1 comment taken over",
        "user tom: technician.",
        "1 user taken over",
        "printers users password NAME",
    ):
        assert told in text, told
    assert "hidden" not in said.output
    assert [(event["change"], event["owed"]) for event in rows(EVENTS)] == [
        ("imported", False),
        ("imported", False),
        ("commented", False),
    ]


def test_a_dry_run_changes_nothing_and_a_second_run_doubles_nothing(dump: str) -> None:
    said = printers("import-django", dump, "--dry-run")
    assert (said.exit_code, "2 issues would be taken over" in said.output) == (0, True), said.output
    assert "1 comment would be taken over" in said.output
    assert "1 user would be taken over" in said.output
    assert not Path("data").exists()
    printers("import-django", dump)
    again = printers("import-django", dump)
    for what, count in (("issue", 2), ("comment", 1), ("user", 1)):
        assert f"0 {what}s taken over, {count} are here already" in again.output
    assert (len(rows(PRINTERS)), len(rows(ISSUES)), len(rows(EVENTS)), len(rows(USERS))) == (2, 2, 3, 1)


def imported(records: list[dict[str, Any]], *options: str) -> str:
    """What the command says about a dump of these objects."""
    Path("dump.json").write_text(json.dumps(records), encoding="utf-8")
    said = printers("import-django", "dump.json", *options)
    assert said.exit_code == 0, said.output
    return " ".join(said.output.split())


def django(model: str, pk: object, /, **fields: Any) -> dict[str, Any]:
    return {"model": model, "pk": pk, "fields": fields}


@pytest.mark.parametrize(
    ("said", "enabled"),
    [
        ({"is_active": False}, False),
        ({"is_active": True}, True),
        ({"enabled": 0}, False),
        ({"active": "no"}, False),
        ({"retired": True}, False),
        ({"retired": False}, True),
        ({"is_deleted": True, "is_active": True}, False),
        ({"deleted": "2024-05-01T10:00:00Z"}, False),
        ({"retired_at": "2024-05-01"}, False),
        ({"retired_at": "2999-05-01"}, True),
        ({"retired_at": None}, True),
        ({"status": "Out of service"}, False),
        ({"status": 4}, False),
        ({"status": "online"}, True),
        ({"in_use": "unclear"}, True),
    ],
)
def test_a_printer_that_is_out_of_use_there_is_not_asked_here(said: dict[str, Any], enabled: bool) -> None:
    imported([
        django("campus.status", 4, name="Retired"),
        django("campus.printer", 1, name="Library", ip_address="10.0.0.5", **said),
    ])  # fmt: skip
    (printer,) = rows(PRINTERS)
    assert printer["enabled"] is enabled


def test_a_second_run_switches_nothing_on_that_was_switched_off_here() -> None:
    dump = [django("campus.printer", 1, name="Library", ip_address="10.0.0.5", is_active=True)]
    imported(dump)
    engine = open_database(DatabaseSettings())
    with writing(engine) as connection:
        connection.execute(update(PRINTERS).values(enabled=False))
    engine.dispose()
    imported(dump)
    assert rows(PRINTERS)[0]["enabled"] is False


@pytest.mark.parametrize(
    ("category", "title", "taken"),
    [
        ("Hardware", "Jams again", "damage"),
        ("supplies", "No paper in tray 2", "supplies"),
        ("Paper jam", "Toner everywhere", "jam"),
        ("Other", "Jams again", "other"),
        ("Firmware", "Jams again", "other"),
        (7, "Jams again", "connection"),
        (8, "Jams again", "jam"),
        ("", "Jams again", "jam"),
        ("", "Drinking water on it", "other"),
    ],
)
def test_the_category_beats_words_of_the_title(category: object, title: str, taken: str) -> None:
    imported([
        django("campus.category", 7, name="Network"),
        django("campus.printer", 1, name="Library", ip_address="10.0.0.5"),
        django("campus.issue", 1, printer=1, title=title, category=category),
    ])  # fmt: skip
    assert rows(ISSUES)[0]["category"] == taken


def test_comments_become_the_timeline_of_their_issue_with_author_and_date() -> None:
    text = imported([
        django("auth.user", 3, username="tom", first_name="Tom", last_name="Adeyemi", is_active=True),
        django("contenttypes.contenttype", 5, app_label="campus", model="issue"),
        django("campus.printer", 1, name="Library", ip_address="10.0.0.5"),
        django("campus.issue", 17, printer=1, title="Jams", assigned_to=3, created_at="2025-05-01T08:00:00Z",
               updated_at="2025-05-03T08:00:00Z"),
        django("campus.issuecomment", 1, issue=17, text="I looked\nagain", author=3,
               created_at="2025-05-01T09:00:00+02:00"),
        django("django_comments.comment", 2, content_type=5, object_pk="17", user_name="A visitor",
               comment="Thank you", submit_date="2025-05-02T09:00:00Z"),
        django("campus.issuenote", 3, issue=99, text="Whose?"),
        django("campus.issuenote", 4, issue=17, text=""),
    ])  # fmt: skip
    (issue,) = rows(ISSUES)
    assert issue["updated_at"] == datetime(2025, 5, 3, 8, tzinfo=UTC)
    assert issue["assignee"] == "tom"
    comments = [event for event in rows(EVENTS) if event["change"] == "commented"]
    assert [(event["actor"], event["details"]["text"], event["at"], event["owed"]) for event in comments] == [
        ("tom", "I looked\nagain", datetime(2025, 5, 1, 7, tzinfo=UTC), False),
        ("A visitor", "Thank you", datetime(2025, 5, 2, 9, tzinfo=UTC), False),
    ]
    assert "campus.issuenote 3 is left out: it has no text, or its issue is not in the file" in text
    assert "2 comments taken over" in text


def test_users_come_with_role_and_summary_mark_and_without_a_password() -> None:
    text = imported([
        django("auth.group", 1, name="Print managers"),
        django("auth.user", 1, username="Ada", email="ada@example.org", password="pbkdf2$secret",
               is_superuser=True, is_staff=True, is_active=True, date_joined="2020-01-02T03:04:05Z",
               receives_daily_summary=True),
        django("auth.user", 2, username="maya", email="maya@example.org", password="x", is_staff=True,
               is_superuser=False, is_active=True, groups=[1]),
        django("campus.profile", 9, user=2, daily_issue_summary=True),
        django("auth.user", 3, username="gone", email="", password="x", is_staff=True, is_active=False),
        django("auth.user", 4, username="student", email="s@example.org", password="x", is_staff=False,
               is_active=True),
        django("auth.user", 5, username="tom", email="nonsense", password="x", is_staff=False,
               is_active=True, receives_daily_summary=True),
        django("auth.user", 6, username="two words", password="x", is_active=True),
        django("auth.user", 7, username="ADA", password="x", is_active=True),
    ])  # fmt: skip
    found = {
        row["name"]: (row["role"], row["active"], row["summary"] == "always", row["email"])
        for row in rows(USERS)
    }
    assert found == {
        "ada": ("admin", True, True, "ada@example.org"),
        "maya": ("manager", True, True, "maya@example.org"),
        "gone": ("technician", False, False, ""),
        "student": ("technician", False, False, "s@example.org"),
        "tom": ("technician", True, False, ""),
    }
    ada = next(row for row in rows(USERS) if row["name"] == "ada")
    assert ada["created_at"] == datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert {row["password_hash"] for row in rows(USERS)} == {""}
    assert "pbkdf2" not in text
    assert "auth.user 6 is left out: its name cannot be one to sign in with" in text
    assert "auth.user 7 is left out: there is another user ada" in text
    assert "'nonsense' is no mail address" in text
    assert "user ada: admin, daily summary." in text


def test_csv_of_printers_then_of_issues(tmp_path: Path) -> None:
    (tmp_path / "printers.csv").write_text("Name;IP\nLibrary 1;10.0.0.5\n", encoding="utf-8")
    (tmp_path / "issues.csv").write_text(
        "id,printer,subject,state,date\n4,library 1,Streaks,closed,2025-01-02\n5,nowhere,Streaks,,\n",
        encoding="utf-8",
    )
    assert printers("import-django", "printers.csv").exit_code == 0
    said = printers("import-django", "issues.csv")
    assert "CSV 5 is left out: its printer 'nowhere' is not known" in said.output
    (issue,) = rows(ISSUES)
    assert (issue["status"], issue["category"]) == ("closed", "quality")
    assert issue["closed_at"] == datetime(2025, 1, 2, tzinfo=UTC)


def test_a_person_can_say_what_a_model_holds(tmp_path: Path) -> None:
    odd = [
        {"model": "shop.machine", "pk": 1, "fields": {"name": "A", "host": "10.0.0.9"}},
        {"model": "shop.wish", "pk": 1, "fields": {"machine": 1, "title": "Needs paper"}},
    ]
    (tmp_path / "odd.json").write_text("\n".join(json.dumps(one) for one in odd), encoding="utf-8")
    assert printers("import-django", "odd.json").exit_code == 1
    said = printers(
        "import-django", "odd.json", "--model", "shop.machine=printers", "--model", "shop.wish=issues"
    )
    assert (said.exit_code, "1 issue taken over" in said.output) == (0, True), said.output
    wrong = printers("import-django", "odd.json", "--model", "shop.wish=wishes")
    assert (wrong.exit_code, "MODEL=printers" in wrong.output) == (2, True)


@pytest.mark.parametrize("text", ["[1, 2]", '{"a": 1}', "[{]", '{"model": "a.b"}'])
def test_what_is_no_dump_is_refused_in_a_sentence(text: str, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(text, encoding="utf-8")
    said = printers("import-django", "x.json")
    assert (said.exit_code, "Traceback" in said.output) == (2, False)
    assert "dumpdata" in said.output


@pytest.mark.parametrize(
    ("model", "kind"),
    [
        ("a.printer", "printers"),
        ("a.networkprinter", "printers"),
        ("a.printermodel", "other"),
        ("a.printerissue", "issues"),
        ("helpdesk.ticket", "issues"),
        ("a.issuestatus", "other"),
        ("admin.logentry", "other"),
        ("accounts.profile", "other"),
    ],
)
def test_models_are_known_by_their_names(model: str, kind: str) -> None:
    assert kind_of(model, [Record(model, "1", {})]) == kind


FIELDS = st.dictionaries(
    st.sampled_from(
        [
            "printer",
            "title",
            "status",
            "host",
            "name",
            "created_at",
            "location",
            "x",
            "issue",
            "text",
            "author",
            "username",
            "email",
            "groups",
            "is_active",
            "retired",
            "category",
            "assigned_to",
            "object_pk",
        ]
    ),
    st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text(), max_size=2),
)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a.printer", "a.issue", "a.location", "a.user", "a.issuecomment"]), FIELDS
        ),
        max_size=5,
    )
)
def test_no_content_of_a_dump_is_a_surprise(found: list[tuple[str, dict[str, Any]]]) -> None:
    records = tuple(Record(model, str(number), fields) for number, (model, fields) in enumerate(found))
    taking = take(Dump(records), [], {}, NOW)
    plan = taking.plan
    changes = [*plan.added, *plan.changed, *plan.unchanged]
    taken = [*changes, *taking.issues, *taking.comments, *taking.accounts]
    about = [record for record in records if record.model != "a.location"]
    assert len(taken) + len(taking.skipped) <= len(about) + 1


@given(st.binary(max_size=200))
def test_no_file_is_a_surprise(data: bytes) -> None:
    with suppress(UserError):
        read_dump(data)


def test_a_carriage_return_alone_ends_a_line() -> None:
    records = read_dump(b"host,name\r10.0.0.5,Hall\r10.0.0.6,Room\r").records
    assert [record.fields["host"] for record in records] == ["10.0.0.5", "10.0.0.6"]


def test_what_is_no_csv_is_one_sentence() -> None:
    with pytest.raises(UserError, match="no CSV that can be read: line"):
        read_dump(b"host\n" + b"x" * 200_000)
