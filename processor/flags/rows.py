"""The attention table: a row for each life of a flag, written only where something about it changed."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Final, TypedDict

from pydantic import TypeAdapter
from pydantic_core import to_json
from sqlalchemy import Connection, Update, bindparam, insert, update

from core.contract.messages import Evidence
from processor.batch.prepared import PreparedStatement
from processor.flags.episodes import FlagEpisode, FlagEpisodes
from processor.tables import ATTENTION


class _FlagRow(TypedDict):
    """A row of the table as statements take it, JSON as text."""

    printer_id: str
    code: str
    subject: str
    severity: str
    message: str
    parameters: str | None
    fixer: str
    since_at: datetime
    cleared_at: datetime | None
    outcome: str
    evidence: str


_EVIDENCE: Final = TypeAdapter(tuple[Evidence, ...])
_LOOK: Final = ("severity", "message", "parameters", "fixer", "evidence", "since_at", "cleared_at", "outcome")

# Built once: to build a statement costs more than SQLite needs to run it.
_INSERT: Final = PreparedStatement(lambda _dialect: insert(ATTENTION), [*_FlagRow.__annotations__])
_UPDATE: Final = PreparedStatement(
    lambda _dialect: (
        update(ATTENTION)
        .where(
            ATTENTION.c.printer_id == bindparam("of_printer"),
            ATTENTION.c.code == bindparam("of_code"),
            ATTENTION.c.subject == bindparam("of_subject"),
            ATTENTION.c.cleared_at.is_(None),
        )
        .values({name: bindparam(f"new_{name}", type_=ATTENTION.c[name].type) for name in _LOOK})
    ),
    ("of_printer", "of_code", "of_subject", *(f"new_{name}" for name in _LOOK)),
)


@cache
def _renaming(was: str, becomes: str) -> Update:
    return (
        update(ATTENTION)
        .where(
            ATTENTION.c.printer_id == bindparam("of_printer"),
            ATTENTION.c.code == bindparam("of_code"),
            ATTENTION.c.subject == bindparam(was),
            ATTENTION.c.cleared_at.is_(None),
        )
        .values(subject=bindparam(becomes))
    )


def write_flags(connection: Connection, printers: Iterable[tuple[str, FlagEpisodes]]) -> None:
    """Close what ended, show what changed, open what began; in this order, a flag has one open row."""
    printers = list(printers)
    ended: list[_FlagRow] = []
    updated: list[_FlagRow] = []
    begun: list[_FlagRow] = []
    for printer_id, episodes in printers:
        for episode in (*episodes.ended, *episodes.open.values()):
            if not episode.stored:
                row = _row(printer_id, episode)
                if not (episode.returned and _revived(connection, row)):
                    begun.append(row)
            elif episode.cleared_at and episode.stored_subject is None:
                ended.append(_row(printer_id, episode))
            elif episode.changed or episode.cleared_at:
                updated.append(_row(printer_id, episode))
    if ended:
        _update(connection, ended)
    _rename(connection, printers)
    if updated:
        _update(connection, updated)
    _INSERT.run(connection, begun)


def _row(printer_id: str, episode: FlagEpisode) -> _FlagRow:
    flag = episode.flag
    return {
        "printer_id": printer_id,
        "code": flag.code,
        "subject": flag.subject,
        "severity": flag.severity,
        "message": flag.message,
        "parameters": None if flag.parameters is None else to_json(flag.parameters).decode(),
        "fixer": flag.fixer,
        "since_at": flag.since_at,
        "cleared_at": episode.cleared_at,
        "outcome": episode.outcome,
        "evidence": _EVIDENCE.dump_json(flag.evidence).decode(),
    }


def _rename(connection: Connection, printers: Iterable[tuple[str, FlagEpisodes]]) -> None:
    """Give open rows their new subjects, by way of subjects that nobody has: two rows may change places."""
    moved = [
        {
            "of_printer": printer_id,
            "of_code": episode.flag.code,
            "old": episode.stored_subject,
            "between": f"~{episode.flag.subject}",
            "new": episode.flag.subject,
        }
        for printer_id, episodes in printers
        for episode in (*episodes.ended, *episodes.open.values())
        if episode.stored and episode.stored_subject not in (None, episode.flag.subject)
    ]
    if not moved:
        return
    for was, becomes in (("old", "between"), ("between", "new")):
        names = ("of_printer", "of_code", was, becomes)
        connection.execute(_renaming(was, becomes), [{name: row[name] for name in names} for row in moved])


def _update(connection: Connection, rows: Sequence[Mapping[str, object]]) -> None:
    _UPDATE.run(
        connection,
        [
            {
                "of_printer": row["printer_id"],
                "of_code": row["code"],
                "of_subject": row["subject"],
                **{f"new_{name}": row[name] for name in _LOOK},
            }
            for row in rows
        ],
    )


def _revived(connection: Connection, row: Mapping[str, object]) -> bool:
    """Continue the episode that was closed while the flag was hidden; False where there is none."""
    same = [ATTENTION.c[name] == row[name] for name in ("printer_id", "code", "subject", "since_at")]
    changes = {name: row[name] for name in _LOOK}
    return connection.execute(update(ATTENTION).where(*same).values(changes)).rowcount > 0
