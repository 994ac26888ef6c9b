"""What was a setting once: its name is free, and the value that people are told is the one in the code."""

from datetime import timedelta

from collector import spool
from collector.discovery import progress
from core.contract.messages import MAX_READING_BYTES
from core.contract.topics import HOME_ASSISTANT_PREFIX
from core.domain import outages, thresholds
from core.runtime import mqtt_link
from core.runtime.retired_settings import RETIRED, retired
from core.runtime.settings_doc import BLOCKS
from notifier.notices import decide
from notifier.outbox import delivery
from processor.batch.inbox import USUAL_SIZE
from processor.history import drain
from processor.issues import changes, commands


def test_no_setting_of_today_is_called_retired() -> None:
    assert {name.upper() for block in BLOCKS for name in block.model_fields} & set(RETIRED) == set()
    assert retired("SNMP_COMMUNITY") is None


def test_the_values_that_are_told_are_those_in_the_code() -> None:
    hour, minute, second = timedelta(hours=1), timedelta(minutes=1), 1000
    assert {
        "BATCH_MILLISECONDS": USUAL_SIZE.gather_seconds * second,
        "BATCH_READINGS": USUAL_SIZE.readings,
        "CLEAR_AFTER": thresholds.CLEAR_AFTER,
        "DISCOVER_PER_SECOND": progress.ADDRESSES_PER_SECOND,
        "HYSTERESIS_PERCENT": thresholds.HYSTERESIS_PERCENT,
        "ISSUE_AFTER_READINGS": commands.AFTER_READINGS,
        "ISSUE_REOPEN_HOURS": changes.REOPENED_WITHIN / hour,
        "MAIL_RETRY_HOURS": delivery.RETRY_FOR / hour,
        "MAX_MESSAGE_BYTES": MAX_READING_BYTES,
        "MQTT_KEEPALIVE_SECONDS": mqtt_link.KEEPALIVE_SECONDS,
        "NOTIFY_COOLDOWN_MINUTES": decide.COOLDOWN / minute,
        "NOTIFY_DARK_PRINTERS": outages.MIN_OUTAGE_PRINTERS,
        "NOTIFY_DIGEST_ABOVE": decide.DIGEST_ABOVE,
        "NOTIFY_GATHER_SECONDS": decide.GATHER.total_seconds(),
        "OUTBOX_MAX_ROWS": drain.MAX_ROWS,
        "SPOOL_MAX_AGE_HOURS": spool.MAX_AGE_HOURS,
        "SPOOL_MAX_READINGS": spool.MAX_READINGS,
    } == {name: float(value) for name, value in RETIRED.items() if name != "HOMEASSISTANT_PREFIX"}
    assert RETIRED["HOMEASSISTANT_PREFIX"] == HOME_ASSISTANT_PREFIX
