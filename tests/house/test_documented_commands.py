"""Every command of every document works as it is written: it is run here, or by a test that is named here.

Commands of `printers` are run here unless a table says otherwise, those of a document one after the other in
one folder with a small fleet. A command of another program stands in a table: RUN_BY, with the test that runs
it, or NOT_RUN, with the reason.
"""

import json
import re
import shlex
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import Engine, text

from console.registry import COMMANDS, Entry, load
from core.runtime.settings import DatabaseSettings
from core.runtime.web_settings import AccountSettings
from core.storage.database import open_database, writing
from core.storage.second_factors import NewFactor, turn_on
from core.storage.users import find_user
from simulator.fleet_run import FleetOptions, make_fleet
from tests.console.cli import printers
from tests.console.simulated import answering, free_ports
from tests.console.small_fleet import fill
from tests.deploy.compose import compose
from tests.house.documents import NO_COMMANDS, commands_of, documents, named_commands_of, parts_of
from tests.paths import ROOT

BENCH: Final = "tests/scripts/test_bench.py"
BY_COMPOSE: Final = "tests/deploy/test_compose_running.py"
EXAMPLES: Final = "tests/contract/test_examples.py"
FORECAST: Final = "tests/processor/test_forecast_accuracy.py"
HISTORY: Final = "tests/console/test_history.py"
RUN: Final = "tests/house/test_run.py"
UNITS: Final = "tests/deploy/test_units.py"
UP: Final = "tests/console/test_up_runner.py"
RUN_BY: Final = {
    "python3 scripts/run.py demo": ("tests/console/test_demo.py::test_a_newcomer_sees_a_living_fleet"),
    "python3 scripts/run.py": f"{RUN}::test_a_warm_start_only_runs_the_program",
    "python3 scripts/run.py test...": f"{RUN}::test_tests_share_the_environment_without_reinstalling",
    "python3 scripts/run.py --help": f"{RUN}::test_a_warm_start_only_runs_the_program",
    "sudo python3 scripts/run.py check": f"{RUN}::test_a_warm_start_only_runs_the_program",
    ". .venv/bin/activate": f"{RUN}::test_an_activated_environment_has_the_programs",
    "python scripts/lock.py": "tests/house/test_locks.py::test_making_the_locks_again_changes_nothing",
    "python scripts/env_example.py": (
        "tests/core/test_settings_doc.py::test_the_file_in_the_project_is_the_generated_one"
    ),
    "python scripts/measure_ledger.py": (
        "tests/scripts/test_measure_ledger.py::test_nearly_all_replacements_are_found_and_hardly_any_is_false"
    ),
    "python scripts/bench.py": f"{BENCH}::test_it_measures_the_three_processes_on_simulated_printers",
    "python -m pytest...": f"{FORECAST}::test_it_is_nearer_to_the_truth_than_theil_and_sen",
    "python -m collector": f"{BY_COMPOSE}::test_the_services_work_with_the_variables_and_secrets_of_the_file",
    "python -m SERVICE": f"{BY_COMPOSE}::test_the_services_work_with_the_variables_and_secrets_of_the_file",
    "mypy --platform win32": "tests/house/test_static_checks.py::test_the_code_passes",
    "printers up": f"{UP}::test_everything_runs_and_ends_cleanly_with_the_pipe",
    "printers up --listen ADDRESS": f"{UP}::test_the_broker_listens_elsewhere_when_asked",
    "printers tokens revoke prometheus": (
        "tests/console/test_tokens.py::test_a_token_is_listed_revoked_and_made_again"
    ),
    "printers rotate-secret-key": (
        "tests/console/test_secret_key.py::test_a_key_that_was_made_here_gives_way_to_another"
    ),
    "printers status --watch": "tests/console/test_status.py::test_on_a_terminal_it_watches_until_ctrl_c",
    "printers simulate...": (
        "tests/console/test_simulator_command.py::test_recordings_are_served_as_they_are"
    ),
    "printers dismiss-service...": (
        "tests/console/test_dismiss.py::test_a_service_that_is_gone_is_dismissed_and_one_that_lives_is_not"
    ),
    "printers homeassistant remove": (
        "tests/console/test_homeassistant_command.py::test_our_devices_are_taken_back_and_no_others"
    ),
    "printers influx setup...": f"{HISTORY}::test_setup_says_what_it_has_done",
    "printers history copy...": f"{HISTORY}::test_history_is_copied_to_a_server_and_back",
    "printers migrate-database...": (
        "tests/console/test_migrate.py::test_everything_arrives_and_numbers_go_on"
    ),
    "mosquitto_sub...": f"{EXAMPLES}::test_the_shell_line_that_listens_is_a_real_one",
    "mosquitto_pub...": f"{EXAMPLES}::test_the_shell_line_that_asks_for_a_printer_is_a_real_one",
    "curl...": "tests/dashboard/test_api.py::test_the_shell_line_of_the_document_is_a_real_one",
    "victoria-metrics...": "tests/processor/test_influx.py::test_every_point_arrives_once",
    "docker compose exec...": "tests/console/test_backup.py::test_a_dump_as_documented_comes_back",
    "sudo install...": f"{UNITS}::test_the_guide_puts_everything_where_the_units_look",
    "sudo cp...": f"{UNITS}::test_the_guide_puts_everything_where_the_units_look",
    "sudo systemctl enable...": f"{UNITS}::test_the_guide_puts_everything_where_the_units_look",
    "sudo -u printers...": f"{UNITS}::test_the_guide_puts_everything_where_the_units_look",
    "sudo printers...": f"{UNITS}::test_the_wrapper_hands_on_every_argument",
}
"""The test that runs a command, at addresses and in folders of its own; `...` stands for whatever follows."""

