"""The option `--role` of commands that make accounts and tokens."""

from typing import Any

import typer

from core.domain.permissions import ROLES


def role_option(help_text: str) -> Any:
    """Return the option: the name of one of ROLES."""
    return typer.Option(help=help_text, metavar=f"[{'|'.join(ROLES)}]", parser=_known)


def _known(name: str) -> str:
    if name not in ROLES:
        raise typer.BadParameter(f"{name!r} is not one of {', '.join(map(repr, ROLES))}.")
    return name
