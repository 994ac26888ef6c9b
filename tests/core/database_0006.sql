-- A database of schema 0006 on SQLite with rows in every table: the schema as the program of that time made
-- it, and rows by hand, one statement a row. Whatever comes later has to take them along; see test_migrations.py.

CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL,
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
CREATE TABLE attention (
    id INTEGER NOT NULL,
    printer_id VARCHAR NOT NULL,
    code VARCHAR NOT NULL,
    subject VARCHAR NOT NULL,
    severity VARCHAR NOT NULL,
    message VARCHAR NOT NULL,
    fixer VARCHAR NOT NULL,
    since_at DATETIME NOT NULL,
    cleared_at DATETIME,
    evidence JSON NOT NULL, outcome VARCHAR DEFAULT '' NOT NULL,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX attention_open ON attention (printer_id, code, subject) WHERE cleared_at IS NULL;
CREATE INDEX attention_since ON attention (since_at);
CREATE TABLE history_outbox (
    id INTEGER NOT NULL,
    payload TEXT NOT NULL,
    sent_at DATETIME,
    PRIMARY KEY (id)
);
CREATE INDEX history_outbox_sent ON history_outbox (sent_at, id);
CREATE TABLE history_refused (
    id INTEGER NOT NULL,
    payload TEXT NOT NULL,
    reason VARCHAR NOT NULL,
    at DATETIME NOT NULL,
    PRIMARY KEY (id)
);
CREATE TABLE printers (
    printer_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    host VARCHAR NOT NULL,
    port INTEGER NOT NULL,
    location VARCHAR NOT NULL,
    site VARCHAR NOT NULL,
    profile VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    serial VARCHAR NOT NULL,
    enabled BOOLEAN NOT NULL,
    notes VARCHAR NOT NULL,
    version INTEGER NOT NULL,
    created_at DATETIME NOT NULL,
    updated_at DATETIME NOT NULL, mac VARCHAR DEFAULT '' NOT NULL,
    PRIMARY KEY (printer_id)
);
CREATE INDEX printers_site ON printers (site, enabled);
CREATE TABLE rejected_messages (
    id INTEGER NOT NULL,
    topic VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    at DATETIME NOT NULL,
    size_bytes INTEGER NOT NULL,
    excerpt VARCHAR NOT NULL,
    PRIMARY KEY (id)
);
CREATE TABLE snapshots (
    printer_id VARCHAR NOT NULL,
    reading_id VARCHAR NOT NULL,
    taken_at DATETIME NOT NULL,
    seq BIGINT NOT NULL,
    received_at DATETIME NOT NULL,
    stale_at DATETIME NOT NULL,
    reachable BOOLEAN NOT NULL,
    state VARCHAR NOT NULL,
    severity VARCHAR,
    lowest_supply_percent INTEGER,
    payload JSON NOT NULL,
    memory JSON NOT NULL,
    revision INTEGER NOT NULL,
    published_revision INTEGER NOT NULL,
    owed BOOLEAN NOT NULL, model VARCHAR DEFAULT '' NOT NULL, serial VARCHAR DEFAULT '' NOT NULL,
    PRIMARY KEY (printer_id)
);
CREATE INDEX snapshots_owed ON snapshots (printer_id) WHERE owed;
CREATE TABLE issue_events (
    id INTEGER NOT NULL,
    issue_id INTEGER NOT NULL,
    at DATETIME NOT NULL,
    actor VARCHAR NOT NULL,
    change VARCHAR NOT NULL,
    details JSON NOT NULL,
    owed BOOLEAN NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(issue_id) REFERENCES issues (id)
);
CREATE INDEX issue_events_issue ON issue_events (issue_id, at);
CREATE INDEX issue_events_owed ON issue_events (id) WHERE owed;
CREATE TABLE api_tokens (
    id INTEGER NOT NULL,
    name VARCHAR NOT NULL,
    token_hash VARCHAR NOT NULL,
    role VARCHAR NOT NULL,
    created_by VARCHAR NOT NULL,
    created_at DATETIME NOT NULL,
    used_at DATETIME,
    revoked_at DATETIME, expires_at DATETIME,
    PRIMARY KEY (id),
    UNIQUE (token_hash)
);
CREATE TABLE attempts (
    id INTEGER NOT NULL,
    "key" VARCHAR NOT NULL,
    at DATETIME NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX attempts_key ON attempts ("key", at);
CREATE TABLE audit (
    id INTEGER NOT NULL,
    at DATETIME NOT NULL,
    actor VARCHAR NOT NULL,
    action VARCHAR NOT NULL,
    subject VARCHAR NOT NULL,
    details JSON NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX audit_at ON audit (at);
CREATE TABLE mail_outbox (
    id INTEGER NOT NULL,
    "key" VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    channel VARCHAR NOT NULL,
    recipient VARCHAR NOT NULL,
    subject VARCHAR NOT NULL,
    body_text TEXT NOT NULL,
    body_html TEXT DEFAULT '' NOT NULL,
    message_id VARCHAR NOT NULL,
    headers JSON NOT NULL,
    attachment_name VARCHAR NOT NULL,
    attachment BLOB,
    created_at DATETIME NOT NULL,
    status VARCHAR NOT NULL,
    attempts INTEGER NOT NULL,
    first_try_at DATETIME,
    next_try_at DATETIME NOT NULL,
    claimed_by VARCHAR NOT NULL,
    last_error VARCHAR NOT NULL,
    sent_at DATETIME,
    PRIMARY KEY (id),
    UNIQUE ("key")
);
CREATE INDEX mail_outbox_due ON mail_outbox (status, next_try_at);
CREATE INDEX mail_outbox_kind ON mail_outbox (kind, created_at);
CREATE TABLE notices (
    attention_id INTEGER NOT NULL,
    printer_id VARCHAR NOT NULL,
    code VARCHAR NOT NULL,
    noticed_at DATETIME NOT NULL,
    how VARCHAR NOT NULL,
    escalated_at DATETIME,
    resolved_at DATETIME,
    PRIMARY KEY (attention_id)
);
CREATE TABLE notifier_cursors (
    name VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    updated_at DATETIME NOT NULL,
    PRIMARY KEY (name)
);
CREATE TABLE summary_windows (
    window VARCHAR NOT NULL,
    begins_at DATETIME NOT NULL,
    ends_at DATETIME NOT NULL,
    composed_by VARCHAR NOT NULL,
    composed_at DATETIME NOT NULL,
    late BOOLEAN NOT NULL,
    subject VARCHAR NOT NULL,
    recipients JSON NOT NULL,
    problem VARCHAR NOT NULL,
    PRIMARY KEY (window)
);
CREATE TABLE supply_forecasts (
    printer_id VARCHAR NOT NULL,
    supply_index VARCHAR NOT NULL,
    days_left FLOAT,
    days_left_low FLOAT,
    days_left_high FLOAT,
    percent_per_day FLOAT,
    refilled_at DATETIME,
    points INTEGER NOT NULL,
    reason VARCHAR NOT NULL,
    computed_at DATETIME NOT NULL,
    PRIMARY KEY (printer_id, supply_index)
);
CREATE INDEX supply_forecasts_days ON supply_forecasts (days_left);
CREATE TABLE triage (
    attention_id INTEGER NOT NULL,
    assignee VARCHAR NOT NULL,
    acknowledged_by VARCHAR NOT NULL,
    acknowledged_at DATETIME,
    snoozed_until DATETIME,
    note VARCHAR NOT NULL,
    issue_id INTEGER,
    updated_by VARCHAR NOT NULL,
    updated_at DATETIME NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (attention_id)
);
CREATE TABLE users (
    id INTEGER NOT NULL,
    name VARCHAR NOT NULL,
    full_name VARCHAR NOT NULL,
    email VARCHAR NOT NULL,
    role VARCHAR NOT NULL,
    password_hash VARCHAR NOT NULL,
    active BOOLEAN NOT NULL,
    receives_summary BOOLEAN NOT NULL,
    must_change_password BOOLEAN NOT NULL,
    subject VARCHAR NOT NULL,
    created_at DATETIME NOT NULL,
    updated_at DATETIME NOT NULL,
    signed_in_at DATETIME,
    version INTEGER NOT NULL, password_expires_at DATETIME, second_factor VARCHAR DEFAULT '' NOT NULL, second_factor_step INTEGER DEFAULT '0' NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (name)
);
CREATE TABLE login_sessions (
    token_hash VARCHAR NOT NULL,
    user_id INTEGER NOT NULL,
    csrf VARCHAR NOT NULL,
    created_at DATETIME NOT NULL,
    seen_at DATETIME NOT NULL,
    expires_at DATETIME NOT NULL,
    revoked_at DATETIME,
    address VARCHAR NOT NULL,
    agent VARCHAR NOT NULL, confirmed_at DATETIME, method VARCHAR DEFAULT 'password' NOT NULL,
    PRIMARY KEY (token_hash),
    FOREIGN KEY(user_id) REFERENCES users (id)
);
CREATE INDEX login_sessions_user ON login_sessions (user_id, revoked_at);
CREATE INDEX snapshots_failed ON snapshots (printer_id) WHERE reachable = 0;
CREATE TABLE IF NOT EXISTS "issues" (
    id INTEGER NOT NULL,
    printer_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    attention_code VARCHAR NOT NULL,
    attention_subject VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    details TEXT DEFAULT ('') NOT NULL,
    category VARCHAR NOT NULL,
    priority VARCHAR NOT NULL,
    status VARCHAR NOT NULL,
    reporter VARCHAR NOT NULL,
    contact VARCHAR NOT NULL,
    assignee VARCHAR NOT NULL,
    opened_at DATETIME NOT NULL,
    updated_at DATETIME NOT NULL,
    resolved_at DATETIME,
    closed_at DATETIME,
    version INTEGER NOT NULL,
    earlier_device BOOLEAN DEFAULT 0 NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX issues_status ON issues (status, updated_at);
CREATE INDEX issues_printer ON issues (printer_id, status);
CREATE UNIQUE INDEX issues_one_per_flag ON issues (printer_id, attention_code, attention_subject) WHERE kind = 'device' AND status NOT IN ('resolved', 'closed') AND NOT earlier_device;
CREATE TABLE printer_moves (
    printer_id VARCHAR NOT NULL,
    site VARCHAR NOT NULL,
    left_at DATETIME NOT NULL,
    PRIMARY KEY (printer_id, site)
);
CREATE TABLE IF NOT EXISTS "services" (
    service VARCHAR NOT NULL,
    instance VARCHAR NOT NULL,
    site VARCHAR DEFAULT '' NOT NULL,
    status VARCHAR NOT NULL,
    seen_at DATETIME NOT NULL,
    started_at DATETIME,
    version VARCHAR NOT NULL,
    counters JSON NOT NULL,
    dismissed_at DATETIME,
    CONSTRAINT services_pkey PRIMARY KEY (service, instance, site)
);
CREATE TABLE recovery_codes (
    user_id INTEGER NOT NULL,
    code_hash VARCHAR NOT NULL,
    created_at DATETIME NOT NULL,
    PRIMARY KEY (user_id, code_hash),
    FOREIGN KEY(user_id) REFERENCES users (id)
);

INSERT INTO alembic_version (version_num) VALUES ('0006');

INSERT INTO printers ("printer_id", "name", "host", "port", "location", "site", "profile", "model", "serial", "enabled", "notes", "version", "created_at", "updated_at", "mac") VALUES
    ('library-1', 'Library', '192.0.2.10', 161, 'Library, ground floor', 'main', 'default', 'Example 9000', 'X1', TRUE, 'Beside the stairs; key at the desk.', 3, '2026-01-02 08:00:00.000000', '2026-01-20 08:00:00.000000', '00:11:22:aa:bb:cc');
INSERT INTO printers ("printer_id", "name", "host", "port", "location", "site", "profile", "model", "serial", "enabled", "notes", "version", "created_at", "updated_at", "mac") VALUES
    ('annex-1', 'Annex', '192.0.2.20', 1161, 'Annex, 2nd floor', 'annex', 'secure', '', 'Y7', FALSE, '', 1, '2026-01-02 08:00:00.000000', '2026-01-02 08:00:00.000000', '');
INSERT INTO snapshots ("printer_id", "reading_id", "taken_at", "seq", "received_at", "stale_at", "reachable", "state", "severity", "lowest_supply_percent", "payload", "memory", "revision", "published_revision", "owed", "model", "serial") VALUES
    ('library-1', '9f2c1e', '2026-01-31 12:00:00.000000', 9007199254740990, '2026-01-31 12:00:00.000000', '2026-01-31 12:10:00.000000', TRUE, 'idle', 'warning', 7, '{"schema_version": 1, "printer_id": "library-1", "name": "Library", "location": "Library, ground floor", "site": "main", "taken_at": "2026-01-31T12:00:00Z", "answered_at": "2026-01-31T12:00:00Z", "stale_at": "2026-01-31T12:10:00Z", "refresh_id": null, "reachable": true, "error": null, "state": "idle", "severity": "warning", "attention": [{"code": "supply_low", "subject": "1.1", "severity": "warning", "message": "Black Toner is low (7 %).", "since_at": "2026-01-30T08:00:00Z", "fixer": "technician", "readings": 12, "stops": false, "evidence": [{"object": "prtMarkerSuppliesLevel", "index": "1.1", "value": "7"}]}], "device_status": "running", "printer_status": "idle", "detected_errors": ["low_toner"], "alerts": [{"index": "1.7", "severity": "warning", "training_level": "trained", "group": "marker_supplies", "group_index": 1, "location": 1, "code": "marker_toner_almost_empty", "description": "Toner low", "time": 4711}], "supplies": [{"index": "1.1", "description": "Black Toner", "supply_type": "toner_cartridge", "supply_class": "supply_that_is_consumed", "supply_unit": "percent", "colorant": "black", "level": 7, "max_capacity": 100, "level_state": "measured", "level_percent": 7, "source": "prtMarkerSuppliesLevel", "pages_left": null}], "input_trays": [{"index": "1.2", "name": "Tray 2", "description": null, "media_name": "A4", "input_type": "sheet_feed_auto_removable_tray", "capacity_unit": "sheets", "status": 0, "level": -3, "max_capacity": 500, "level_state": "some_remaining", "level_percent": null}], "covers": [{"index": "1.1", "description": "Front", "status": "cover_closed"}], "output_trays": [], "marker_life_count": 12345, "counter_unit": "impressions", "counters": [], "counters_at": null, "counters_serial": null, "model": "Example 9000", "serial_number": "X1", "console_text": "Ready", "system_name": "lib-1", "system_description": "Example 9000", "system_location": "Library", "uptime_ticks": 123456, "incomplete_tables": []}', '{"polarity": {"1.1": "remaining"}, "gone": {"jam|": 1}, "charset": 106}', 41, 40, TRUE, 'Example 9000', 'X1');
INSERT INTO snapshots ("printer_id", "reading_id", "taken_at", "seq", "received_at", "stale_at", "reachable", "state", "severity", "lowest_supply_percent", "payload", "memory", "revision", "published_revision", "owed", "model", "serial") VALUES
    ('annex-1', '9f2c00', '2026-01-31 11:58:00.000000', 17, '2026-01-31 11:58:01.500000', '2026-01-31 12:08:00.000000', FALSE, 'unreachable', 'critical', NULL, '{"schema_version": 1, "printer_id": "annex-1", "name": "Annex", "location": "Annex, 2nd floor", "site": "annex", "taken_at": "2026-01-31T11:58:00Z", "answered_at": "2026-01-30T07:00:00Z", "stale_at": "2026-01-31T12:08:00Z", "reachable": false, "error": "192.0.2.20 does not answer.", "state": "unreachable", "severity": "critical", "attention": [{"code": "unreachable", "subject": "", "severity": "critical", "message": "The printer does not answer.", "since_at": "2026-01-30T08:00:00Z", "fixer": "anyone", "readings": 336, "stops": true, "evidence": []}], "marker_life_count": 48210, "counter_unit": "impressions", "model": "Example 400", "serial_number": "Y7"}', '{"misses": 336, "missed_since": "2026-01-30T08:00:00+00:00"}', 5, 5, FALSE, 'Example 400', 'Y7');
INSERT INTO attention ("id", "printer_id", "code", "subject", "severity", "message", "fixer", "since_at", "cleared_at", "evidence") VALUES
    (1, 'library-1', 'jam', '', 'critical', 'Paper is jammed.', 'anyone', '2026-01-29 08:00:00.000000', '2026-01-29 09:00:00.000000', '[{"object": "hrPrinterDetectedErrorState", "index": "1", "value": "0400"}]');
INSERT INTO attention ("id", "printer_id", "code", "subject", "severity", "message", "fixer", "since_at", "cleared_at", "evidence") VALUES
    (2, 'library-1', 'supply_low', '1.1', 'warning', 'Black Toner is low (7 %).', 'technician', '2026-01-30 08:00:00.000000', NULL, '[{"object": "prtMarkerSuppliesLevel", "index": "1.1", "value": "7"}]');
INSERT INTO attention ("id", "printer_id", "code", "subject", "severity", "message", "fixer", "since_at", "cleared_at", "evidence") VALUES
    (3, 'annex-1', 'unreachable', '', 'critical', 'The printer does not answer.', 'anyone', '2026-01-30 08:00:00.000000', NULL, '[]');
INSERT INTO issues ("id", "printer_id", "kind", "attention_code", "attention_subject", "title", "details", "category", "priority", "status", "reporter", "contact", "assignee", "opened_at", "updated_at", "resolved_at", "closed_at", "version") VALUES
    (1, 'annex-1', 'device', 'unreachable', '', 'The printer does not answer.', '', 'offline', 'high', 'open', '', '', 'bo', '2026-01-30 08:00:00.000000', '2026-01-30 09:00:00.000000', NULL, NULL, 2);
INSERT INTO issues ("id", "printer_id", "kind", "attention_code", "attention_subject", "title", "details", "category", "priority", "status", "reporter", "contact", "assignee", "opened_at", "updated_at", "resolved_at", "closed_at", "version") VALUES
    (2, 'library-1', 'person', '', '', 'Gray streaks on every page', 'Since the new drum.
Also on copies; it''s worse in color.', 'other', 'normal', 'closed', 'Ann Müller', 'ann@example.org', '', '2026-01-10 08:00:00.000000', '2026-01-12 08:00:00.000000', '2026-01-11 08:00:00.000000', '2026-01-12 08:00:00.000000', 4);
INSERT INTO issue_events ("id", "issue_id", "at", "actor", "change", "details", "owed") VALUES
    (1, 1, '2026-01-30 08:00:00.000000', 'processor', 'opened', '{}', FALSE);
INSERT INTO issue_events ("id", "issue_id", "at", "actor", "change", "details", "owed") VALUES
    (2, 1, '2026-01-30 09:00:00.000000', 'bo', 'assigned', '{"assignee": ["", "bo"]}', TRUE);
INSERT INTO issue_events ("id", "issue_id", "at", "actor", "change", "details", "owed") VALUES
    (3, 2, '2026-01-11 08:00:00.000000', 'bo', 'resolved', '{"status": ["open", "resolved"]}', FALSE);
INSERT INTO history_outbox ("id", "payload", "sent_at") VALUES
    (70000, '{"schema_version": 1, "printer_id": "library-1", "taken_at": "2026-01-31T12:00:00Z", "reachable": true, "state": "idle", "marker_life_count": 12345, "supplies": {"1.1": {"level": 7, "percent": 7}}}', NULL);
INSERT INTO history_outbox ("id", "payload", "sent_at") VALUES
    (69999, '{"schema_version": 1, "printer_id": "library-1", "taken_at": "2026-01-31T11:55:00Z", "reachable": true, "state": "idle", "marker_life_count": 12345, "supplies": {"1.1": {"level": 7, "percent": 7}}}', '2026-01-31 11:55:02.000000');
INSERT INTO history_refused ("id", "payload", "reason", "at") VALUES
    (1, '{"schema_version": 1, "printer_id": "library-1", "taken_at": "2026-01-31T11:50:00Z", "reachable": true, "state": "idle", "marker_life_count": 12345, "supplies": {"1.1": {"level": 7, "percent": 7}}}', 'field type conflict', '2026-01-31 11:00:00.000000');
INSERT INTO rejected_messages ("id", "topic", "reason", "at", "size_bytes", "excerpt") VALUES
    (1, 'printers/x/reading', 'not JSON', '2026-01-28 08:00:00.000000', 3, '7b7b7b');
INSERT INTO services ("service", "instance", "site", "status", "seen_at", "started_at", "version", "counters") VALUES
    ('collector', 'box', 'main', 'online', '2026-01-31 12:00:00.000000', '2026-01-31 08:00:00.000000', '0.1.0', '{"spool": 0.0, "printers": 2.0}');
INSERT INTO services ("service", "instance", "site", "status", "seen_at", "started_at", "version", "counters") VALUES
    ('processor', 'box', '', 'online', '2026-01-31 12:00:00.000000', '2026-01-31 08:00:00.000000', '0.1.0', '{"outbox": 1.0}');
INSERT INTO services ("service", "instance", "site", "status", "seen_at", "started_at", "version", "counters") VALUES
    ('notifier', 'old-box', '', 'offline', '2026-01-03 08:00:00.000000', NULL, '', '{}');
INSERT INTO supply_forecasts ("printer_id", "supply_index", "days_left", "days_left_low", "days_left_high", "percent_per_day", "refilled_at", "points", "reason", "computed_at") VALUES
    ('library-1', '1.1', 4.5, 3.25, NULL, 1.5, '2026-01-05 08:00:00.000000', 212, '', '2026-01-31 11:00:00.000000');
INSERT INTO supply_forecasts ("printer_id", "supply_index", "days_left", "days_left_low", "days_left_high", "percent_per_day", "refilled_at", "points", "reason", "computed_at") VALUES
    ('annex-1', '1.1', NULL, NULL, NULL, NULL, NULL, 0, 'no_history', '2026-01-31 11:00:00.000000');
INSERT INTO users ("id", "name", "full_name", "email", "role", "password_hash", "active", "receives_summary", "must_change_password", "subject", "created_at", "updated_at", "signed_in_at", "version") VALUES
    (1, 'maya', 'Maya Stone', 'maya@example.org', 'admin', '$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaA', TRUE, TRUE, FALSE, '', '2026-01-01 08:00:00.000000', '2026-01-20 08:00:00.000000', '2026-01-31 08:00:00.000000', 5);
INSERT INTO users ("id", "name", "full_name", "email", "role", "password_hash", "active", "receives_summary", "must_change_password", "subject", "created_at", "updated_at", "signed_in_at", "version") VALUES
    (2, 'bo', '', '', 'technician', '', FALSE, FALSE, TRUE, 'https://login.example.org|17', '2026-01-02 08:00:00.000000', '2026-01-02 08:00:00.000000', NULL, 1);
INSERT INTO login_sessions ("token_hash", "user_id", "csrf", "created_at", "seen_at", "expires_at", "revoked_at", "address", "agent") VALUES
    ('0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f', 1, 'c5rf', '2026-01-31 08:00:00.000000', '2026-01-31 12:00:00.000000', '2026-03-02 08:00:00.000000', NULL, '192.0.2.77', 'Firefox on Linux');
INSERT INTO api_tokens ("id", "name", "token_hash", "role", "created_by", "created_at", "used_at", "revoked_at") VALUES
    (1, 'grafana', 'a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1', 'technician', 'maya', '2026-01-05 08:00:00.000000', '2026-01-31 11:00:00.000000', NULL);
INSERT INTO attempts ("id", "key", "at") VALUES
    (1, 'login-user:maya', '2026-01-31 07:00:00.000000');
INSERT INTO audit ("id", "at", "actor", "action", "subject", "details") VALUES
    (1, '2026-01-02 08:00:00.000000', 'console', 'printer.created', 'library-1', '{}');
INSERT INTO audit ("id", "at", "actor", "action", "subject", "details") VALUES
    (2, '2026-01-20 08:00:00.000000', 'maya', 'printer.changed', 'library-1', '{"site": ["depot", "main"], "host": ["192.0.2.9", "192.0.2.10"]}');
INSERT INTO triage ("attention_id", "assignee", "acknowledged_by", "acknowledged_at", "snoozed_until", "note", "issue_id", "updated_by", "updated_at", "version") VALUES
    (2, 'bo', 'maya', '2026-01-30 09:00:00.000000', '2026-02-02 08:00:00.000000', 'Ordered.', NULL, 'maya', '2026-01-30 09:00:00.000000', 2);
INSERT INTO mail_outbox ("id", "key", "kind", "channel", "recipient", "subject", "body_text", "body_html", "message_id", "headers", "attachment_name", "attachment", "created_at", "status", "attempts", "first_try_at", "next_try_at", "claimed_by", "last_error", "sent_at") VALUES
    (1, 'summary|2026-01-31|maya@example.org', 'summary', 'mail', 'maya@example.org', 'Printers: 1 critical, 1 warning', 'Annex does not answer.
Library: black toner is low.', '<p>Annex does not answer.</p>', '<1@example.org>', '{"List-Unsubscribe": "<https://printers.example.org/u/1>"}', '', NULL, '2026-01-31 07:00:00.000000', 'sent', 1, '2026-01-31 07:00:00.000000', '2026-01-31 07:00:00.000000', 'box', '', '2026-01-31 07:00:00.000000');
INSERT INTO mail_outbox ("id", "key", "kind", "channel", "recipient", "subject", "body_text", "body_html", "message_id", "headers", "attachment_name", "attachment", "created_at", "status", "attempts", "first_try_at", "next_try_at", "claimed_by", "last_error", "sent_at") VALUES
    (2, 'order|20260126|shop@example.org', 'order', 'mail', 'shop@example.org', 'Supplies to order', '1 black toner', '', '<2@example.org>', '{}', 'order.csv', X'706172742c636f756e740d0a626c61636b20746f6e65722c310d0aff00', '2026-01-26 07:00:00.000000', 'due', 3, '2026-01-26 07:00:00.000000', '2026-01-31 12:00:00.000000', 'box', 'the server is busy', NULL);
INSERT INTO summary_windows ("window", "begins_at", "ends_at", "composed_by", "composed_at", "late", "subject", "recipients", "problem") VALUES
    ('2026-01-31', '2026-01-30 07:00:00.000000', '2026-01-31 07:00:00.000000', 'box', '2026-01-31 07:00:00.000000', FALSE, 'Printers: 1 critical, 1 warning', '["maya@example.org"]', '');
INSERT INTO notices ("attention_id", "printer_id", "code", "noticed_at", "how", "escalated_at", "resolved_at") VALUES
    (3, 'annex-1', 'unreachable', '2026-01-30 08:00:00.000000', 'single', '2026-01-30 09:00:00.000000', NULL);
INSERT INTO notifier_cursors ("name", "position", "updated_at") VALUES
    ('events', 3, '2026-01-31 12:00:00.000000');
INSERT INTO recovery_codes ("user_id", "code_hash", "created_at") VALUES
    (1, 'b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2', '2026-01-21 08:00:00.000000');
INSERT INTO users ("id", "name", "full_name", "email", "role", "password_hash", "active", "receives_summary", "must_change_password", "subject", "created_at", "updated_at", "signed_in_at", "version", "password_expires_at", "second_factor", "second_factor_step") VALUES
    (3, 'cleo', 'Cleo Reed', 'cleo@example.org', 'manager', '$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHRzYWx0$b3RoZXJvdGhlcm90aGVy', TRUE, FALSE, TRUE, '', '2026-01-30 08:00:00.000000', '2026-01-30 08:00:00.000000', NULL, 1, '2026-02-06 08:00:00.000000', 'gAAAAABsecondfactor', 58976640);
INSERT INTO login_sessions ("token_hash", "user_id", "csrf", "created_at", "seen_at", "expires_at", "revoked_at", "address", "agent", "confirmed_at", "method") VALUES
    ('1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e', 1, 'c6rf', '2026-01-31 08:00:00.000000', '2026-01-31 12:00:00.000000', '2026-03-02 08:00:00.000000', '2026-01-31 09:00:00.000000', '', '', '2026-01-31 08:00:00.000000', 'provider');
INSERT INTO api_tokens ("id", "name", "token_hash", "role", "created_by", "created_at", "used_at", "revoked_at", "expires_at") VALUES
    (2, 'backup', 'a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2', 'manager', 'maya', '2026-01-05 08:00:00.000000', NULL, NULL, '2026-05-05 08:00:00.000000');
INSERT INTO attention ("id", "printer_id", "code", "subject", "severity", "message", "fixer", "since_at", "cleared_at", "outcome", "evidence") VALUES
    (4, 'library-1', 'supply_empty', '1.2', 'critical', 'Cyan Toner is empty.', 'technician', '2026-01-15 08:00:00.000000', '2026-01-16 08:00:00.000000', 'device_changed', '[]');
INSERT INTO issues ("id", "printer_id", "kind", "attention_code", "attention_subject", "title", "details", "category", "priority", "status", "reporter", "contact", "assignee", "opened_at", "updated_at", "resolved_at", "closed_at", "earlier_device", "version") VALUES
    (3, 'library-1', 'device', 'supply_empty', '1.2', 'Cyan Toner is empty.', '', 'supplies', 'high', 'open', '', '', '', '2026-01-15 08:00:00.000000', '2026-01-16 08:00:00.000000', NULL, NULL, TRUE, 1);
INSERT INTO services ("service", "instance", "site", "status", "seen_at", "started_at", "version", "counters", "dismissed_at") VALUES
    ('collector', 'box', 'annex', 'offline', '2026-01-09 08:00:00.000000', NULL, '0.1.0', '{}', '2026-01-10 08:00:00.000000');
INSERT INTO printer_moves ("printer_id", "site", "left_at") VALUES
    ('annex-1', 'main', '2026-01-18 08:00:00.000000');