AT_THE_READERS: Final = "It needs the repository's address, which only the reader knows."
NEEDS_DOCKER: Final = "It needs a Docker daemon; what the containers run is started by tests/deploy."
NEEDS_SYSTEMD: Final = "It speaks with the systemd that runs the machine."
NEEDS_WINDOWS: Final = "It needs Windows, on which nothing was run so far."
TAKES_AWAY: Final = "It takes a whole installation away from the machine."
NOT_RUN: Final = {
    "git...": AT_THE_READERS,
    "sudo git...": AT_THE_READERS,
    "sudo useradd...": "It makes a user of the machine.",
    "sudoedit...": "It opens an editor.",
    "systemctl...": NEEDS_SYSTEMD,
    "journalctl...": NEEDS_SYSTEMD,
    "py scripts\\run.py...": NEEDS_WINDOWS,
    ".venv\\Scripts\\...": NEEDS_WINDOWS,
    ".\\deploy\\windows\\...": NEEDS_WINDOWS,
    "Get-...": NEEDS_WINDOWS,
    "Stop-...": NEEDS_WINDOWS,
    "docker compose build": NEEDS_DOCKER,
    "docker compose up...": NEEDS_DOCKER,
    "docker compose --profile demo up...": NEEDS_DOCKER,
    "docker compose down...": NEEDS_DOCKER,
    "docker compose stop...": NEEDS_DOCKER,
    "mv deploy/secrets/...": NEEDS_DOCKER,
    "rm DIR/...": "Which files they are is for the reader to choose.",
    "sudo systemctl disable...": NEEDS_SYSTEMD,
    "sudo systemctl daemon-reload": NEEDS_SYSTEMD,
    "sudo rm...": TAKES_AWAY,
    "sudo userdel...": TAKES_AWAY,
    'echo "SECRET_KEY_PREVIOUS=...': NEEDS_DOCKER,
    "docker compose run...": NEEDS_DOCKER,
    "influx backup": "It is InfluxDB's own program, in the server's container.",
    "python manage.py...": "It is run in the other application.",
    "python scripts/lock.py --upgrade": "It changes the locks of this checkout.",
    "python scripts/bench_store.py...": "It takes minutes, on a machine that does nothing else.",
    "python scripts/bench_dashboard.py...": "It takes minutes, on a machine that does nothing else.",
}
"""Why no test runs a command."""

