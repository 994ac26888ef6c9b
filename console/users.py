"""`users`: who may sign in at the dashboard."""

from datetime import datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text
from sqlalchemy import Connection, select

from console.database import open_to_preview, open_to_read, open_to_write
from console.passwords import Password, ask_password
from console.role_option import role_option
from console.tables import word_table
from console.terminal import did_you_mean, foreign, make_console, plain, print_json
from core.contract.errors import EXIT_OK, UserError
from core.domain.links import account_link
from core.domain.mail_choices import ALWAYS, NEVER, SUMMARY_CHOICES
from core.domain.permissions import FIRST_ROLE, ROLES
from core.domain.units import ago, counted, remaining
from core.runtime.settings import load
from core.runtime.wall_clock import utc_now
from core.runtime.web_settings import AccountSettings, DashboardSettings
from core.storage.account_links import Invitation, Purpose, invite_somebody, open_links
from core.storage.audit import COMMAND_LINE
from core.storage.core_tables import USERS
from core.storage.database import reading, writing
from core.storage.second_factors import turn_off
from core.storage.stored_settings import load_now
from core.storage.user_rows import USER_COLUMNS, UserRow
from core.storage.users import (
    NewUser,
    add_user,
    edit_user,
    find_user,
    revoke_sessions,
    set_password,
)

_TITLES = ("name", "full name, mail", "role", "has", "last signed in")
_SHOWN = ("name", "full_name", "email", "role", "active", "receives_summary", "summary", "signed_in_at")

Name = Annotated[str, typer.Argument(metavar="NAME", help="What they sign in with.")]
FromStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from the first line of standard input.")
]


def add(  # noqa: PLR0913, PLR0917 (the columns of an account)
    name: Name,
    role: Annotated[str, role_option("What they may do; each includes those before it.")] = FIRST_ROLE,
    email: Annotated[str, typer.Option(help="Their mail address.")] = "",
    full_name: Annotated[str, typer.Option(help="As colleagues know them.")] = "",
    summary: Annotated[bool, typer.Option("--summary", help="They receive the daily issue summary.")] = False,
    password_stdin: FromStdin = False,
    no_password: Annotated[
        bool, typer.Option("--no-password", help="They sign in by single sign-on alone.")
    ] = False,
) -> int:
    """Make an account.

    The password is asked for; where nothing is typed, or nobody can be asked, one is made and printed once.

    Example: [bold]printers users add ada --role admin --full-name "Ada Okafor"[/bold]
    """
    with reading(open_to_preview()) as connection:
        if find_user(connection, name) is not None:  # before a password is asked for in vain
            raise UserError(f"there is a user {name.strip().lower()} already.")
    password = Password("", made=False) if no_password else ask_password(from_stdin=password_stdin)
    new = NewUser(
        name, ROLES[role], full_name, email, summary, password.text, must_change_password=password.made
    )
    with writing(open_to_write()) as connection:
        organization = load_now(connection, AccountSettings).organization
        add_user(connection, new, actor=COMMAND_LINE, now=utc_now(), organization=organization)
    console = make_console()
    console.print(f"Added [bold]{plain(name.strip().lower())}[/bold] as {role}.")
    _show_made(console, password)
    return EXIT_OK


def invite(
    name: Name,
    role: Annotated[str, role_option("What they may do; each includes those before it.")] = FIRST_ROLE,
    email: Annotated[str, typer.Option(help="The mail address that their account gets.")] = "",
) -> int:
    """Invite somebody: print a link by which they choose a password, and sign in.

    Standard output has the link alone. It works once, within 7 days; called again for the same name, the one
    before ends. Where an administrator invites on the page Users, it can go by mail.

    Example: [bold]printers users invite ada --role admin[/bold]
    """
    wanted = Invitation(ROLES[role], email, name)
    engine = open_to_write()
    with writing(engine) as connection:
        token = invite_somebody(connection, wanted, actor=COMMAND_LINE, now=utc_now())
    print(account_link(load(DashboardSettings).dashboard_url, token))
    whose = name.strip().lower()
    note = f"{whose} becomes {role} by this link, within 7 days and once; it is shown this once."
    make_console(stderr=True).print(plain(note), soft_wrap=True)
    return EXIT_OK


def list_(
    as_json: Annotated[bool, typer.Option("--json", help="The accounts as a list, for programs.")] = False,
) -> int:
    """Show who can sign in, and when they last did.

    Example: [bold]printers users list[/bold]
    """
    now = utc_now()
    with reading(open_to_read()) as connection:
        found = connection.execute(select(*USER_COLUMNS).order_by(USERS.c.name)).all()
        invited = [link for link in open_links(connection, now) if link.purpose is Purpose.INVITATION]
    users = [UserRow(*row) for row in found]
    if as_json:
        print_json([_for_programs(user) for user in users])
        return EXIT_OK
    console = make_console()
    if not users:
        console.print("Nobody can sign in yet: [bold]printers users invite NAME --role admin[/bold]")
    if users:
        console.print(word_table(console, _TITLES, [_row(user, now) for user in users]))
    for link in invited:
        left = remaining(link.expires_at, now)
        console.print(f"Invited: {plain(link.whose)} as {plain(link.role)}, expires in {left}")
    return EXIT_OK


