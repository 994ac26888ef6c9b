"""Readings wait on disk, within bounds, whatever happens to the disk."""

import shutil
import sqlite3
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from collector import spool as spool_module
from collector.spool import MAX_UNSAVED, Spool
from collector.spool_file import Spooled, SpoolFile
from core.contract.errors import UserError

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


def reading(seq: int, printer_id: str = "p1", taken_at: datetime = NOW) -> Spooled:
    return Spooled(seq, f"id-{seq}", printer_id, taken_at.timestamp(), f"payload {seq}".encode())


def make(path: Path, *, max_readings: int = 1000, max_age_hours: float = 24) -> Spool:
    return Spool(path, max_readings=max_readings, max_age_hours=max_age_hours)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "collector" / "spool-main.sqlite3"


@pytest.fixture
def spool(path: Path) -> Iterator[Spool]:
    spool = make(path)
    spool.open(NOW)
    yield spool
    spool.close()


def seqs(readings: list[Spooled]) -> list[int]:
    return [reading.seq for reading in readings]


def test_readings_wait_until_they_are_done(spool: Spool) -> None:
    spool.write([reading(n) for n in range(1, 6)], [])
    spool.write([reading(6)], [2, 4])
    assert spool.readings == 4
    assert spool.after(0, 100) == [reading(1), reading(3), reading(5), reading(6)]
    assert spool.after(3, 1) == [reading(5)]
    assert spool.read([6, 2, 1]) == [reading(6), reading(1)]
    assert spool.oldest_at() == NOW.timestamp()


def test_they_are_there_after_a_crash_and_seq_goes_on(path: Path, spool: Spool) -> None:
    spool.write([reading(n) for n in (10, 11, 12)], [])
    copy = path.parent / "crashed.sqlite3"
    for suffix in ("", "-wal"):  # what a kill leaves behind
        shutil.copy(f"{path}{suffix}", f"{copy}{suffix}")
    again = make(copy)
    assert again.open(datetime(1970, 1, 1, tzinfo=UTC)) == 13
    assert seqs(again.after(0, 10)) == [10, 11, 12]
    again.close()


def test_seq_rises_over_restarts_even_when_the_spool_is_empty_or_the_clock_goes_back(path: Path) -> None:
    first = make(path)
    seq = first.open(NOW)
    first.write([reading(seq + 5)], [])
    first.write([], [seq + 5])
    first.close()
    second = make(path)
    assert second.open(NOW - timedelta(days=1)) == seq + 6
    second.close()
    path.unlink()
    third = make(path)
    assert third.open(NOW + timedelta(seconds=1)) > seq + 6, "also where the file is lost"
    third.close()


def test_the_newest_of_each_printer_is_known(spool: Spool) -> None:
    spool.write([reading(n, f"p{n % 3}") for n in range(1, 10)], [])
    assert spool.newest_of_each() == [9, 8, 7]