OURS: Final = re.compile(
    r"(?:sudo (?:-u \S+ )?)?"
    r"(?:(?:\S*[/\\])?printers|python3? scripts/run\.py|py scripts\\run\.py"
    r"|docker compose run .*? (?:tools|prepare)) (?!test\b)(.+)"
)
"""A command of `printers`, however it is started, with its arguments."""
MAY_FIND_SOMETHING: Final = {"check"}
"""Commands whose exit code is 1 where they find something."""
ON_ANOTHER_MACHINE: Final = {"printers import --all FILE.json"}
"""Commands for an empty database."""
SETTINGS: Final = {
    "SNMP_TIMEOUT": "0.5",
    "SNMP_RETRIES": "0",
    "SNMP_PROFILES": json.dumps(
        {name: {"version": "2c", "community": "public"} for name in ("secure", "new", "delicate")}
    ),
    "EMAIL_BACKEND": "file",
    "ISSUE_SUMMARY_RECIPIENT": "lead@example.org",
}
DUMP: Final = [
    {"model": "auth.user", "pk": 3, "fields": {"username": "grace", "is_staff": True}},
    {"model": "campus.printer", "pk": 1, "fields": {"name": "Library 1", "ip_address": "10.0.0.5"}},
]
"""What another application has."""

# The list of changes names commands of their time.
DOCUMENTS: Final = [path for path in documents() if path.name != "CHANGELOG.md"]


def means(key: str, command: str) -> bool:
    """Whether the key of a table is about a command."""
    return command.startswith(key.removesuffix("...")) if key.endswith("...") else command == key


def run_here_of(path: Path) -> list[str]:
    """The commands of a document that no table is about, each once."""
    return [
        command
        for command in dict.fromkeys(commands_of(path))
        if command.startswith("printers ") and not any(means(key, command) for key in (*RUN_BY, *NOT_RUN))
    ]


def here(words: str, port: int) -> list[str]:
    """The words of a command, with things of ours in the place of a document's addresses, files and names.

    Where its output goes to a file is left out.
    """
    network = ["127.0.0.1", "--port", str(port)]
    host = [f"127.0.0.1:{port}"]
    ours = {
        "192.0.2.0/24": network,
        "10.0.0.0/24": network,
        "NETWORK": network,
        "192.0.2.10": host,
        "10.0.0.5": host,
        "HOST": host,
        "10.0.1.7": ["127.0.0.2"],
        "/var/backups/printers-2026-01-31": ["printers-2026-01-31"],
        "/var/backups/printers/2026-01-31": ["printers-2026-01-31-whole"],
        "/var/backups/printers/moving": ["moving"],
        "/etc/printers/printers.env": ["printers.env"],
        "FILE": ["printers.env"],
        "FILE.json": ["fleet.json"],
        "FILE.snmprec": ["copier.snmprec"],
        "COMMAND": ["status"],
        "DIR": ["folder"],
        "NAME": ["ada"],
        "maya": ["ada"],
        "SITE": ["library"],
        "library-1": ["low"],
        "ADDRESS": ["127.0.0.2"],
    }
    return [word for each in shlex.split(words.partition(" > ")[0]) for word in ours.get(each, [each])]


def entry_of(words: list[str]) -> tuple[Entry, list[str]]:
    """The command that words name, and the words behind its name."""
    entries: tuple[Entry, ...] = COMMANDS
    found = None
    while entries and words:
        found = next((entry for entry in entries if entry.name == words[0]), None)
        assert found, f"there is no command `{words[0]}`"
        entries, words = found.commands, words[1:]
    assert found
    return found, words


@pytest.fixture(scope="module")
def printer() -> Iterator[int]:
    """The UDP port of 127.0.0.1 on which a recorded printer answers."""
    port = free_ports(1)
    recording = ROOT / "tests" / "recordings" / "ricoh_own_toner_table.snmprec"
    with answering(make_fleet(FleetOptions(1, port, recordings=(recording,))), port):
        yield port


@pytest.fixture
def fleet(tmp_path: Path) -> Engine:
    """The current folder: a small fleet whose services have ended, and the files that documents name."""
    engine = open_database(DatabaseSettings())
    fill(engine)
    with writing(engine) as connection:
        connection.execute(text("DELETE FROM services"))
    for name in ("printers.env", ".env"):
        (tmp_path / name).write_text("DATA_DIR=data\n", encoding="utf-8")
    (tmp_path / "dump.json").write_text(json.dumps(DUMP), encoding="utf-8")
    shutil.copy(ROOT / "data" / "printers.example.csv", tmp_path / "printers.csv")
    return engine