def edit(  # noqa: PLR0913, PLR0917 (the columns of an account)
    name: Name,
    role: Annotated[str | None, role_option("What they may do.")] = None,
    email: Annotated[str | None, typer.Option(help="Their mail address.")] = None,
    full_name: Annotated[str | None, typer.Option(help="As colleagues know them.")] = None,
    summary: Annotated[
        bool | None, typer.Option("--summary/--no-summary", help="The daily issue summary.")
    ] = None,
    active: Annotated[
        bool | None, typer.Option("--active/--inactive", help="Whether they can sign in.")
    ] = None,
) -> int:
    """Change an account; what is not named stays as it is.

    Example: [bold]printers users edit maya --role manager --summary[/bold]
    """
    given = {
        "role": role,
        "email": email,
        "full_name": full_name,
        "summary": {True: ALWAYS, False: NEVER, None: None}[summary],
        "active": active,
    }
    values = {field: value for field, value in given.items() if value is not None}
    if not values:
        raise UserError("say what to change: --role, --email, --full-name, --summary, --active ...")
    with writing(open_to_read()) as connection:
        user = _the_one(connection, name)
        edit_user(connection, user, values, actor=COMMAND_LINE, now=utc_now())
    make_console().print(f"Changed [bold]{plain(user.name)}[/bold].")
    return EXIT_OK


def remove(
    names: Annotated[list[str], typer.Argument(metavar="NAME", help="Who shall not sign in any more.")],
) -> int:
    """Deactivate accounts and sign them out everywhere. What they have done stays under their names.

    [bold]printers users edit NAME --active[/bold] takes it back.

    Example: [bold]printers users remove tom[/bold]
    """
    with writing(open_to_read()) as connection:
        users = [_the_one(connection, name) for name in dict.fromkeys(names)]
        for user in users:
            edit_user(connection, user, {"active": False}, actor=COMMAND_LINE, now=utc_now())
    make_console().print(f"Deactivated {counted(len(users), 'account')} and signed them out.")
    return EXIT_OK


def password(name: Name, password_stdin: FromStdin = False) -> int:
    """Set somebody's password and sign them out everywhere.

    It is asked for; where nothing is typed, or nobody can be asked, one is made and printed once. They are
    asked for one of their own when they sign in.

    Example: [bold]printers users password maya[/bold]
    """
    engine = open_to_read()
    with reading(engine) as connection:
        user = _the_one(connection, name)
    given = ask_password(from_stdin=password_stdin)
    with writing(engine) as connection:
        settings = load_now(connection, AccountSettings)
        set_password(connection, user, given.text, settings, actor=COMMAND_LINE, now=utc_now())
    console = make_console()
    console.print(f"[bold]{plain(user.name)}[/bold] has a new password.")
    _show_made(console, given)
    return EXIT_OK


def reset_second_factor(name: Name) -> int:
    """Remove somebody's two-factor authentication and sign them out everywhere; their password stays.

    For who has lost both their authenticator app and their recovery codes. They can set up a new one on the
    page Your account.

    Example: [bold]printers users reset-second-factor maya[/bold]
    """
    now = utc_now()
    with writing(open_to_read()) as connection:
        user = _the_one(connection, name)
        if not user.second_factor:
            raise UserError(f"{user.name} has no two-factor authentication.")
        turn_off(connection, user, load_now(connection, AccountSettings), actor=COMMAND_LINE, now=now)
        revoke_sessions(connection, user.id, now=now)
    make_console().print(f"[bold]{plain(user.name)}[/bold] has no two-factor authentication any more.")
    return EXIT_OK


def _show_made(console: Console, given: Password) -> None:
    if given.made:
        console.print(
            f"Password [bold]{plain(given.text)}[/bold] is shown this once and expires in 7 days; "
            "sign-in asks for a new one."
        )


def _row(user: UserRow, now: datetime) -> list[Text]:
    summary = SUMMARY_CHOICES.get(user.summary, "").lower()
    marks = {
        f"daily summary: {summary}": bool(summary) and user.summary != NEVER,
        "two-factor authentication": user.second_factor,
    }
    seen = ago(user.signed_in_at, now, brief=True) if user.active else "deactivated"
    also = ", ".join(word for word, there in marks.items() if there)
    style = "" if user.active else "dim"
    who = foreign(user.full_name, style)
    if user.email:
        who.append("\n").append_text(foreign(user.email, "dim"))
    return [foreign(user.name, style), who, *(foreign(cell, style) for cell in (user.role, also, seen))]


def _the_one(connection: Connection, name: str) -> UserRow:
    user = find_user(connection, name)
    if user is not None:
        return user
    known = connection.execute(select(USERS.c.name)).scalars()
    hint = did_you_mean(name.lower(), known, "`printers users list` shows all.")
    raise UserError(f"there is no user `{name}`. {hint}")


def _for_programs(user: UserRow) -> dict[str, Any]:
    shown = {field: getattr(user, field) for field in _SHOWN}
    seen = shown["signed_in_at"]
    return {
        **shown,
        "second_factor": bool(user.second_factor),
        "signed_in_at": seen.isoformat() if seen else None,
    }
