"""`tokens`: which programs may ask the dashboard, and with the rights of which role."""

from datetime import datetime
from typing import Annotated, Any, Final

import typer
from rich.text import Text

from console.database import open_to_read
from console.role_option import role_option
from console.tables import word_table
from console.terminal import did_you_mean, foreign, make_console, plain, print_json
from core.contract.errors import EXIT_OK, UserError
from core.domain.permissions import ROLES, role_of
from core.domain.units import ago
from core.runtime.wall_clock import utc_now
from core.storage.api_tokens import (
    LONGEST_DAYS,
    NewToken,
    Token,
    add_token,
    read_tokens,
    revoke_token,
)
from core.storage.audit import COMMAND_LINE
from core.storage.database import reading, writing

_TITLES: Final = ("name", "role", "made by", "made", "last used", "expires")

Name = Annotated[str, typer.Argument(metavar="NAME", help="The program that uses it.")]


def list_(
    as_json: Annotated[bool, typer.Option("--json", help="The tokens as a list, for programs.")] = False,
) -> int:
    """Show which programs have a token, and when each was last used.

    Example: [bold]printers tokens list[/bold]
    """
    now = utc_now()
    with reading(open_to_read()) as connection:
        tokens = read_tokens(connection, now)
    if as_json:
        print_json([_for_programs(token, now) for token in tokens])
        return EXIT_OK
    console = make_console()
    if not tokens:
        console.print("No program has a token yet: [bold]printers tokens add NAME --role manager[/bold]")
        return EXIT_OK
    console.print(word_table(console, _TITLES, [_row(token, now) for token in tokens]))
    return EXIT_OK


def add(
    name: Name,
    role: Annotated[str, role_option("What it may do; each includes those before it.")],
    expires: Annotated[
        int | None,
        typer.Option(
            metavar="DAYS", min=1, max=LONGEST_DAYS, help="How long it lasts; without it until revoked."
        ),
    ] = None,
) -> int:
    """Make a token for a program, and print it this once.

    Standard output has the token alone, so that it can go straight into a file. The program sends it as
    Authorization: Bearer TOKEN.

    Example: [bold]printers tokens add prometheus --role technician > prometheus.token[/bold]
    """
    now = utc_now()
    with writing(open_to_read()) as connection:
        secret = add_token(connection, NewToken(name, ROLES[role], expires), actor=COMMAND_LINE, now=now)
    print(secret)
    lasts = f"for {expires} days" if expires else "until it is revoked"
    whose = " ".join(name.split())
    note = f"{whose} has a token with the rights of {role}, {lasts}; it is shown this once."
    make_console(stderr=True).print(plain(note), soft_wrap=True)
    return EXIT_OK


def revoke(name: Name) -> int:
    """Revoke the token of a program, which is refused from now on.

    Example: [bold]printers tokens revoke prometheus[/bold]
    """
    now = utc_now()
    with writing(open_to_read()) as connection:
        tokens = read_tokens(connection, now)
        found = [token for token in tokens if token.name == " ".join(name.split()) and token.is_valid(now)]
        if not found:
            valid = (token.name for token in tokens if token.is_valid(now))
            hint = did_you_mean(name, valid, "`printers tokens list` shows all.")
            raise UserError(f"`{name}` has no token that is still accepted. {hint}")
        for token in found:
            revoke_token(connection, token.token_id, actor=COMMAND_LINE, now=now)
    make_console().print(f"The token of [bold]{plain(found[0].name)}[/bold] is revoked.")
    return EXIT_OK


def _row(token: Token, now: datetime) -> list[Text]:
    made, used = ago(token.created_at, now, brief=True), ago(token.used_at, now, brief=True)
    role, rights = token.role, token.rights
    if rights is not None and rights != role_of(role):
        role = f"{role}, now {rights.name}"
    cells = (token.name, role, token.created_by, made, used, _expires(token, now))
    accepted = token.is_valid(now) and token.rights is not None
    return [foreign(cell, "" if accepted else "dim") for cell in cells]


def _expires(token: Token, now: datetime) -> str:
    if token.revoked_at is not None:
        return f"revoked {ago(token.revoked_at, now, brief=True)}"
    if token.is_valid(now) and token.rights is None:
        return f"refused: {token.created_by} is deactivated"
    if token.expires_at is None:
        return "never"
    return (
        f"{token.expires_at:%Y-%m-%d}"
        if token.is_valid(now)
        else f"expired {ago(token.expires_at, now, brief=True)}"
    )


def _for_programs(token: Token, now: datetime) -> dict[str, Any]:
    times = ("created_at", "used_at", "expires_at", "revoked_at")
    told = {name: at.isoformat() if (at := getattr(token, name)) else None for name in times}
    return {
        "name": token.name,
        "role": token.role,
        "rights": token.rights.name if token.rights else None,
        "created_by": token.created_by,
        **told,
        "valid": token.is_valid(now) and token.rights is not None,
    }
