"""`settings`: what is set, from where, and what is changed while everything runs."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.text import Text
from sqlalchemy import Engine

from console.database import open_to_preview, open_to_write
from console.tables import word_table
from console.terminal import data_output, did_you_mean, foreign, make_console, plain, print_json
from core.contract.errors import EXIT_OK, SettingsError, UserError
from core.domain.logos import MOST_OCTETS, read_logo
from core.runtime.changeable_settings import changeable
from core.runtime.env_file import env_file
from core.runtime.shown_settings import ShownSetting, shown_blocks
from core.runtime.wall_clock import utc_now
from core.storage.audit import COMMAND_LINE
from core.storage.database import reading, writing
from core.storage.stored_settings import change_settings, stored_texts

_LOGO: Final = "ORGANIZATION_LOGO"
_TRY: Final = "try"
"""In the place of a name: no setting is called so."""


def settings(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Show this setting alone; try: see above.")
    ] = "",
    values: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="VALUE", help='Change it to this; "" for its default. Of ORGANIZATION_LOGO a file.'
        ),
    ] = None,
    reset: Annotated[str, typer.Option("--reset", metavar="NAME", help="Go back to its default.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="The settings as a list, for programs.")] = False,
) -> int:
    """Show the settings that can be changed while everything runs, or change one.

    Each with its value and where that comes from: the environment or the settings file, which win, the
    database, or its default. A change is in effect within seconds in every service; the page Settings does
    the same. Other settings are shown by NAME, secrets masked, and changed in the environment or the settings
    file.

    [bold]try NAME=VALUE ...[/bold] changes nothing, and shows what these thresholds would have flagged in the
    last 30 days beside what the present ones did.

    Example: [bold]printers settings try SUPPLY_LOW_PERCENT=20[/bold]
    """
    if reset and (name or values):
        raise UserError("--reset NAME stands alone.")
    if reset:
        return _change(reset.upper(), "")
    if name == _TRY:
        from console.trial import try_settings  # the time series takes a moment to import

        return try_settings(values or [], as_json=as_json)
    if values:
        if len(values) > 1:
            raise UserError(f"{name} takes one value: put it in quotation marks where it has blanks.")
        return _change(name.upper(), values[0])
    found = _shown(open_to_preview())
    if name:
        return _show_one(found, name.upper(), as_json=as_json)
    return _list([setting for setting in found.values() if setting.changeable], as_json=as_json)


def _shown(engine: Engine) -> Mapping[str, ShownSetting]:
    with reading(engine) as connection:
        blocks = shown_blocks(stored_texts(connection))
    for block in blocks:
        if block.refused:
            raise SettingsError(block.refused)
    return {setting.name: setting for block in blocks for setting in block.settings}


def _list(found: Sequence[ShownSetting], *, as_json: bool) -> int:
    if as_json:
        print_json([asdict(setting) for setting in found])
        return EXIT_OK
    console = make_console()
    rows = [
        [
            Text(setting.name),
            foreign(setting.value, "" if setting.source == "default" else "bold"),
            Text(setting.source),
        ]
        for setting in found
    ]
    console.print(word_table(console, ("setting", "value", "from"), rows))
    if any(setting.source == "settings file" for setting in found):
        console.print(plain(f"The settings file is {env_file().absolute()}."), style="dim", soft_wrap=True)
    return EXIT_OK


def _show_one(found: Mapping[str, ShownSetting], name: str, *, as_json: bool) -> int:
    setting = found.get(name)
    if setting is None:
        hint = did_you_mean(name, found, "`printers settings` lists those that can be changed.")
        raise UserError(f"there is no setting {name}. {hint}")
    if as_json:
        print_json(asdict(setting))
        return EXIT_OK
    data_output().write(f"{setting.value}\n")
    notes = [f"From the {setting.source}" if setting.source != "default" else "Its default"]
    if setting.changed and setting.default:
        notes.append(f"default: {setting.default}")
    if setting.locked:
        notes.append(setting.locked.rstrip("."))
    elif not setting.changeable:
        notes.append(f"changed in the environment of the services or in {env_file().absolute()} alone")
    console = make_console(stderr=True)
    console.print(plain(setting.about), soft_wrap=True)
    console.print(plain("; ".join(notes)), soft_wrap=True)
    return EXIT_OK


def _change(name: str, value: str) -> int:
    changeable(name)  # before a database is created in vain
    if name == _LOGO and value and not value.startswith("data:"):
        value = _picture(Path(value))
    engine = open_to_write()
    with writing(engine) as connection:
        changed = change_settings(connection, {name: value}, actor=COMMAND_LINE, now=utc_now())
    setting = _shown(engine)[name]
    shown = plain(setting.value) or "unset"
    what = "is now" if changed else "was already"
    default = " (its default)" if setting.source == "default" else ""
    make_console().print(f"[bold]{name}[/bold] {what} {shown}{default}.", soft_wrap=True)
    return EXIT_OK


def _picture(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            return read_logo(opened.read(MOST_OCTETS + 1)).as_text()
    except OSError as error:
        raise UserError(f"{file} cannot be read ({error.strerror}).") from error
    except ValueError as refused:
        raise UserError(f"{file}: {refused}.") from None
