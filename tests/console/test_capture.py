"""`capture`: what is recorded of a printer is judged as it was, and says nothing about whose it is."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.contract.messages import PrinterState
from core.runtime.settings import RuleSettings
from processor.judgment.judge import Context, judge
from simulator.fleet_run import FleetOptions, make_fleet
from simulator.recording import read_recording as read_for_the_simulator
from tests.console.cli import call_printers, printers
from tests.console.simulated import answering, free_ports
from tests.paths import ROOT
from tests.recordings_reader import read_recording, reading_of

QUICK = {"SNMP_TIMEOUT": "0.5", "SNMP_RETRIES": "0"}
NAMES = ("brother_own_levels", "ricoh_own_toner_table", "xerox_jam", "kyocera_asleep", "oki_v1_only")


@pytest.fixture(scope="module")
def hosts() -> Iterator[dict[str, str]]:
    first = free_ports(len(NAMES))
    recordings = tuple(ROOT / "tests" / "recordings" / f"{name}.snmprec" for name in NAMES)
    with answering(make_fleet(FleetOptions(len(NAMES), first, recordings=recordings)), first):
        yield {name: f"127.0.0.1:{first + at}" for at, name in enumerate(NAMES)}


def judged(path: Path) -> PrinterState:
    reading = reading_of(read_recording(path))
    return judge(reading, None, Context(RuleSettings(), reading.taken_at)).state


@pytest.mark.parametrize("name", NAMES)
def test_a_recording_is_judged_as_the_printer_it_was_taken_from(hosts: dict[str, str], name: str) -> None:
    original = ROOT / "tests" / "recordings" / f"{name}.snmprec"
    said = printers("capture", hosts[name], f"{name}.snmprec", env=QUICK)
    assert said.exit_code == 0, said.output
    assert "Read it before you share it" in said.stdout
    before, after = judged(original), judged(Path(f"{name}.snmprec"))
    assert (after.state, after.severity, after.model) == (before.state, before.severity, before.model)
    assert [flag.code for flag in after.attention] == [flag.code for flag in before.attention]
    assert [s.level_percent for s in after.supplies] == [s.level_percent for s in before.supplies]
    assert [s.source for s in after.supplies] == [s.source for s in before.supplies]
    text = Path(f"{name}.snmprec").read_text(encoding="ascii")
    for secret in (before.serial_number, before.system_name, before.system_location):
        assert not secret or secret not in text


def test_a_recording_is_what_the_simulator_answers(hosts: dict[str, str]) -> None:
    printers("capture", hosts["xerox_jam"], "one.snmprec", env=QUICK)
    first = free_ports(1)
    fleet = make_fleet(FleetOptions(1, first, recordings=(Path("one.snmprec"),)))
    with answering(fleet, first):
        said = printers("capture", f"127.0.0.1:{first}", "two.snmprec", env=QUICK)
    assert said.exit_code == 0, said.output
    assert (
        read_for_the_simulator(Path("one.snmprec")).keys()
        == read_for_the_simulator(Path("two.snmprec")).keys()
    )


def test_a_file_that_is_there_is_replaced_only_when_asked(hosts: dict[str, str]) -> None:
    Path("there.snmprec").write_text("mine")
    said = call_printers("capture", hosts["xerox_jam"], "there.snmprec", env=QUICK)
    assert (said.returncode, "is there already" in said.stderr) == (2, True)
    assert Path("there.snmprec").read_text() == "mine"
    assert call_printers("capture", hosts["xerox_jam"], "there.snmprec", "--force", env=QUICK).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("127.0.0.1:9",), "did not answer"),
        (("10.0.0.999",), "neither an IP address nor a host name"),
        (("127.0.0.1:9", "--also", "enterprises"), "is not an object identifier"),
        (("127.0.0.1:9", "--profile", "secret"), "is not known"),
    ],
)
def test_what_cannot_be_recorded_is_one_sentence(arguments: tuple[str, ...], says: str) -> None:
    host, *options = arguments
    said = printers("capture", host, "new.snmprec", *options, env=QUICK)
    assert said.exit_code == 2
    assert says in said.output
    assert "Traceback" not in said.output
    assert not Path("new.snmprec").exists()
