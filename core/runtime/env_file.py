"""The settings file: `.env` in the working directory, or the one that PRINTERS_ENV_FILE names.

One NAME=value a line. A value is what is written: nothing is expanded, and no escape is replaced. Shells,
systemd and Compose disagree on what some notations mean; those are refused with a sentence, so that no
password differs from what its owner sees in the file.
"""

import os
import re
from pathlib import Path
from typing import Final

from core.contract.errors import SettingsError

ENV_FILE_VARIABLE: Final = "PRINTERS_ENV_FILE"
"""The variable that names the file; `printers --env-file FILE` sets it for itself and what it starts."""
_DEFAULT: Final = ".env"
_ASSIGNMENT: Final = re.compile(r"[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.-]*)[ \t]*=", re.ASCII)
_BEHIND_A_QUOTE: Final = re.compile(r"(?:[ \t]*|[ \t]+#[^\n]*)(?:\n|\Z)")
_COMMENT: Final = re.compile(r"[ \t]#")


def env_file() -> Path:
    """Return the settings file of this process, whether it exists or not."""
    return Path(os.environ.get(ENV_FILE_VARIABLE) or _DEFAULT)


def settings_sources() -> str:
    """Return where the settings of this process come from, for a sentence."""
    file = env_file()
    if os.path.isfile(file):  # noqa: PTH113 (Path.is_file raises where a folder may not be entered)
        return f"the environment and {file.absolute()}"
    return f"the environment alone (there is no {file.name} in {file.absolute().parent})"


def read_env_file() -> dict[str, str]:
    """Return the variables of the settings file, names in capitals; none where there is no `.env`.

    Raise SettingsError for a file that was named and is not there, that cannot be read, or a line that cannot
    be used. The sentence never holds a value.
    """
    file = env_file()
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        if os.environ.get(ENV_FILE_VARIABLE):
            raise SettingsError(f"{ENV_FILE_VARIABLE}: there is no file {file}.") from None
        return {}
    except OSError as error:
        raise SettingsError(f"{file} cannot be read ({error.strerror}): may you read it?") from error
    except UnicodeDecodeError:
        raise SettingsError(f"{file} is not UTF-8: save it in that encoding.") from None
    found = parse_env_file(text, str(file))
    return {name.upper(): value for name, value in found.items()}


def parse_env_file(text: str, where: str) -> dict[str, str]:
    """Return the variables of a settings file's text; raise SettingsError for a line that cannot be used."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    found: dict[str, str] = {}
    at = 0
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        line = text[at:end].strip()
        if not line or line.startswith("#"):
            at = end + 1
            continue
        place = f"{where}, line {text.count(chr(10), 0, at) + 1}"
        name = _ASSIGNMENT.match(text, at, end)
        if name is None:
            raise SettingsError(f"{place}: NAME=value is expected.")
        found[name[1]], at = _value(text, name.end(), end, f"{place}: {name[1]}")
    return found


def _value(text: str, start: int, end: int, subject: str) -> tuple[str, int]:
    """Return the value that begins at `start`, and where the next line begins."""
    written = text[start:end]
    value = written.strip()
    if value[:1] in {"'", '"'}:
        return _quoted(text, text.index(value[0], start), subject)
    if _COMMENT.search(written):
        raise SettingsError(
            f"{subject} has a # after a blank. A comment belongs on a line of its own; if it is part of the "
            "value, put the value into single quotes."
        )
    _refuse_expansion(value, subject)
    return value, end + 1


def _quoted(text: str, opening: int, subject: str) -> tuple[str, int]:
    """Return a value between quotation marks, which may go over several lines (JSON)."""
    quote = text[opening]
    closing = text.find(quote, opening + 1)
    if closing < 0:
        raise SettingsError(f"{subject} begins with a quotation mark that is never closed.")
    rest = _BEHIND_A_QUOTE.match(text, closing + 1)
    if rest is None:
        other = "double" if quote == "'" else "single"
        raise SettingsError(
            f"{subject} goes on behind its closing quotation mark. A value that holds such a mark goes into "
            f"{other} quotes; one that holds both is given in a file of its own (NAME_FILE)."
        )
    value = text[opening + 1 : closing]
    if quote == '"':
        if "\\" in value:
            raise SettingsError(
                f"{subject} has a backslash in double quotes, which not every program reads alike: put the "
                "value into single quotes, where it stands for itself."
            )
        _refuse_expansion(value, subject)
    return value, rest.end()


def _refuse_expansion(value: str, subject: str) -> None:
    if "${" in value:
        raise SettingsError(
            f"{subject} holds ${{...}}, which is not expanded here: write out what is meant, or put the "
            "value into single quotes if it is meant as it is written."
        )
