"""Are the settings usable, and does the settings file set what exists?"""

import os
from collections.abc import Iterator
from difflib import get_close_matches

from core.contract.errors import SettingsError
from core.runtime.check_results import CheckResult, error, ok, warning
from core.runtime.env_file import env_file, read_env_file, settings_sources
from core.runtime.retired_settings import RETIRED, retired
from core.runtime.settings import load
from core.runtime.settings_doc import BLOCKS


def check_settings() -> Iterator[CheckResult]:
    """Check every block by itself, so that one mistake does not hide another."""
    try:
        read_env_file()
    except SettingsError as refused:
        yield error(str(refused).rstrip("."), "Correct it there; .env.example shows the form.")
        return
    wrong: list[str] = []
    for block in BLOCKS:
        try:
            load(block)
        except SettingsError as refused:
            if str(refused) in wrong:  # a setting of several blocks
                continue
            wrong.append(str(refused))
            text, _, mend = str(refused).partition(" Correct it")
            yield error(text, f"Correct it{mend}" if mend else "Correct or remove the variable.")
    if not wrong:
        yield ok(f"{settings_sources()} can be used")
    yield from _retired_variables()
    yield from _unknown_variables()


def _retired_variables() -> Iterator[CheckResult]:
    """Yield names that were settings once, in the environment or the settings file."""
    for place, names in (("the environment", os.environ), (str(env_file()), read_env_file())):
        for name in names:
            if text := retired(name.upper()):
                yield warning(text, f"It is set in {place}.")


def _unknown_variables() -> Iterator[CheckResult]:
    """Yield names in the settings file that nothing reads but that look like ours: a typing mistake."""
    known = [name.upper() for block in BLOCKS for name in block.model_fields]
    known += [f"{name}_FILE" for name in known]
    for name in read_env_file():
        near = [] if name in known or name in RETIRED else get_close_matches(name, known, n=1, cutoff=0.8)
        if near:
            text = f"{env_file()} sets {name}, which nothing reads"
            yield warning(text, f"Did you mean {near[0]}?")
