"""The commands of `printers` as data, and the group that imports a command's module only to run it."""

import functools
import importlib
import inspect
import logging
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import typer
from typer.core import TyperCommand, TyperGroup

from console.called import as_called
from core.contract.errors import EXIT_OK, DatabaseError, SettingsError, run_command
from core.runtime.importing import importing


@dataclass(frozen=True)
class Entry:
    """A command: where its function is, and its line in `printers --help`."""

    name: str
    where: str
    line: str
    panel: str
    commands: "tuple[Entry, ...]" = ()
    """Those of a group, whose `where` is the text of its help."""


_SERVICES: Final = ("collector", "processor", "notifier")
RUN: Final = "Run"
LOOK: Final = "Look"
FLEET: Final = "Printers"
PEOPLE: Final = "People"
KEEP: Final = "Keep"

_USERS: Final = (
    Entry("add", "console.users:add", "Make an account.", PEOPLE),
    Entry("invite", "console.users:invite", "Print a link by which somebody makes an account.", PEOPLE),
    Entry("list", "console.users:list_", "Show who can sign in, and when they last did.", PEOPLE),
    Entry("edit", "console.users:edit", "Change role, mail address, name or the daily summary.", PEOPLE),
    Entry("remove", "console.users:remove", "Deactivate accounts and sign them out.", PEOPLE),
    Entry("password", "console.users:password", "Set somebody's password.", PEOPLE),
    Entry(
        "reset-second-factor",
        "console.users:reset_second_factor",
        "Remove the two-factor authentication of somebody.",
        PEOPLE,
    ),
)
_USERS_HELP: Final = """Who may sign in at the dashboard: technicians, managers and admins.

Example: [bold]printers users invite ada --role admin[/bold]"""
_TOKENS: Final = (
    Entry("list", "console.tokens:list_", "Show which programs have a token.", PEOPLE),
    Entry("add", "console.tokens:add", "Make a token for a program, shown this once.", PEOPLE),
    Entry("revoke", "console.tokens:revoke", "Revoke the token of a program.", PEOPLE),
)
_TOKENS_HELP: Final = """API tokens: what programs use in place of a person's password.

Example: [bold]printers tokens add prometheus --role technician[/bold]"""
_HISTORY: Final = (
    Entry("copy", "console.history:copy", "Copy it from DATA_DIR to InfluxDB, or back.", KEEP),
    Entry(
        "resend-refused",
        "console.history:resend_refused",
        "Send what the time series has refused once more.",
        KEEP,
    ),
)
_HISTORY_HELP: Final = """The history of levels and counters.

Example: [bold]printers history copy --to influx[/bold]"""
_INFLUX: Final = (
    Entry("setup", "console.history:setup", "Make the buckets and the task that are missing.", KEEP),
)
_INFLUX_HELP: Final = """InfluxDB as the time series.

Example: [bold]printers influx setup[/bold]"""

_HOMEASSISTANT: Final = (
    Entry("remove", "console.homeassistant:remove", "Take back what was announced to it.", KEEP),
)
_HOMEASSISTANT_HELP: Final = """Devices announced to Home Assistant.

Example: [bold]printers homeassistant remove[/bold]"""

