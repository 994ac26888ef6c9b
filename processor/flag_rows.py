"""The attention table: a row for each life of a flag, written only where something about it changed."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import Connection, bindparam, insert, update

from fleet.messages import Evidence
from processor.flags import Life, Lives
from processor.sql import ATTENTION

_EVIDENCE: Final = TypeAdapter(tuple[Evidence, ...])
_LOOK: Final = ("severity", "message", "fixer", "evidence", "cleared_at")


def write_flags(connection: Connection, printers: Iterable[tuple[str, Lives]]) -> None:
    """Close what ended, show what changed, open what began; in this order, a flag has one open row."""
    updated: list[dict[str, Any]] = []
    begun: list[dict[str, Any]] = []
    for printer_id, lives in printers:
        for life in (*lives.ended, *lives.open.values()):
            if not life.stored:
                row = _row(printer_id, life)
                if not (life.returned and _revived(connection, row)):
                    begun.append(row)
            elif life.changed or life.cleared_at:
                updated.append(_row(printer_id, life))
    if updated:
        _update(connection, updated)
    if begun:
        connection.execute(insert(ATTENTION), begun)


def _row(printer_id: str, life: Life) -> dict[str, Any]:
    flag = life.flag
    return {
        "printer_id": printer_id,
        "code": flag.code,
        "subject": flag.subject,
        "severity": flag.severity,
        "message": flag.message,
        "fixer": flag.fixer,
        "since_at": flag.since_at,
        "cleared_at": life.cleared_at,
        "evidence": _EVIDENCE.dump_json(flag.evidence).decode(),
    }


def _update(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    statement = (
        update(ATTENTION)
        .where(
            ATTENTION.c.printer_id == bindparam("of_printer"),
            ATTENTION.c.code == bindparam("of_code"),
            ATTENTION.c.subject == bindparam("of_subject"),
            ATTENTION.c.cleared_at.is_(None),
        )
        .values({name: bindparam(f"new_{name}") for name in _LOOK})
    )
    connection.execute(
        statement,
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


def _revived(connection: Connection, row: dict[str, Any]) -> bool:
    """Continue the life that was closed while the flag was hidden; False where there is none."""
    same = [ATTENTION.c[name] == row[name] for name in ("printer_id", "code", "subject", "since_at")]
    changes = {name: row[name] for name in _LOOK}
    return connection.execute(update(ATTENTION).where(*same).values(changes)).rowcount > 0
