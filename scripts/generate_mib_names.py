"""Generate core/contract/mib_names.py from the MIB modules, so that no OID or code is typed by hand.

    python scripts/generate_mib_names.py MIB_FOLDER > core/contract/mib_names.py

MIB_FOLDER holds HOST-RESOURCES-MIB.txt (RFC 2790), Printer-MIB.txt (RFC 3805) and
IANA-PRINTER-MIB.txt as published.
"""

import re
import sys
from pathlib import Path

ROOTS = {
    "mib-2": "1.3.6.1.2.1",
    "host": "1.3.6.1.2.1.25",
    "printmib": "1.3.6.1.2.1.43",
    "system": "1.3.6.1.2.1.1",
}
SYSTEM = {"sysDescr": 1, "sysObjectID": 2, "sysUpTime": 3, "sysName": 5, "sysLocation": 6}
ENUMERATIONS = {
    "DEVICE_STATUS": "hrDeviceStatus",
    "PRINTER_STATUS": "hrPrinterStatus",
    "ALERT_SEVERITY": "PrtAlertSeverityLevelTC",
    "ALERT_TRAINING_LEVEL": "PrtAlertTrainingLevelTC",
    "ALERT_GROUP": "PrtAlertGroupTC",
    "ALERT_CODE": "PrtAlertCodeTC",
    "SUPPLY_TYPE": "PrtMarkerSuppliesTypeTC",
    "SUPPLY_CLASS": "PrtMarkerSuppliesClassTC",
    "SUPPLY_UNIT": "PrtMarkerSuppliesSupplyUnitTC",
    "COVER_STATUS": "PrtCoverStatusTC",
    "INPUT_TYPE": "PrtInputTypeTC",
    "CAPACITY_UNIT": "PrtCapacityUnitTC",
    "COUNTER_UNIT": "PrtMarkerCounterUnitTC",
}
COMMENT = re.compile(r"--.*$", re.MULTILINE)


def snake_case(name: str) -> str:
    """Return wasteToner as waste_toner, markerTonerEmpty as marker_toner_empty, opc as opc."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower().replace("-", "_")


def enumeration(text: str, name: str) -> dict[int, str]:
    start = re.search(rf"^\s*{name}\s+(?:OBJECT-TYPE|::=\s+TEXTUAL-CONVENTION)", text, re.MULTILINE)
    if not start:
        return {}
    body = re.search(r"SYNTAX\s+INTEGER\s*\{(.*?)\}", text[start.end() :], re.DOTALL)
    pairs = re.findall(r"([A-Za-z][\w-]*)\s*\(\s*(-?\d+)\s*\)", COMMENT.sub("", body[1])) if body else []
    return {int(number): snake_case(word) for word, number in pairs}


def objects(text: str) -> dict[str, tuple[str, int]]:
    """Return every `name OBJECT-TYPE ... ::= { parent number }` (and OBJECT IDENTIFIER) of a module."""
    found = re.findall(
        r"^\s*([a-z]\w*)\s+(?:OBJECT-TYPE|OBJECT\s+IDENTIFIER)(?:(?!::=).)*?::=\s*\{\s*([\w-]+)\s+(\d+)\s*\}",
        COMMENT.sub("", text),
        re.MULTILINE | re.DOTALL,
    )
    return {name: (parent, int(number)) for name, parent, number in found}


def dotted(name: str, tree: dict[str, tuple[str, int]]) -> str | None:
    if name in ROOTS:
        return ROOTS[name]
    if name not in tree:
        return None
    parent, number = tree[name]
    above = dotted(parent, tree)
    return f"{above}.{number}" if above else None


def error_bits(text: str) -> dict[int, str]:
    """Return the bits of hrPrinterDetectedErrorState stand in its DESCRIPTION only."""
    body = text.split("hrPrinterDetectedErrorState OBJECT-TYPE", 1)[1].split("Bits are numbered", 1)[0]
    return {
        int(bit): snake_case(word)
        for word, bit in re.findall(r"^\s+([a-z]\w+)\s+(\d+)\s*$", body, re.MULTILINE)
    }


def table(name: str, rows: dict[int, str]) -> str:
    lines = "".join(f'    {number}: "{word}",\n' for number, word in sorted(rows.items()))
    return f"{name}: Final[Mapping[int, str]] = {{\n{lines}}}\n"


def main() -> int:
    folder = Path(" ".join(sys.argv[1:]) or ".")
    if not (folder / "Printer-MIB.txt").is_file():
        sys.stderr.write(__doc__ or "")
        return 2
    host, iana, printer = (
        (folder / f"{name}.txt").read_text(encoding="latin-1")
        for name in ("HOST-RESOURCES-MIB", "IANA-PRINTER-MIB", "Printer-MIB")
    )
    tree = objects(host) | objects(printer) | {name: ("system", number) for name, number in SYSTEM.items()}
    oids = {name: oid for name in tree if (oid := dotted(name, tree))}
    parts = [
        '"""Names and codes of the Printer MIB, made by scripts/generate_mib_names.py: do not edit."""\n',
        "from collections.abc import Mapping\nfrom typing import Final\n",
        table("DETECTED_ERROR_BIT", error_bits(host)),
        *(
            table(
                ours, enumeration(printer, theirs) or enumeration(iana, theirs) or enumeration(host, theirs)
            )
            for ours, theirs in ENUMERATIONS.items()
        ),
        "OID: Final[Mapping[str, str]] = {\n"
        + "".join(
            f'    "{name}": "{oid}",\n'
            for name, oid in oids.items()
            if re.match("sys|hrDevice|hrPrinter|prt", name)
        )
        + "}\n",
    ]
    sys.stdout.write("\n".join(parts))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
