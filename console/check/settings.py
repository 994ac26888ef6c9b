"""Are the settings usable, and does .env set what exists?"""

from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path

from console.check.findings import Finding, error, ok, warning
from fleet.errors import SettingsError
from fleet.settings import load
from fleet.settings_doc import BLOCKS

_SUBJECT = "settings"


def check_settings() -> Iterator[Finding]:
    """Every block by itself, so that one mistake does not hide another."""
    wrong = False
    for block in BLOCKS:
        try:
            load(block)
        except SettingsError as refused:
            wrong = True
            text, _, mend = str(refused).partition(" Correct it")
            yield error(_SUBJECT, text, f"Correct it{mend}" if mend else "Correct or remove the variable.")
    if not wrong:
        where = "environment and .env" if Path(".env").is_file() else "environment (there is no .env here)"
        yield ok(_SUBJECT, f"{where} can be used")
    yield from _unknown_variables()


def _unknown_variables() -> Iterator[Finding]:
    """Names in .env that nothing reads but that look like ours: a typing mistake would pass unseen."""
    known = [name.upper() for block in BLOCKS for name in block.model_fields]
    known += [f"{name}_FILE" for name in known]
    for name in _names_in_env_file():
        near = [] if name.upper() in known else get_close_matches(name.upper(), known, n=1, cutoff=0.8)
        if near:
            yield warning(_SUBJECT, f".env sets {name}, which nothing reads", f"Did you mean {near[0]}?")


def _names_in_env_file() -> list[str]:
    from dotenv import dotenv_values

    try:
        return list(dotenv_values(".env")) if Path(".env").is_file() else []
    except (OSError, UnicodeDecodeError):
        return []
