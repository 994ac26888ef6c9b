"""Messages between services: frozen, versioned, times in aware UTC.

A device value never rejects a message: what a printer did not report is None, sentinels stay raw.
Older schema versions stay readable; a newer one than ours is refused with a reason.
"""

from typing import Annotated, Any, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_validator

from core.contract.values import Counters, Moment, PrinterId, ServiceName, SiteName

SCHEMA_VERSION = 2
"""2: the site is a level of the topics of readings and of collectors' presence."""

MAX_SEQ = 2**53 - 1
"""What every reader of JSON and every database takes for an exact number."""

MAX_READING_BYTES: Final = 262_144
"""What a Reading may have as JSON: longer messages are rejected."""

TableStatus = Literal["complete", "partial", "failed", "absent"]
VarbindValue = int | str
"""INTEGER and its kin as a number; OCTET STRING as lowercase hex; OBJECT IDENTIFIER as '.1.3.6...'."""

State = Literal["idle", "printing", "warming_up", "asleep", "stopped", "unreachable", "unknown"]
Severity = Literal["info", "warning", "critical"]
Fixer = Literal["anyone", "technician", "vendor"]
LevelState = Literal["measured", "some_remaining", "unlimited", "unknown"]


class Message(BaseModel):
    """The base of every message."""

    model_config = ConfigDict(frozen=True, extra="ignore", ser_json_inf_nan="null", defer_build=True)

    schema_version: int = SCHEMA_VERSION

    @field_validator("schema_version")
    @classmethod
    def _known_version(cls, version: int) -> int:
        if not 1 <= version <= SCHEMA_VERSION:
            raise ValueError(f"schema version {version} is not known here (newest known: {SCHEMA_VERSION})")
        return version


class Part(BaseModel):
    """A piece of a message."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)


class AlertRun(Part):
    """Rows of prtAlertTable with consecutive indexes that say the same."""

    device: int
    first: int
    last: int
    severity: int | None = None
    """prtAlertSeverityLevel."""
    code: int | None = None
    """prtAlertCode."""


class AlertRows(Part):
    """Findings of an alert table that is too long to be read whole."""

    count: int
    """Rows found."""
    through: str | None = None
    """Index ("hrDeviceIndex.rowIndex") of the last row that is accounted for; None where all are."""
    not_read: tuple[AlertRun, ...] = ()
    """The rows of which only severity and code were read."""


class Reading(Message):
    """The raw answer of one printer: nothing in it is judged."""

    id: Annotated[str, Field(min_length=1, max_length=64)]
    printer_id: PrinterId
    site: str
    seq: Annotated[int, Field(ge=0, le=MAX_SEQ)]
    """Rises with every reading of one collector; orders readings of the same instant."""
    taken_at: AwareDatetime
    interval_seconds: float = 300
    """When the next reading is due; after two of them without one the snapshot is stale."""
    reachable: bool
    error: str | None = None
    duration_ms: int = 0
    refresh_id: str | None = None
    """The id of the RefreshRequest that this reading answers."""
    tables: dict[str, TableStatus] = Field(default_factory=dict)
    varbinds: dict[str, VarbindValue] = Field(default_factory=dict)
    alert_rows: AlertRows | None = Field(default=None, exclude_if=lambda rows: rows is None)
    """Only where the alert table was too long to be read whole."""


class Evidence(Part):
    """The reason for a flag: an object of the MIB, its row, and the raw value seen."""

    object: str
    index: str = ""
    value: str
    """The raw value: a number, hex of octets, or cleaned text."""


class Attention(Part):
    """A condition our rules found; one condition is one flag however often the printer reports it."""

    code: str
    subject: str = ""
    """The row it is about: "hrDeviceIndex.rowIndex" of a supply, tray, cover or alert; "" for the printer."""
    severity: Severity
    message: str
    """Its sentence, for who only shows it."""
    parameters: dict[str, str] | None = Field(default=None, exclude_if=lambda known: known is None)
    """What the sentence of this code is made of (`part`, `percent`, `words` ...), for words of one's own."""
    since_at: AwareDatetime
    fixer: Fixer = "technician"
    readings: int = 1
    """How many readings in a row have shown it."""
    stops: bool = False
    """It keeps the printer from printing, by what the printer itself reports; such flags come first."""
    evidence: tuple[Evidence, ...] = ()


class Alert(Part):
    """A row of prtAlertTable."""

    index: str
    severity: str | None = None
    training_level: str | None = None
    group: str | None = None
    group_index: int | None = None
    location: int | None = None
    code: str | None = None
    description: str | None = None
    time: int | None = None
    """prtAlertTime: sysUpTime (hundredths of a second) when the row was made."""


