"""The old CSV clean-up script: the import's rules, without database or installed packages."""

import subprocess
import sys
from pathlib import Path

from core.domain.inventory.csv_file import read_inventory
from tests.paths import ROOT


def clean(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    """With a Python that sees none of our packages, as a system's own."""
    script = str(ROOT / "scripts" / "clean_printer_csv.py")
    command = [sys.executable, "-I", "-S", script, *arguments]
    return subprocess.run(command, capture_output=True, check=False)


def test_a_dirty_file_comes_out_clean_and_the_rest_is_told() -> None:
    Path("in.csv").write_bytes(
        "IP;Name\n 10.0.0.5 ;B\u00fccherei\n10.0.0.5;twice\nx y;bad\n".encode("cp1252")
    )
    said = clean("in.csv", "out.csv")
    assert said.returncode == 0, said.stderr
    assert said.stdout == b""
    assert b"line 3 refused: the same host and port as line 2" in said.stderr
    assert b"line 4 refused: host `x y`" in said.stderr
    (row,) = read_inventory(Path("out.csv").read_bytes()).rows
    assert (row.values["printer_id"], row.values["name"]) == ("bucherei", "B\u00fccherei")


def test_without_a_target_it_writes_utf_8_to_standard_output() -> None:
    Path("in.csv").write_text("host,name\n10.0.0.5,B\u00fccherei\n", encoding="utf-16")
    said = clean("in.csv")
    assert b"10.0.0.5,161" in said.stdout
    assert "B\u00fccherei" in said.stdout.decode("utf-8")


def test_a_file_that_is_not_there_is_one_sentence() -> None:
    said = clean("absent.csv")
    assert (said.returncode, said.stderr.count(b"\n")) == (2, 1)


def test_a_file_of_which_nothing_can_be_used_is_a_failure() -> None:
    Path("in.csv").write_text("a,b\n1,2\n")
    assert clean("in.csv").returncode == 1
