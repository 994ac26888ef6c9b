"""Does the broker take us, and does a request really go all the way: collector, processor, receipt?"""

import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from console.broker.credentials import read_credentials
from console.check.context import Blocks, StoredFleet
from console.check.mqtt import Message, Visit
from console.check.rights import check_rights
from console.lock import up_is_running
from core.contract.errors import BrokerError
from core.contract.messages import Reading, Receipt, RefreshRequest
from core.contract.topics import CHECKED_PRINTER, READING, REFRESH, STORED
from core.domain.inventory.printers import InventoryPrinter
from core.runtime.check_results import CheckResult, error, ok, warning
from core.runtime.settings import MqttSettings
from core.runtime.wall_clock import utc_now
from core.storage.services import newest

_ECHO_SECONDS: Final = 6.0
_READ_SECONDS: Final = 15.0
_STORED_SECONDS: Final = 15.0
_AGAIN_SECONDS: Final = 2.0
"""Then the request is sent again: a collector that has only just started has no inventory to find it in."""


def check_broker(blocks: Blocks, stored: StoredFleet | None) -> Iterator[CheckResult]:
    """Yield findings on the connection, then on the path with one reading of one printer."""
    try:
        settings = settings_in_force(blocks.mqtt, blocks.common.data_dir)
    except BrokerError as refused:
        yield error(str(refused).rstrip("."), "Run this as the user of the services, who may read it.")
        return
    if settings is None:
        text = "MQTT_HOST is unset, and `printers up` has not run here yet, which brings its own broker"
        yield warning(text, "Start `printers up`, or set MQTT_HOST to use another broker.")
        return
    try:
        with Visit(settings) as visit:
            user = settings.mqtt_username or "nobody in particular"
            yield ok(f"{_where(settings)} accepts us as {user}")
            if blocks.mqtt.mqtt_host and (user == "up" or up_is_running(blocks.common.data_dir)):
                found = list(check_rights(visit, settings.mqtt_topic_prefix, blocks.common.site))
                yield from found
                if any(each.level == "error" for each in found):
                    return
            yield from _path(visit, settings.mqtt_topic_prefix, blocks, stored)
    except BrokerError as refused:
        yield _refusal(settings, refused, embedded=blocks.mqtt.mqtt_host is None)


def settings_in_force(mqtt: MqttSettings, data_dir: Path) -> MqttSettings | None:
    """Return the settings of MQTT_*, else of the broker that `up` runs on this DATA_DIR."""
    if mqtt.mqtt_host:
        return mqtt
    kept = read_credentials(data_dir)
    if kept is None:
        return None
    return kept.settings("console").model_copy(update={"mqtt_topic_prefix": mqtt.mqtt_topic_prefix})


def _refusal(settings: MqttSettings, refused: BrokerError, *, embedded: bool) -> CheckResult:
    text = f"{_where(settings)} does not take us: {str(refused).rstrip('.')}"
    if embedded:
        return warning(text, "`printers up` brings this broker: is it running?")
    return error(text, "Look at MQTT_HOST, MQTT_PORT, MQTT_USERNAME, MQTT_PASSWORD and MQTT_TLS.")


def _path(visit: Visit, prefix: str, blocks: Blocks, stored: StoredFleet | None) -> Iterator[CheckResult]:
    if refused := visit.refused([topic.filter(prefix) for topic in (REFRESH, READING, STORED)]):
        mend = f"Allow this user to read {prefix}/# (ACL)."
        yield error(f"it does not let us read {' nor '.join(refused)}", mend)
        return
    printer = _printer_to_ask(stored)
    request = RefreshRequest(id=f"check-{secrets.token_hex(8)}", requested_at=utc_now())
    topic = REFRESH.name(prefix, printer_id=printer.printer_id if printer else CHECKED_PRINTER)
    asked = time.monotonic()
    visit.publish(topic, request.model_dump_json())
    # The broker acknowledges also what it then drops: only what comes back was taken.
    if (
        visit.wait_for(lambda at, payload: at == topic and request.id.encode() in payload, _ECHO_SECONDS)
        is None
    ):
        mend = f"Allow this user to publish {REFRESH.filter(prefix)} and to read {prefix}/# (ACL)."
        yield error("what we publish does not come back: the broker drops it", mend)
        return
    yield ok("what we publish comes back")
    if printer is not None:
        yield from _way_of_a_reading(visit, prefix, AskedPrinter(printer, request, asked, _patience(blocks)))


def _printer_to_ask(stored: StoredFleet | None) -> InventoryPrinter | None:
    """Return one whose collector and processor live; without them nothing can come back."""
    processor = newest(stored.services, "processor") if stored else None
    if stored is None or processor is None or processor.is_silent(stored.now):
        return None
    lively = {
        each.site
        for each in stored.services
        if each.service == "collector" and not each.is_silent(stored.now)
    }
    return next((printer for printer in stored.printers if printer.site in lively), None)


def _patience(blocks: Blocks) -> float:
    """Return how long an unreachable printer may take: two SNMP versions, each asked several times."""
    return 2 * blocks.snmp.snmp_timeout * (blocks.snmp.snmp_retries + 1) + _READ_SECONDS


@dataclass(frozen=True)
class AskedPrinter:
    """A printer that is to be read again, and since when we wait for it."""

    printer: InventoryPrinter
    request: RefreshRequest
    since: float
    patience: float


def _way_of_a_reading(visit: Visit, prefix: str, asked: AskedPrinter) -> Iterator[CheckResult]:
    """Yield findings on the way from a request to the reading to its receipt."""
    name, since = asked.printer.name, asked.since
    found = _wait_for_reading(visit, prefix, asked)
    if found is None:
        mend = "Look at the collector's log lines: does it reach this broker, may it publish readings (ACL)?"
        text = f"{name} was to be read again, and no reading came in {asked.patience:.0f} s"
        yield error(text, mend)
        return
    seconds = time.monotonic() - since
    try:
        reading = Reading.model_validate_json(found[1])
    except ValidationError:
        yield error("a reading came that this program cannot read", "Run one version everywhere.")
        return
    receipt = visit.wait_for(
        lambda at, payload: _is_receipt(prefix, at, payload, reading.id), _STORED_SECONDS
    )
    if receipt is None:
        mend = "Look at the processor's log lines: does it reach this broker and its database?"
        yield error(f"a reading of {name} came, but no receipt for it", mend)
    else:
        way = f"read after {seconds:.1f} s, stored after {time.monotonic() - since:.1f} s"
        yield ok(f"the whole way works: {name} was {way}")


def _wait_for_reading(visit: Visit, prefix: str, asked: AskedPrinter) -> Message | None:
    topic, wanted = REFRESH.name(prefix, printer_id=asked.printer.printer_id), asked.request.id.encode()
    while (left := asked.since + asked.patience - time.monotonic()) > 0:
        found = visit.wait_for(
            lambda _at, payload: wanted in payload and b'"tables"' in payload, min(left, _AGAIN_SECONDS)
        )
        if found is not None:
            return found
        visit.publish(topic, asked.request.model_dump_json())
    return None


def _is_receipt(prefix: str, topic: str, payload: bytes, reading_id: str) -> bool:
    if STORED.levels(prefix, topic) is None:
        return False
    try:
        return reading_id in Receipt.model_validate_json(payload).stored
    except ValidationError:
        return False


def _where(settings: MqttSettings) -> str:
    return f"{settings.mqtt_host}:{settings.mqtt_port}{' with TLS' if settings.mqtt_tls else ''}"
