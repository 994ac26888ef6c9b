"""Lines of all services have one shape on the screen and in a bounded file."""

from datetime import datetime
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from console.up.log_lines import LogLine, LogSink, parse

NOW = datetime(2026, 3, 1, 12, 0, 5)  # noqa: DTZ001 (logs are in local time)


def test_a_line_of_our_services_is_taken_apart() -> None:
    line = parse("collector", "2026-03-01 11:59:58 WARNING collector: lib-1 does not answer\n", NOW)
    assert line == LogLine("2026-03-01 11:59:58", "collector", "WARNING", "lib-1 does not answer")


def test_any_other_line_gets_the_time_and_its_service() -> None:
    assert str(parse("processor", "  boom\n", NOW)) == "2026-03-01 12:00:05 -       processor:   boom"


@given(st.text())
def test_no_line_can_move_the_cursor_or_ring_the_bell(text: str) -> None:
    shown = str(parse("collector", text, NOW))
    assert all(32 <= ord(one) < 127 or ord(one) >= 160 for one in shown.replace("\n", ""))


def test_the_file_is_bounded(tmp_path: Path) -> None:
    sink = LogSink(tmp_path)
    for _ in range(300):
        sink.take("collector", "x" * 100_000)
    sink.close()
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files == ["printers.log", *(f"printers.log.{number}" for number in range(1, 5))]
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 26_000_000


def test_a_file_that_cannot_be_written_does_not_end_the_run(tmp_path: Path) -> None:
    sink = LogSink(tmp_path)
    sink.path.mkdir()
    seen: list[LogLine] = []
    sink.show = seen.append
    try:
        sink.say("still here")
    except OSError:
        raise AssertionError("a full or broken disk ended the run") from None
    assert [line.text for line in seen] == ["still here"]
