"""Kinds of messages in the mail outbox."""

from enum import StrEnum


class MailKind(StrEnum):
    """What a message is for."""

    SUMMARY = "summary"
    NOTICE = "notice"
    DIGEST = "digest"
    OUTAGE = "outage"
    OUTAGE_OVER = "outage_over"
    ESCALATION = "escalation"
    RESOLVED_NOTICE = "resolved_notice"
    ISSUE_RECEIPT = "issue_receipt"
    ISSUE_ANSWER = "issue_answer"
    ISSUE_RESOLVED = "issue_resolved"
    ISSUE_ASSIGNED = "issue_assigned"
    ISSUE_NOTE = "issue_note"
    ORDER = "order"
    ACCOUNT = "account"
    """Of the safety of an account."""
    ACCOUNT_LINK = "account_link"
    TEST = "test"
