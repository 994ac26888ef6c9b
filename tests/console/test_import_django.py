"""`printers import-django`: what older applications are likely to hold, taken over or told why not."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from console.django.dump import Dump, Record, kind_of, read_dump
from console.django.taking import take
from fleet.core_tables import EVENTS, ISSUES, PRINTERS
from fleet.database import open_database, reading
from fleet.errors import FleetError
from fleet.settings import DatabaseSettings
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
        "campus.issuecomment: 1 object, left out",
        "secrets belong into SNMP_PROFILES",
        "2 issues taken over",
    ):
        assert told in text, told
    assert "hidden" not in said.output
    assert [(event["change"], event["owed"]) for event in rows(EVENTS)] == [("imported", False)] * 2


def test_a_dry_run_changes_nothing_and_a_second_run_doubles_nothing(dump: str) -> None:
    said = printers("import-django", dump, "--dry-run")
    assert (said.exit_code, "2 issues would be taken over" in said.output) == (0, True), said.output
    assert rows(PRINTERS) == rows(ISSUES) == []
    printers("import-django", dump)
    again = printers("import-django", dump)
    assert "0 issues taken over, 2 are here already" in again.output
    assert (len(rows(PRINTERS)), len(rows(ISSUES))) == (2, 2)


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
    ],
)
def test_models_are_known_by_their_names(model: str, kind: str) -> None:
    assert kind_of(model, [Record(model, "1", {})]) == kind


FIELDS = st.dictionaries(
    st.sampled_from(["printer", "title", "status", "host", "name", "created_at", "location", "x"]),
    st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text(), max_size=2),
)


@given(st.lists(st.tuples(st.sampled_from(["a.printer", "a.issue", "a.location"]), FIELDS), max_size=5))
def test_no_content_of_a_dump_is_a_surprise(found: list[tuple[str, dict[str, Any]]]) -> None:
    records = tuple(Record(model, str(number), fields) for number, (model, fields) in enumerate(found))
    taking = take(Dump(records), [], {}, NOW)
    taken = [*taking.plan.added, *taking.plan.changed, *taking.plan.unchanged, *taking.issues]
    about = [record for record in records if record.model != "a.location"]
    assert len(taken) + len(taking.skipped) <= len(about) + 1


@given(st.binary(max_size=200))
def test_no_file_is_a_surprise(data: bytes) -> None:
    with suppress(FleetError):
        read_dump(data)


def test_a_carriage_return_alone_ends_a_line() -> None:
    records = read_dump(b"host,name\r10.0.0.5,Hall\r10.0.0.6,Room\r").records
    assert [record.fields["host"] for record in records] == ["10.0.0.5", "10.0.0.6"]


def test_what_is_no_csv_is_one_sentence() -> None:
    with pytest.raises(FleetError, match="no CSV that can be read: line"):
        read_dump(b"host\n" + b"x" * 200_000)
