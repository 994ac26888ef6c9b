"""`export --all` and `import --all`: everything from one database into another, of another kind too."""

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from console.transfer import exported_tables
from core.runtime.settings import DatabaseSettings
from core.storage.database import open_database, writing
from core.storage.issues import NewIssue, open_issue
from core.storage.tables import IssuePhoto
from tests.builders import NOW, put
from tests.console.cli import printers
from tests.console.small_fleet import fill
from tests.console.tables import everything
from tests.postgres import DATABASES, database


def use(monkeypatch: pytest.MonkeyPatch, settings: DatabaseSettings) -> None:
    """What commands find from now on."""
    monkeypatch.setenv("DATA_DIR", str(settings.data_dir))
    if settings.database_url is None:
        monkeypatch.delenv("DATABASE_URL", raising=False)
    else:
        monkeypatch.setenv("DATABASE_URL", settings.database_url.get_secret_value())


@pytest.mark.parametrize("source_kind", DATABASES)
@pytest.mark.parametrize("target_kind", DATABASES)
def test_everything_arrives_as_it_was(
    source_kind: str, target_kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        database(source_kind, tmp_path / "source") as source,
        database(target_kind, tmp_path / "target") as target,
    ):
        from_engine, to_engine = open_database(source), open_database(target)
        fill(from_engine)
        put(
            from_engine,
            IssuePhoto(event_id=1, created_at=NOW, image=b"\xff\xd8\x00", thumbnail=b"\xff\xd9"),
        )
        before = everything(from_engine)
        filled = ("printers", "snapshots", "attention", "issues", "issue_events", "issue_photos")
        assert all(before[name] for name in filled)
        use(monkeypatch, source)
        assert printers("export", "--all", "all.json").exit_code == 0
        use(monkeypatch, target)
        said = printers("import", "--all", "all.json")
        assert said.exit_code == 0, said.output
        assert "6 printers" in said.output
        assert everything(to_engine) == before
        with writing(to_engine) as connection:
            new = NewIssue(printer_id="low", title="after the move")
            number = open_issue(connection, new, actor="somebody", now=NOW)
        assert number > max(issue["id"] for issue in before["issues"]), "numbering goes on behind the rows"
        from_engine.dispose()
        to_engine.dispose()


@pytest.fixture
def exported() -> Path:
    """A file with everything; the database it came from is empty again, and nothing runs on it."""
    engine = open_database(DatabaseSettings())
    fill(engine)
    assert printers("export", "--all", "all.json").exit_code == 0
    with writing(engine) as connection:
        for table in reversed(exported_tables()):
            connection.execute(table.delete())
        connection.execute(text("DELETE FROM services"))
    engine.dispose()
    return Path("all.json")


@pytest.mark.skipif(os.name != "posix", reason="POSIX permissions")
def test_everything_is_its_owners_alone(exported: Path) -> None:
    assert stat.S_IMODE(exported.stat().st_mode) == 0o600  # hashes of passwords are in it


def test_a_database_with_rows_is_replaced_only_when_asked(exported: Path) -> None:
    printers("add", "10.9.9.9")
    said = printers("import", "--all", str(exported))
    assert said.exit_code == 2
    assert "the database is not empty (1 audit, 1 printers)" in said.output
    assert printers("import", "--all", str(exported), "--replace").exit_code == 0
    assert "10.9.9.9" not in printers("export").output


def test_a_dry_run_only_looks(exported: Path) -> None:
    said = printers("import", "--all", str(exported), "--dry-run")
    assert said.exit_code == 0
    assert "would come into the database" in said.output
    assert printers("status", "--json").output == "[]\n"


def test_it_refuses_while_services_run(exported: Path) -> None:
    engine = open_database(DatabaseSettings())
    fill(engine)
    said = printers("import", "--all", str(exported), "--replace")
    assert said.exit_code == 2
    assert "3 services work with this database (" in said.output


def first_printer(content: dict[str, Any]) -> dict[str, Any]:
    row: dict[str, Any] = content["tables"]["printers"][0]
    return row


DAMAGES: dict[str, Callable[[dict[str, Any]], object]] = {
    "newer schema": lambda content: content.update(schema="9999"),
    "other format": lambda content: content.update(format="something"),
    "no tables": lambda content: content.pop("tables"),
    "unknown table": lambda content: content["tables"].update(spies=[]),
    "unknown column": lambda content: first_printer(content).update(color="red"),
    "missing column": lambda content: first_printer(content).pop("host"),
    "no time": lambda content: first_printer(content).update(created_at="yesterday"),
    "double row": lambda content: content["tables"]["printers"].append(first_printer(content)),
    "rows of another shape": lambda content: content["tables"].update(printers=[[1, 2]]),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_file_that_does_not_fit_changes_nothing(exported: Path, damage: str) -> None:
    printers("add", "10.9.9.9")
    content = json.loads(exported.read_text(encoding="utf-8"))
    DAMAGES[damage](content)
    exported.write_text(json.dumps(content), encoding="utf-8")
    said = printers("import", "--all", str(exported), "--replace")
    assert said.exit_code == 2, said.output
    assert said.output.startswith("error: ")
    assert "10.9.9.9" in printers("export").output


@pytest.mark.parametrize("content", ["", "[]", "{}", "no json", "\x00"])
def test_a_file_of_something_else_is_refused(content: str) -> None:
    Path("x.json").write_text(content)
    said = printers("import", "--all", "x.json")
    assert said.exit_code == 2
    assert said.output.count("\n") == 1


def test_an_export_is_of_one_moment(tmp_path: Path) -> None:
    engine = open_database(DatabaseSettings())
    fill(engine)
    said = printers("export", "--all")
    content = json.loads(said.output)
    assert content["counts"] == {name: len(rows) for name, rows in content["tables"].items()}
    assert "services" not in content["tables"]
    assert not list(tmp_path.glob("*.partial"))
