"""Columns of a spreadsheet matched to ours, by the names that exports of other systems use."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

COLUMNS: Final = (
    "printer_id",
    "name",
    "host",
    "port",
    "location",
    "site",
    "profile",
    "model",
    "serial",
    "mac",
    "cost_center",
    "asset_tag",
    "in_use_since",
    "warranty_until",
    "contract",
    "contract_until",
    "enabled",
    "notes",
)
"""The columns of an export, in order."""

# The better name of a column stands before the worse: of two columns for a field the first that is
# not empty counts. building, floor and room are parts of the location, make is a part of the model.
_NAMES: Final[Mapping[str, str]] = {
    "printer_id": "printer_id id printerid slug key",
    "name": """name printer_name display_name printer queue queue_name print_queue label title device
        asset_name""",
    "host": """host ip ip_address ipaddress ip_addr ipv4 ipv4_address ip_adresse snmp_host host_ip
        fqdn hostname host_name dns dns_name node address addr adresse host_address device_uri uri url
        port_name portname""",
    "port": "port snmp_port udp_port",
    "location": "location printer_location place where standort ort syslocation",
    "building": "building bldg gebäude gebaeude",
    "floor": "floor etage stockwerk",
    "room": "room room_number room_no raum zimmer",
    "site": "site campus",
    "profile": "profile snmp_profile credential_profile credentials credential",
    "model": "model printer_model model_name device_model product driver_name drivername driver modell",
    "make": "make manufacturer vendor brand hersteller",
    "serial": "serial serial_number serial_no serialno serialnumber serial_num sn s_n seriennummer",
    "mac": """mac mac_address macaddress mac_addr mac_adresse ethernet_address physical_address
        hardware_address hwaddr""",
    "cost_center": """cost_center cost_centre costcenter costcentre cost_code department dept budget
        kostenstelle abteilung""",
    # Among them how GLPI and Snipe-IT call them in exports; a warranty alone may be a number of months.
    "asset_tag": """asset_tag asset asset_id asset_no asset_number inventory_number inventory_no
        inventory_id inventory_tag otherserial inventarnummer inventar_nr anlagennummer""",
    "in_use_since": """in_use_since in_service_since in_service_date service_date startup_date use_date
        commissioned commissioning_date deployed deployment_date installed install_date installation_date
        purchase_date date_of_purchase purchased buy_date inbetriebnahme anschaffungsdatum kaufdatum""",
    "warranty_until": """warranty_until warranty_end warranty_ends warranty_end_date warranty_expires
        warranty_expiry warranty_expiry_date warranty_expiration warranty_expiration_date
        expiration_date_of_warranty garantie_bis garantieende""",
    "contract": """contract contract_name contract_number contract_no service_contract maintenance_contract
        lease lease_contract lease_number leasing vertrag leasingvertrag wartungsvertrag""",
    "contract_until": """contract_until contract_end contract_ends contract_end_date contract_expires
        contract_expiry contract_expiration contract_expiration_date lease_until lease_end lease_ends
        lease_end_date lease_expires lease_expiry vertragsende leasingende""",
    "enabled": "enabled is_enabled active is_active monitored is_monitored monitor poll in_use aktiv",
    "notes": "notes note comment comments remark remarks description bemerkung kommentar",
}
_FIELD_OF: Final = {
    name: (field, at) for field, names in _NAMES.items() for at, name in enumerate(names.split())
}
_NAME_COLUMNS: Final = frozenset(("fqdn", "hostname", "host_name", "dns", "dns_name"))
_SECRETS: Final = re.compile(r"(snmp_?)?(community|password|passphrase|secret|.*_(community|password|key))")


class Header:
    """The columns of one file: for every field the cells it is read from, best first."""

    def __init__(self, cells: Sequence[str]) -> None:
        names = [_normal(cell) for cell in cells]
        found: dict[str, list[tuple[int, int]]] = {}
        for at, name in enumerate(names):
            if name in _FIELD_OF:
                field, rank = _FIELD_OF[name]
                found.setdefault(field, []).append((rank, at))
        self.width = len(cells)
        self.fields = {field: [at for _, at in sorted(ranked)] for field, ranked in found.items()}
        self.host_names = [at for at, name in enumerate(names) if name in _NAME_COLUMNS]
        self.notes: list[str] = []
        self._look_for_host(names)
        self.used = sorted({*self.host_names, *(at for columns in self.fields.values() for at in columns)})
        """The columns that are read at all."""
        self._tell_what_is_ignored(names)

    @property
    def known(self) -> int:
        """How many columns are understood."""
        return sum(len(at) for at in self.fields.values())

    def has(self, *fields: str) -> bool:
        """Return whether the file has a column for one of these."""
        return not self.fields.keys().isdisjoint(fields)

    def first(self, field: str, cells: Sequence[str]) -> str:
        """Return the first cell for a field that is not empty."""
        for at in self.fields.get(field, ()):
            if at < len(cells) and cells[at]:
                return cells[at]
        return ""

    def host_name(self, cells: Sequence[str]) -> str:
        """Return what the file calls the host name, also where another column is the better address."""
        return next((cells[at] for at in self.host_names if at < len(cells) and cells[at]), "")

    def _look_for_host(self, names: Sequence[str]) -> None:
        if "host" not in self.fields and "name" in self.fields:
            self.fields["host"] = self.fields["name"]
            name = names[self.fields["name"][0]]
            self.notes.append(f"there is no column `host`: `{name}` is taken for the host name")

    def _tell_what_is_ignored(self, names: Sequence[str]) -> None:
        unknown = [name for name in names if name and name not in _FIELD_OF]
        hidden = [name for name in unknown if _SECRETS.fullmatch(name)]
        if hidden:
            self.notes.append(
                f"column {_list(hidden)} is not imported: secrets belong into SNMP_PROFILES, "
                "and the column `profile` names one"
            )
        if len(unknown) > len(hidden):
            self.notes.append(f"ignored columns: {_list([name for name in unknown if name not in hidden])}")


def _normal(cell: str) -> str:
    return re.sub(r"\W+", "_", cell.casefold()).strip("_")


def _list(names: Sequence[str]) -> str:
    return ", ".join(f"`{name[:40]}`" for name in names[:12])