def test_a_second_collector_on_the_same_file_is_refused(
    path: Path, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("collector.spool_file._BUSY_SECONDS", 0.1)
    with pytest.raises(UserError, match="another collector uses the spool"):
        make(path).open(NOW)
    spool.write([reading(1)], [])
    assert spool.readings == 1


def test_beyond_its_size_the_oldest_are_dropped_and_counted(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    spool = make(path, max_readings=100)
    spool.open(NOW)
    spool.write([reading(n) for n in range(1, 131)], [])
    spool.write([reading(131)], [])
    assert spool.readings == 100
    assert spool.dropped == 31
    assert seqs(spool.after(0, 1)) == [32]
    spool.sweep(NOW)
    spool.sweep(NOW)
    assert caplog.text.count("31 readings that nobody confirmed were dropped") == 1
    spool.close()


def test_beyond_its_age_readings_are_dropped_and_counted(path: Path) -> None:
    spool = make(path, max_readings=10_000, max_age_hours=1)
    spool.open(NOW)
    old, young = NOW - timedelta(hours=2), NOW - timedelta(minutes=30)
    spool.write([reading(n, taken_at=old if n <= 2500 else young) for n in range(1, 3001)], [])
    spool.sweep(NOW)
    assert (spool.readings, spool.dropped) == (500, 2500)
    assert seqs(spool.after(0, 1)) == [2501]
    spool.close()


def test_the_file_shrinks_again(path: Path, spool: Spool) -> None:
    spool.write([reading(n)._replace(payload=bytes(4000)) for n in range(1, 901)], [])
    spool.write([], list(range(1, 901)))
    spool.sweep(NOW)
    spool.close()
    assert path.stat().st_size < 200_000


@pytest.mark.parametrize("content", [b"this is no database" * 1000, b"SQLite format 3\0" + bytes(9000)])
def test_a_damaged_file_is_set_aside(path: Path, content: bytes, caplog: pytest.LogCaptureFixture) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    spool = make(path)
    spool.open(NOW)
    spool.write([reading(1)], [])
    assert seqs(spool.after(0, 10)) == [1]
    [kept] = path.parent.glob("*.damaged-*")
    assert kept.read_bytes() == content
    assert "is damaged" in caplog.text
    spool.close()


def test_a_file_of_another_program_is_set_aside(path: Path) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as foreign:
        foreign.execute("CREATE TABLE cakes (name TEXT)")
    foreign.close()
    spool = make(path)
    spool.open(NOW)
    spool.write([reading(1)], [])
    assert spool.unsaved == 0
    assert len(list(path.parent.glob("*.damaged-*"))) == 1
    spool.close()


def test_damage_while_it_runs_costs_what_was_waiting_and_nothing_more(
    path: Path, spool: Spool, caplog: pytest.LogCaptureFixture
) -> None:
    spool.write([reading(n)._replace(payload=bytes(3000)) for n in range(1, 500)], [])
    assert spool._file is not None
    connection = spool._file._sql
    for pragma in ("wal_checkpoint(TRUNCATE)", "cache_size=0", "shrink_memory"):
        connection.execute(f"PRAGMA {pragma}").fetchall()
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 4096 * 300)
    spool.write([reading(1000)], [5])
    spool.after(0, 1000)
    spool.write([reading(1001)], [6])
    assert 1001 in seqs(spool.after(0, 1000))
    assert caplog.text.count("is damaged") == 1
    assert spool.unsaved == 0


class FullDisk:
    """Makes the file refuse every change, as SQLite does on a full disk."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._original = SpoolFile.change
        self._monkeypatch = monkeypatch
        monkeypatch.setattr(spool_module, "_RETRY_SECONDS", 0)
        monkeypatch.setattr(SpoolFile, "change", self._refuse)

    def _refuse(self, *_: object) -> int:
        raise sqlite3.OperationalError("database or disk is full")

    def has_room(self) -> None:
        self._monkeypatch.setattr(SpoolFile, "change", self._original)


def test_a_full_disk_keeps_readings_in_memory_until_there_is_room(
    spool: Spool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    spool.write([reading(1), reading(2)], [])
    disk = FullDisk(monkeypatch)
    spool.write([reading(3, "p3"), reading(4)], [1])
    spool.write([reading(5)], [4])
    assert (spool.readings, spool.unsaved) == (3, 2)
    assert seqs(spool.after(0, 10)) == [2, 3, 5]
    assert seqs(spool.read([1, 3, 4, 5])) == [3, 5]
    assert spool.newest_of_each() == [5, 3]
    assert caplog.text.count("cannot be used (database or disk is full)") == 1
    disk.has_room()
    spool.write([], [3])
    assert (spool.readings, spool.unsaved) == (2, 0)
    assert seqs(spool.after(0, 10)) == [2, 5]
    assert "can be written again" in caplog.text


def test_memory_is_bounded_while_the_disk_refuses(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    FullDisk(monkeypatch)
    spool.write([reading(n) for n in range(1, MAX_UNSAVED + 11)], [])
    assert spool.unsaved == MAX_UNSAVED
    assert spool.dropped == 10
    assert seqs(spool.after(0, 1)) == [11]


def test_a_refusing_disk_is_not_tried_at_every_turn(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = FullDisk(monkeypatch)
    monkeypatch.setattr(spool_module, "_RETRY_SECONDS", 1000)
    spool.write([reading(1)], [])
    disk.has_room()
    spool.write([reading(2)], [])
    assert spool.unsaved == 2
    monkeypatch.setattr(time, "monotonic", lambda: 1e12)
    spool.write([], [])
    assert spool.unsaved == 0


def test_a_folder_that_cannot_be_used_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(spool_module, "_RETRY_SECONDS", 0)
    (tmp_path / "collector").write_text("a file where the folder should be")
    spool = make(tmp_path / "collector" / "spool.sqlite3")
    seq = spool.open(NOW)
    spool.write([reading(seq)], [])
    assert spool.unsaved == 1
    spool.sweep(NOW)
    (tmp_path / "collector").unlink()
    spool.write([reading(seq + 1)], [])
    assert (spool.readings, spool.unsaved) == (2, 0)
    spool.close()


def test_what_a_broken_disk_has_cost_is_said_at_the_end(
    spool: Spool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    FullDisk(monkeypatch)
    spool.write([reading(1)], [])
    spool.close()
    assert "1 readings could not be saved" in caplog.text
