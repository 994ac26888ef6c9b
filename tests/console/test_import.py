"""`import` and `export` through the real program, on SQLite and PostgreSQL."""

import json
from pathlib import Path

import pytest

from tests.console.cli import call_printers, printers
from tests.console.tables import stored_printers
from tests.paths import ROOT
from tests.postgres import DATABASES, database

DIRTY = """\
\ufeffIP Address;Name;Room;Community
 10.0.0.5 ; Library  1;12;public
;;;
10.0.0.5:161;Twice;;
10.0.0.999;Wrong;;
prn-2.example.org;=2+3;;
"""


@pytest.mark.parametrize("kind", DATABASES)
def test_a_dirty_file_is_imported_with_every_refusal_told(kind: str, tmp_path: Path) -> None:
    Path("dirty.csv").write_text(DIRTY, encoding="utf-8")
    with database(kind, tmp_path / "data") as settings:
        url = settings.database_url
        env = {"DATABASE_URL": url.get_secret_value()} if url else {}
        said = call_printers("import", "dirty.csv", env=env)
        assert said.returncode == 1, said.stderr
        assert "line" in said.stdout
        assert "4  ✖ the same host and port as line 2: 10.0.0.5:161" in said.stdout
        assert "5  ✖ host `10.0.0.999` is neither" in said.stdout
        assert "2 printers added, 0 updated, 0 unchanged, 2 rows refused." in said.stdout
        exported = call_printers("export", env=env).stdout
        assert "library-1,Library 1,10.0.0.5,161,room 12,main,default,,,,,,,,,,yes," in exported
        assert "2-3,'=2+3,prn-2.example.org," in exported
        again = call_printers("import", "dirty.csv", env=env)
        assert "0 printers added, 0 updated, 2 unchanged" in again.stdout


def test_a_dry_run_writes_nothing() -> None:
    Path("p.csv").write_text("host\n10.0.0.5\n")
    said = printers("import", "p.csv", "--dry-run")
    assert said.exit_code == 0
    assert "Dry run, nothing is written: 1 printer to add, 0 to update" in said.output
    assert stored_printers() == {}


def test_an_update_raises_the_version_and_says_what_changes() -> None:
    Path("p.csv").write_text("printer_id,host,location\nlib,10.0.0.5,Library\n")
    printers("import", "p.csv")
    before = stored_printers()["lib"]
    Path("p.csv").write_text("printer_id,host,location\nlib,10.0.0.6,Annex\n")
    said = printers("import", "p.csv")
    assert "host: 10.0.0.5 -> 10.0.0.6, location: Library -> Annex" in said.output
    after = stored_printers()["lib"]
    assert (after["version"], after["host"], after["location"]) == (2, "10.0.0.6", "Annex")
    assert after["updated_at"] > before["updated_at"]
    assert after["created_at"] == before["created_at"]


def test_an_unchanged_row_is_not_an_edit() -> None:
    Path("p.csv").write_text("host\n10.0.0.5\n")
    printers("import", "p.csv")
    before = stored_printers()
    printers("import", "p.csv")
    assert stored_printers() == before


def test_an_export_into_a_file_opens_in_a_spreadsheet_and_reads_back() -> None:
    Path("p.csv").write_text("host,name\n10.0.0.5,Bücherei\n", encoding="cp1252")
    printers("import", "p.csv")
    before = stored_printers()
    assert printers("export", "out.csv").exit_code == 0
    assert Path("out.csv").read_bytes().startswith(b"\xef\xbb\xbfprinter_id,")
    assert "1 unchanged" in printers("import", "out.csv").output
    assert stored_printers() == before


@pytest.mark.parametrize("more", ["", "10.0.0.5\n"], ids=["nothing-else", "others-are-taken"])
def test_a_script_learns_that_a_row_was_refused(more: str) -> None:
    Path("p.csv").write_text(f"host\nnot a host\n{more}")
    assert printers("import", "p.csv").exit_code == 1
    assert len(stored_printers()) == len(more.split())


@pytest.mark.parametrize("arguments", [("absent.csv",), (".",), ("p.csv", "--replace")])
def test_what_cannot_be_done_is_one_sentence(arguments: tuple[str, ...]) -> None:
    Path("p.csv").write_text("host\n10.0.0.5\n")
    said = printers("import", *arguments)
    assert said.exit_code == 2
    assert said.output.startswith("error: ")
    assert said.output.count("\n") == 1


def test_markup_in_a_file_is_only_text() -> None:
    Path("p.csv").write_text("host,name\n10.0.0.5,[bold]x[/bold] [/nonsense]\n[red],y\n")
    said = printers("import", "p.csv")
    assert "[bold]x[/bold] [/nonsense]" in said.output
    assert "`[red]`" in said.output


def test_the_example_in_the_project_is_clean() -> None:
    said = printers("import", str(ROOT / "data" / "printers.example.csv"))
    assert "5 printers added, 0 updated, 0 unchanged, 0 rows refused." in said.output
    assert json.loads(printers("status", "--json").output)[0]["location"] == "Science building, room 3.07"


def test_a_workbook_or_too_many_rows_are_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "book.csv").write_bytes(b"PK\x03\x04" + b"\x00" * 100)
    said = printers("import", "book.csv")
    assert (said.exit_code, said.output) == (2, "error: book.csv is an Excel file: save it as CSV.\n")
    (tmp_path / "many.csv").write_bytes(b"host\n" + b"10.0.0.5\n" * 200_020)
    said = printers("import", "many.csv")
    assert (said.exit_code, said.output) == (2, "error: many.csv has more than 200,000 rows: split it.\n")
    assert not Path("data").exists()