COMMANDS: Final = (
    Entry("up", "console.up.command:up", "Run everything here, from the broker to the dashboard.", RUN),
    Entry("demo", "console.demo.command:demo", "Watch a simulated fleet live; nothing is needed.", RUN),
    Entry("simulate", "console.simulate:simulate", "Run simulated printers alone.", RUN),
    Entry("status", "console.status:status", "Show the fleet as stored, worst first.", LOOK),
    Entry("poll", "console.poll:poll", "Ask one printer now and judge its answer.", LOOK),
    Entry("check", "console.check.command:check", "Say what is wrong or unsafe, and how to mend it.", LOOK),
    Entry(
        "contract", "console.contract.command:contract", "Write the MQTT contract for other systems.", LOOK
    ),
    Entry("import", "console.inventory:import_", "Take printers over from a spreadsheet (CSV).", FLEET),
    Entry(
        "import-django",
        "console.django.command:import_django",
        "Take printers and issues over from a Django application.",
        FLEET,
    ),
    Entry("export", "console.inventory:export", "Write the printers as CSV, or everything as JSON.", FLEET),
    Entry("add", "console.inventory:add", "Add one printer.", FLEET),
    Entry("edit", "console.inventory:edit", "Change a printer: name, address, place ...", FLEET),
    Entry("remove", "console.inventory:remove", "Remove printers.", FLEET),
    Entry(
        "confirm-device",
        "console.inventory:confirm_device",
        "Confirm that another device answers for a printer.",
        FLEET,
    ),
    Entry("discover", "console.discover.command:discover", "Look for printers in networks.", FLEET),
    Entry("capture", "console.capture:capture", "Record a printer, anonymized.", FLEET),
    Entry("users", _USERS_HELP, "Who may sign in at the dashboard.", PEOPLE, _USERS),
    Entry("tokens", _TOKENS_HELP, "API tokens: which programs may ask the dashboard.", PEOPLE, _TOKENS),
    Entry("settings", "console.settings:settings", "Show settings, or change one while all runs.", KEEP),
    Entry(
        "send-issue-summary",
        "console.summary:send_issue_summary",
        "Send the daily issue summary now, or show it.",
        KEEP,
    ),
    Entry("history", _HISTORY_HELP, "The history of levels and counters.", KEEP, _HISTORY),
    Entry("influx", _INFLUX_HELP, "InfluxDB as the time series.", KEEP, _INFLUX),
    Entry("homeassistant", _HOMEASSISTANT_HELP, "Devices announced to Home Assistant.", KEEP, _HOMEASSISTANT),
    Entry("backup", "console.backup.command:backup", "Save the data while everything runs.", KEEP),
    Entry(
        "dismiss-service",
        "console.dismiss:dismiss_service",
        "Dismiss a service that is gone for good.",
        KEEP,
    ),
    Entry("secrets", "console.deployment:make_secrets", "Make the passwords of a deployment.", KEEP),
    Entry(
        "rotate-secret-key",
        "console.secret_key:rotate_secret_key",
        "Change over to another SECRET_KEY.",
        KEEP,
    ),
    Entry(
        "migrate-database",
        "console.migrate:migrate_database",
        "Copy everything to another SQL database.",
        KEEP,
    ),
    Entry("restore", "console.backup.command:restore", "Put a backup back into an idle DATA_DIR.", KEEP),
)


_BOLD: Final = re.compile(r"\[bold\](.*?)\[/bold\]", re.DOTALL)


class _Quiet:
    """Help as people know it: flags without a type, required arguments without braces."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        pieces: list[str] = super().collect_usage_pieces(ctx)  # type: ignore[misc] # as below
        return [re.sub(r"^\{(.*)\}", r"\1", piece) for piece in pieces]

    def get_params(self, ctx: Any) -> list[Any]:
        params: list[Any] = super().get_params(ctx)  # type: ignore[misc] # of the class it is mixed into
        for param in params:
            if getattr(param, "is_flag", False) and param.metavar is None:
                param.metavar = ""
        return params


class _Command(_Quiet, TyperCommand):
    """A command of ours."""


class LazyGroup(_Quiet, TyperGroup):
    """Shows every command by its line alone, and imports the one that is called."""

    entries: tuple[Entry, ...] = COMMANDS

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the commands by what they are for; without Rich, whose import would take most of the time."""
        self.format_usage(ctx, formatter)
        for paragraph in (self.help or "").split("\n\n"):
            formatter.write_paragraph()
            if paragraph.startswith("Example:"):  # to be copied: in one line
                formatter.write(f"  {_styled(paragraph)}\n")
                continue
            with formatter.indentation():
                formatter.write_text(_styled(paragraph))
        records = (param.get_help_record(ctx) for param in self.get_params(ctx))
        with formatter.section(_heading("Options")):
            formatter.write_dl([record for record in records if record])
        for panel in dict.fromkeys(entry.panel for entry in self.entries):
            with formatter.section(_heading(panel)):
                formatter.write_dl([(each.name, each.line) for each in self.entries if each.panel == panel])

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, stub, rest = super().resolve_command(ctx, args)
        entry = next((entry for entry in self.entries if entry.name == name), None)
        return name, stub if entry is None else load(entry), rest