class Supply(Part):
    """A row of prtMarkerSuppliesTable; `level` and `max_capacity` are raw, sentinels kept."""

    index: str
    description: str | None = None
    supply_type: str | None = None
    supply_class: str | None = None
    supply_unit: str | None = None
    colorant: str | None = None
    level: int | None = None
    max_capacity: int | None = None
    level_state: LevelState = "unknown"
    level_percent: int | None = None
    source: str = "prtMarkerSuppliesLevel"
    """The object that `level_state` and `level_percent` are taken from: this one, or one of the vendor's."""
    pages_left: int | None = None
    """How many more pages the printer expects of it, where its vendor tells."""


class InputTray(Part):
    """A row of prtInputTable."""

    index: str
    name: str | None = None
    description: str | None = None
    media_name: str | None = None
    input_type: str | None = None
    capacity_unit: str | None = None
    status: int | None = None
    level: int | None = None
    max_capacity: int | None = None
    level_state: LevelState = "unknown"
    level_percent: int | None = None


class OutputTray(Part):
    """A row of prtOutputTable; `remaining` and `max_capacity` are raw, sentinels kept."""

    index: str
    name: str | None = None
    description: str | None = None
    status: int | None = None
    remaining: int | None = None
    """prtOutputRemainingCapacity: what still fits in; 0 is full."""
    max_capacity: int | None = None
    level_state: LevelState = "unknown"
    remaining_percent: int | None = None


class PageCounter(Part):
    """One of the vendor's own page counters."""

    name: str
    """mono, color, duplex, copy, scan or a3 (large format)."""
    count: int
    unit: str
    """What one of it is: impressions (printed sides), sheets or images."""
    source: str
    """The vendor's object that it is read from; several are added up."""


class Cover(Part):
    """A row of prtCoverTable."""

    index: str
    description: str | None = None
    status: str | None = None


class OutOfServicePeriod(Part):
    """Since and until when a printer is out of service, and why; nobody is told of what it reports."""

    since_at: AwareDatetime
    until_at: AwareDatetime | None = None
    """None: until somebody puts it back."""
    note: str = ""
    """The reason, for everybody."""


class PrinterState(Message):
    """The state derived from the readings of one printer, as `status --json` and the state topic show it."""

    printer_id: str
    name: str | None = None
    location: str | None = None
    site: str | None = None
    taken_at: AwareDatetime | None = None
    """When the newest reading was taken, answered or not."""
    answered_at: AwareDatetime | None = None
    """When the printer last answered: how old everything it says is."""
    stale_at: AwareDatetime | None = None
    """When this state stops being news: two intervals after taken_at."""
    refresh_id: str | None = None
    """The RefreshRequest that the newest reading answers."""
    reachable: bool = False
    error: str | None = None
    """Why the newest reading failed, in one sentence."""
    state: State = "unknown"
    severity: Severity | None = None
    """The worst severity of the flags; None where nothing is wrong."""
    attention: tuple[Attention, ...] = ()
    device_status: str | None = None
    printer_status: str | None = None
    detected_errors: tuple[str, ...] = ()
    alerts: tuple[Alert, ...] = ()
    supplies: tuple[Supply, ...] = ()
    input_trays: tuple[InputTray, ...] = ()
    output_trays: tuple[OutputTray, ...] = ()
    covers: tuple[Cover, ...] = ()
    marker_life_count: int | None = None
    counter_unit: str | None = None
    counters: tuple[PageCounter, ...] = ()
    """What the vendor counts by itself, as far as that is plausible beside marker_life_count."""
    counters_at: AwareDatetime | None = None
    """When `counters` were read: once an hour, and when the printer's status has changed."""
    counters_serial: str | None = None
    """The serial number of the device that counted: counts of two devices are never subtracted."""
    model: str | None = None
    serial_number: str | None = None
    firmware: str | None = None
    """The version of its firmware, as its maker writes it; None where it is not told."""
    console_text: str | None = None
    system_name: str | None = None
    system_description: str | None = None
    system_location: str | None = None
    uptime_ticks: int | None = None
    """sysUpTime: hundredths of a second since the agent started."""
    incomplete_tables: tuple[str, ...] = ()
    """Tables that were not read whole: what they hold is, at least in part, from an earlier reading."""
    gaps: tuple[str, ...] = Field(default=(), exclude_if=lambda gaps: not gaps)
    """What is not known of the printer, in sentences: tables cut off, parts that its SNMP view leaves out."""
    out_of_service: OutOfServicePeriod | None = Field(default=None, exclude_if=lambda known: known is None)
    """Only while a person has taken it out of service: added when the state is published."""