def give_a_second_factor(engine: Engine, name: str) -> None:
    with writing(engine) as connection:
        user = find_user(connection, name)
        assert user
        turn_on(connection, user, NewFactor("encrypted", 1), AccountSettings(), now=datetime.now(UTC))


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_is_run_or_marked_why_not(path: Path) -> None:
    for command in commands_of(path):
        found = [key for key in (*RUN_BY, *NOT_RUN) if means(key, command)]
        assert found or command.startswith("printers "), (
            f"nothing runs `{command}`: name the test that does in RUN_BY, or say in NOT_RUN why none does. "
            "Where it is no command, a setting is misspelled, or NO_COMMANDS should know the block."
        )
        assert len(found) < 2, f"`{command}` is meant by {found}"


def test_the_tables_are_about_what_there_is() -> None:
    commands = [command for path in DOCUMENTS for command in commands_of(path)]
    assert [key for key in (*RUN_BY, *NOT_RUN) if not any(means(key, each) for each in commands)] == []
    blocks = [part.text for path in DOCUMENTS for part in parts_of(path) if part.is_block]
    assert [start for start in NO_COMMANDS if not any(each.startswith(start) for each in blocks)] == []


@pytest.mark.parametrize("named", sorted(set(RUN_BY.values())))
def test_every_test_that_is_named_exists(named: str) -> None:
    file, _, function = named.partition("::")
    assert f"\ndef {function}(" in (ROOT / file).read_text(encoding="utf-8")


def test_every_reason_is_a_sentence() -> None:
    assert [each for each in NOT_RUN.values() if not re.fullmatch(r"[A-Z]\S* .+\.", each)] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_of_ours_takes_the_arguments_that_are_written(path: Path) -> None:
    for words in [match[1] for each in commands_of(path) if (match := OURS.fullmatch(each))]:
        arguments = here(words, port=161)
        del arguments[: 2 * (arguments[0] == "--env-file")]
        if arguments != ["--help"]:
            entry, rest = entry_of(arguments)
            load(entry).make_context(entry.name, rest)  # raises what the command cannot take
    for name in named_commands_of(path):
        _, rest = entry_of(name.split()[1:])
        assert rest == [], (
            f"`{name}` has arguments: it is to be run, so write what stands for them in capitals"
        )


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_script_has_the_options_that_are_written(path: Path) -> None:
    for _, script, *rest in [each.split() for each in commands_of(path) if "python scripts/" in each]:
        source = (ROOT / script).read_text(encoding="utf-8")
        assert [option for option in rest if option.startswith("--") and option not in source] == []


def test_every_container_that_is_written_is_one_of_the_compose_file() -> None:
    pattern = re.compile(r"docker compose (?:run|exec)(?: --rm| -T| --user \"[^\"]*\"| -v \S+)* (\S+)")
    commands = [command for path in DOCUMENTS for command in commands_of(path)]
    named = {match[1] for command in commands if (match := pattern.match(command))}
    assert named == {"tools", "prepare", "postgres"}
    assert named <= set(compose()["services"])


@pytest.mark.parametrize(
    "path", [each for each in DOCUMENTS if run_here_of(each)], ids=lambda path: path.name
)
def test_the_commands_of_a_document_work_one_after_the_other(path: Path, fleet: Engine, printer: int) -> None:
    for command in run_here_of(path):
        if command == "printers users reset-second-factor tom":
            give_a_second_factor(fleet, "tom")
        env = {**SETTINGS, **({"DATA_DIR": "another"} if command in ON_ANOTHER_MACHINE else {})}
        _, *arguments = here(command, printer)
        done = printers(*arguments, env=env)
        allowed = {0, 1} if arguments[0] in MAY_FIND_SOMETHING else {0}
        assert done.exit_code in allowed, f"`{command}` ends with {done.exit_code}: {done.output}"