def _styled(text: str) -> str:
    return _BOLD.sub(lambda found: typer.style(found[1], bold=True), text)


def _heading(text: str) -> str:
    return typer.style(text, bold=True)


def load(entry: Entry) -> Any:
    """Return the real command behind an entry."""
    if entry.commands:
        return _load_group(entry)
    module, _, name = entry.where.partition(":")
    with importing():
        function = getattr(importlib.import_module(module), name)
    app = typer.Typer(add_completion=False, rich_markup_mode="rich", pretty_exceptions_enable=False)
    options = {"help_option_names": ["-h", "--help"]}
    app.command(entry.name, cls=_Command, help=_reflowed(function), context_settings=options)(
        _ending(function)
    )
    command = typer.main.get_command(app)
    command.name = entry.name
    return command


def _load_group(entry: Entry) -> Any:
    group = type("Group", (LazyGroup,), {"entries": entry.commands})
    app = typer.Typer(
        name=entry.name,
        cls=group,
        help=as_called(entry.where),
        rich_markup_mode="rich",
        pretty_exceptions_enable=False,
        add_completion=False,
        no_args_is_help=True,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    add_placeholders(app, entry.commands)
    return typer.main.get_group(app)  # get_command makes a single command of a group of one


def add_placeholders(app: typer.Typer, entries: Sequence[Entry]) -> None:
    """Add a line of help for each command, until it is called."""
    for entry in entries:
        app.command(entry.name, help=entry.line, rich_help_panel=entry.panel)(_placeholder)


def _placeholder() -> None:
    """Stand for a command that has not been imported."""


def _reflowed(function: Callable[..., object]) -> str:
    """Return the docstring with one line per paragraph, which the terminal's width breaks anew."""
    paragraphs = (inspect.getdoc(function) or "").split("\n\n")
    return as_called("\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs))


def _ending(function: Callable[..., int | None]) -> Callable[..., None]:
    """Run the command; return its exit code. A UserError becomes one sentence and exit code 2."""

    @functools.wraps(function)
    def run(*arguments: Any, **options: Any) -> None:
        def command() -> int:
            _configure_logs()
            try:
                return function(*arguments, **options) or EXIT_OK
            except Exception as error:
                told = _told(error)
                if told is error:
                    raise
                raise told from error

        raise typer.Exit(run_command(command, as_called))

    return run


def _told(error: Exception) -> Exception:
    """Raise a database that leaves in the middle of a command as a sentence, too; anything else as it was."""
    if "sqlalchemy" not in sys.modules:  # then it is not the database's, and stays unimported
        return error
    from sqlalchemy.exc import DBAPIError

    from core.storage.database import database_said

    if not isinstance(error, DBAPIError):
        return error
    return DatabaseError(f"the database refuses: {database_said(error)}. `printers check` says more.")


def _configure_logs() -> None:
    """Show with DEBUG alone what services log while they work for a command: it says itself what matters."""
    for service in _SERVICES:
        logger = logging.getLogger(service)
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())  # else Python shows warnings that nobody handles
    from core.runtime.logs import configure_logs
    from core.runtime.settings import CommonSettings, load

    try:
        debug = load(CommonSettings).debug
    except SettingsError:
        return  # the command itself says it, or, as `check`, reports it among other findings
    if debug:
        configure_logs("printers", debug=True)