class PrinterAttention(Message):
    """The flags of one printer, worst first."""

    printer_id: str
    taken_at: AwareDatetime | None = None
    attention: tuple[Attention, ...] = ()


class IssueChange(Message):
    """An issue was opened, changed or resolved."""

    event_id: int
    issue_id: int
    printer_id: str
    """Empty for an outage: printers of one place or site that do not answer, under one issue."""
    at: AwareDatetime
    actor: str
    change: str
    """opened, commented, assigned, status_changed, resolved, reopened ...: the kind of the event row."""
    status: str
    """open, in_progress, waiting; resolved, closed and spam are ends, the last one of what was no report."""
    priority: str
    title: str
    parent_id: int | None = None
    """The issue of the outage that it is a part of, and ends with."""
    details: dict[str, Any] = Field(default_factory=dict)


class SupplyReplaced(Message):
    """A supply of a printer was replaced; sent again with `undone_at` where it turns out that it was not."""

    event_id: int
    """One event has one id, however often it is sent."""
    printer_id: str
    supply_index: str
    """Its row: "hrDeviceIndex.rowIndex", as in PrinterState."""
    at: AwareDatetime
    """When the reading was taken that first showed the new one."""
    not_before: AwareDatetime | None = None
    """When the old one was seen last: the replacement was between the two."""
    model: str = ""
    supply_type: str = ""
    color: str = ""
    description: str = ""
    """As the printer gives it, of the new one."""
    part_number: str = ""
    """Where the description tells one."""
    serial: str = ""
    """The serial number of the new one, where the printer tells it."""
    old_percent: int | None = None
    """What was left in the old one."""
    new_percent: int | None = None
    pages: int | None = None
    """Pages that the printer counted while the old one was in; None where its own start is not known."""
    undone_at: AwareDatetime | None = None
    """When it turned out to be no replacement; None where it is one."""


class RefreshRequest(Message):
    """Ask this printer now; the Reading that answers echoes the id."""

    id: Annotated[str, Field(min_length=1, max_length=64)]
    requested_at: AwareDatetime


class PolledPrinter(Part):
    """One printer as a collector has to know it; the profile is a name, never a secret."""

    printer_id: PrinterId
    host: str
    port: int = 161
    profile: str = "default"


class InventoryChunk(Message):
    """A part of what one site's collector polls; a collector switches when one revision is complete."""

    site: str
    revision: str
    chunk: int
    chunks: int
    printers: tuple[PolledPrinter, ...]


class RefusedReading(Part):
    """A reading the processor will never store, and why."""

    id: str
    reason: str


class Receipt(Message):
    """Readings of a site that are committed (or refused for good): the collector may forget them."""

    site: str
    stored: tuple[str, ...] = ()
    refused: tuple[RefusedReading, ...] = ()


class Presence(Message):
    """A service is there, with its counters; the will of its connection says when it is not."""

    service: ServiceName
    instance: ServiceName
    site: SiteName | None = None
    status: Literal["online", "offline"]
    at: Moment
    started_at: Moment | None = None
    run: Annotated[str, Field(pattern=r"^[a-z0-9]{0,32}$")] = ""
    """Drawn at the start of the process: two runs under one instance are told apart by it."""
    host: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{0,64}$")] = ""
    """The machine it runs on."""
    version: Annotated[str, Field(pattern=r"^[A-Za-z0-9.+_-]{0,64}$")] = ""
    counters: Counters = Field(default_factory=dict)


class RejectedMessage(Message):
    """A message that could not be parsed, and why; `excerpt` is its beginning as hex."""

    topic: str
    reason: str
    at: AwareDatetime
    size_bytes: int
    excerpt: str


class HistorySupply(Part):
    """A level worth a point of history: `percent` None where the printer gives no measure."""

    level: int | None
    percent: int | None


class HistoryPoint(Message):
    """The part of one reading that the time series keeps; (printer_id, taken_at) identifies it."""

    printer_id: PrinterId
    taken_at: AwareDatetime
    reachable: bool
    state: State
    marker_life_count: int | None = None
    supplies: dict[str, HistorySupply] = Field(default_factory=dict)
    """By supply index ("hrDeviceIndex.rowIndex")."""
    device: Annotated[int, Field(ge=0)] = 0
    """How many other devices answered at this address before: counters of different ones do not compare."""
    counters: dict[str, int] = Field(default_factory=dict)
    """The vendor's page counters by name, where this reading has shown them."""
    serial_number: str | None = None
    """Whose counters they are."""
