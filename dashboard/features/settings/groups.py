"""The changeable settings as the page puts them: in groups, each with a label in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

LOGO: Final = "ORGANIZATION_LOGO"
"""A file, which has a form of its own."""
THRESHOLDS: Final = "thresholds"
"""The group below which stands how many supplies are that low now."""


@dataclass(frozen=True)
class SettingGroup:
    """Settings that are changed together, by one button."""

    key: str
    title: str
    note: str
    labels: Mapping[str, str]
    """By the setting's name."""
    on_the_right: bool = False


GROUPS: Final = (
    SettingGroup(
        "organization",
        "Organization",
        "On every page, on the sign-in page and in mails.",
        {
            "ORGANIZATION": "Names, separated by commas",
            "TIME_ZONE": "Time zone",
            "DASHBOARD_THEME": "Theme",
        },
    ),
    SettingGroup(
        THRESHOLDS,
        "Thresholds",
        "They count from a printer's next reading on.",
        {
            "SUPPLY_LOW_PERCENT": "A supply is low at (%)",
            "SUPPLY_CRITICAL_PERCENT": "A low supply is critical at (%)",
            "UNREACHABLE_AFTER": "Failed readings before a printer is not answering",
        },
        on_the_right=True,
    ),
    SettingGroup(
        "notices",
        "Notices",
        "Immediate messages to NOTIFY_URLS, which holds secrets and is set in the environment.",
        {
            "NOTIFY_SEVERITY": "Minimum severity",
            "NOTIFY_LOCATIONS": "Places and sites, separated by commas; empty: all",
            "NOTIFY_QUIET_HOURS": "Quiet hours",
            "NOTIFY_QUIET_DAYS": "Quiet days: weekdays, and off for the calendar's days off",
            "NOTIFY_ESCALATE_MINUTES": "Repeat after (minutes); 0: never",
            "NOTIFY_RESOLVED": "Also notify when it is over",
        },
    ),
    SettingGroup(
        "summary",
        "Daily summary",
        "Also sent to the users who chose it.",
        {
            "SUMMARY_TIME": "Time",
            "SUMMARY_QUIET_DAYS": "Days without: weekdays, and off for the calendar's days off",
            "ISSUE_SUMMARY_RECIPIENT": "Recipients, separated by commas",
            "SUMMARY_WHEN_EMPTY": "On a day with nothing to report",
        },
        on_the_right=True,
    ),
    SettingGroup(
        "issues",
        "Mails about issues",
        "To the people an issue concerns.",
        {
            "MAIL_ISSUE_RECEIPT": "Confirm receipt to the reporter",
            "MAIL_ISSUE_RESOLVED": "Notify them when it is resolved or closed",
            "MAIL_ISSUE_ASSIGNED": "Notify the assignee",
        },
        on_the_right=True,
    ),
    SettingGroup(
        "orders",
        "Purchase list",
        "Also sent as a mail, once a week at the time of the summary.",
        {
            "ORDER_MAIL_WEEKDAY": "Weekday",
            "ORDER_MAIL_RECIPIENT": "Recipients, separated by commas; empty: those of the summary",
            "ORDER_MAIL_DAYS": "What runs out within (days)",
            "CURRENCY": "Currency of prices (ISO 4217)",
        },
        on_the_right=True,
    ),
    SettingGroup(
        "retention",
        "Retention",
        "In days. InfluxDB goes by what it was told: printers influx setup --set-retention.",
        {
            "HISTORY_HOURLY_DAYS": "Levels and counters of every hour",
            "HISTORY_DAYS": "Levels and counters of every day",
            "MAIL_KEEP_DAYS": "Sent mails",
        },
    ),
)

CHOICES: Final[Mapping[tuple[str, str], str]] = {
    ("SUMMARY_WHEN_EMPTY", "short"): "Send a mail of one line",
    ("SUMMARY_WHEN_EMPTY", "none"): "No mail",
    ("DASHBOARD_THEME", "system"): "As the device is set",
    ("ORDER_MAIL_WEEKDAY", ""): "Never",
}
"""What a choice is called where its own word does not say it."""
