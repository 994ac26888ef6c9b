"""Home Assistant's MQTT device discovery: one device per printer, made from what its state says; pure.

https://www.home-assistant.io/integrations/mqtt/#device-discovery-payload
"""

import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Final, get_args

from core.contract.messages import State
from core.contract.topics import ATTENTION, PRESENCE, REFRESH, STATE

Payload = dict[str, Any]

_INDEX: Final = re.compile(r"\d+(\.\d+)*")
_LONGEST_NAME: Final = 100
_PROBLEM: Final = (
    "{{ 'ON' if value_json.severity in ['warning', 'critical'] "
    "and not value_json.get('out_of_service') else 'OFF' }}"
)
"""Of a printer out of service nobody is to be told; get(), because most states have no such field."""
_FLAGS: Final = "{{ {'flags': value_json.attention | map(attribute='message') | list} | tojson }}"
_REQUEST: Final = (
    '{"schema_version": 2, "id": "homeassistant-{{ utcnow().timestamp() }}", '
    '"requested_at": "{{ utcnow().isoformat() }}"}'
)


@dataclass(frozen=True)
class Entity:
    """A sensor or button of the device."""

    key: str
    platform: str
    options: Payload
    value: str = ""
    """An expression over the state: unavailable while it is null: no number beats a made-up one."""

    def announced(self, device: str, state_topic: str, here: list[Payload]) -> Payload:
        """Return its part of the announcement; `here`: conditions that hold for the whole device."""
        payload = {"platform": self.platform, "unique_id": f"{device}_{self.key}", **self.options}
        conditions = list(here)
        if self.value:
            payload["value_template"] = f"{{{{ {self.value} }}}}"
            known = f"{{{{ 'offline' if {self.value} is none else 'online' }}}}"
            conditions.append({"topic": state_topic, "value_template": known})
        if conditions:
            payload |= {"availability": conditions, "availability_mode": "all"}
        return payload


def config_topic(discovery_prefix: str, prefix: str, printer_id: str) -> str:
    """Return where the device of a printer is announced."""
    return f"{discovery_prefix}/device/{device_id(prefix, printer_id)}/config"


def device_id(prefix: str, printer_id: str) -> str:
    """Return a unique name of letters, digits, `_` and `-` for a printer."""
    exact = f"{prefix}_{printer_id}"
    plain = re.sub(r"[^A-Za-z0-9_-]", "_", exact)
    return plain if plain == exact else f"{plain}-{zlib.crc32(exact.encode()):08x}"


def device_payload(prefix: str, state: Mapping[str, Any], processor: str = "") -> Payload:
    """Return a printer's announcement; `processor` is the instance whose presence stands for all."""
    printer_id = str(state["printer_id"])
    name, topic = device_id(prefix, printer_id), STATE.name(prefix, printer_id=printer_id)
    device = {
        "identifiers": [name],
        "name": _text(state.get("name")) or printer_id,
        "model": _text(state.get("model")),
        "serial_number": _text(state.get("serial_number")),
        "sw_version": _text(state.get("firmware")),
        "suggested_area": _text(state.get("location")),
    }
    here = _presence(prefix, processor)
    return {
        "device": {key: value for key, value in device.items() if value},
        "origin": {"name": "Printer System", "sw_version": version("printer-system")},
        "state_topic": topic,
        "qos": 1,
        "components": {
            entity.key: entity.announced(name, topic, here) for entity in _entities(prefix, printer_id, state)
        },
    }


def _entities(prefix: str, printer_id: str, state: Mapping[str, Any]) -> Iterator[Entity]:
    yield Entity(
        "state",
        "sensor",
        {
            "name": "State",
            "icon": "mdi:printer",
            "device_class": "enum",
            "options": list(get_args(State)),
            "value_template": "{{ value_json.state }}",
        },
    )
    yield Entity(
        "problem",
        "binary_sensor",
        {
            "name": "Problem",
            "device_class": "problem",
            "value_template": _PROBLEM,
            "json_attributes_topic": ATTENTION.name(prefix, printer_id=printer_id),
            "json_attributes_template": _FLAGS,
        },
    )
    refresh = REFRESH.name(prefix, printer_id=printer_id)
    options = {"name": "Ask now", "icon": "mdi:refresh", "command_topic": refresh}
    yield Entity("refresh", "button", {**options, "command_template": _REQUEST})
    yield from _pages(state)
    yield from _supplies(state)


def _pages(state: Mapping[str, Any]) -> Iterator[Entity]:
    if state.get("marker_life_count") is None:
        return
    unit = _text(state.get("counter_unit")) or "impressions"  # what most printers count, and mean by none
    pages = unit == "impressions"
    options = {
        "name": "Pages" if pages else "Printed",
        "icon": "mdi:counter",
        "state_class": "total_increasing",
        "unit_of_measurement": "pages" if pages else unit,
    }
    yield Entity("pages", "sensor", options, "value_json.marker_life_count")


def _supplies(state: Mapping[str, Any]) -> Iterator[Entity]:
    for supply in state.get("supplies") or ():
        index = str(supply["index"])
        if not _INDEX.fullmatch(index):  # it becomes a part of a template
            continue
        options = {
            "name": _text(supply.get("description")) or f"Supply {index}",
            "icon": "mdi:water-percent",
            "state_class": "measurement",
            "unit_of_measurement": "%",
        }
        rows = f"value_json.supplies | selectattr('index', 'eq', '{index}')"
        level = f"({rows} | map(attribute='level_percent') | first | default(none))"
        yield Entity(f"supply_{index.replace('.', '_')}", "sensor", options, level)


def _presence(prefix: str, processor: str) -> list[Payload]:
    if not processor:
        return []
    topic = PRESENCE.name(prefix, service="processor", instance=processor)
    return [{"topic": topic, "value_template": "{{ value_json.status }}"}]


def _text(value: object) -> str:
    return " ".join(str(value or "").split())[:_LONGEST_NAME]
