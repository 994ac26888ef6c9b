"""Clean a list of printers: `clean_printer_csv.py IN.csv [OUT.csv]`, with the rules of `printers import`."""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from core.domain.inventory.csv_file import read_inventory, write_inventory  # noqa: E402 (the project's folder comes first)
from core.domain.inventory.import_plan import plan_import  # noqa: E402


def main() -> int:
    """Write what can be used; say what cannot, with its line and the reason. Needs no database."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", metavar="IN.csv", type=Path)
    parser.add_argument("target", metavar="OUT.csv", type=Path, nargs="?", help="default: standard output")
    given = parser.parse_args()
    try:
        found = read_inventory(given.source.read_bytes())
        plan = plan_import(found.rows, [])
        text = write_inventory(change.after for change in plan.added)
        if given.target is None:
            sys.stdout.buffer.write(text.encode())
        else:
            given.target.write_text(text, encoding="utf-8-sig", newline="")
    except OSError as error:
        sys.stderr.write(f"error: {error.filename}: {error.strerror}.\n")
        return 2
    for note in found.notes:
        sys.stderr.write(f"{note}\n")
    refused = sorted([*found.refused, *plan.refused], key=lambda row: row.line)
    for row in refused:
        sys.stderr.write(f"line {row.line} refused: {row.reason}\n")
    sys.stderr.write(f"{len(plan.added)} printers, {len(refused)} rows refused\n")
    return 0 if plan.added or not refused else 1


if __name__ == "__main__":
    sys.exit(main())
