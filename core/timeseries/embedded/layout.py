"""The layout of the embedded time series, DATA_DIR/history.sqlite3: one row for each reading."""

from typing import Final

FILE_NAME: Final = "history.sqlite3"
VERSION: Final = 5

POINTS: Final = (
    # Before `hourly_until` at most one point an hour is left, before `daily_until` one a day.
    """CREATE TABLE printers (id INTEGER PRIMARY KEY, printer_id TEXT NOT NULL UNIQUE,
        hourly_until INTEGER NOT NULL DEFAULT 0, daily_until INTEGER NOT NULL DEFAULT 0)""",
    # Which supplies the levels of a point are of: a JSON list of their indexes.
    "CREATE TABLE layouts (id INTEGER PRIMARY KEY, indexes TEXT NOT NULL UNIQUE)",
    # `at` is in milliseconds since 1970, `status` is the state's code * 2 + reachable.
    """CREATE TABLE points (printer INTEGER NOT NULL, at INTEGER NOT NULL, status INTEGER NOT NULL,
        marker_life_count INTEGER, layout INTEGER, levels BLOB, PRIMARY KEY (printer, at)) WITHOUT ROWID""",
)
"""Version 1."""
DAYS: Final = (
    # Days before `summed_until` (milliseconds) are summed for good: their points may be thinned.
    "ALTER TABLE printers ADD COLUMN summed_until INTEGER NOT NULL DEFAULT 0",
    # `day` is in days since 1970.
    """CREATE TABLE days (printer INTEGER NOT NULL, day INTEGER NOT NULL, readings INTEGER NOT NULL,
        answered INTEGER NOT NULL, first_count INTEGER, last_count INTEGER, pages INTEGER NOT NULL,
        PRIMARY KEY (printer, day)) WITHOUT ROWID""",
)
"""What version 2 has besides: sums of the days, made before their points are thinned."""
DEVICES: Final = (
    # The number of the device that answered: counts of different ones do not compare.
    "ALTER TABLE points ADD COLUMN device INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE days RENAME TO days_of_version_2",
    """CREATE TABLE days (printer INTEGER NOT NULL, day INTEGER NOT NULL, device INTEGER NOT NULL,
        readings INTEGER NOT NULL, answered INTEGER NOT NULL, first_count INTEGER, last_count INTEGER,
        pages INTEGER NOT NULL, PRIMARY KEY (printer, day, device)) WITHOUT ROWID""",
    """INSERT INTO days SELECT printer, day, 0, readings, answered, first_count, last_count, pages
        FROM days_of_version_2""",
    "DROP TABLE days_of_version_2",
)
"""What version 3 has besides: points and days know their device."""
COUNTERS: Final = (
    # The last count of each day of a vendor's page counter; `device` is which device counted.
    """CREATE TABLE counters (printer INTEGER NOT NULL, counter TEXT NOT NULL, day INTEGER NOT NULL,
        at INTEGER NOT NULL, value INTEGER NOT NULL, device INTEGER NOT NULL,
        PRIMARY KEY (printer, counter, day)) WITHOUT ROWID""",
)
"""What version 4 has besides."""
UNKNOWN_PAGES: Final = (
    "ALTER TABLE days RENAME TO days_of_version_4",
    """CREATE TABLE days (printer INTEGER NOT NULL, day INTEGER NOT NULL, device INTEGER NOT NULL,
        readings INTEGER NOT NULL, answered INTEGER NOT NULL, first_count INTEGER, last_count INTEGER,
        pages INTEGER, PRIMARY KEY (printer, day, device)) WITHOUT ROWID""",
    "INSERT INTO days SELECT * FROM days_of_version_4",
    "DROP TABLE days_of_version_4",
    # What was summed as nothing though nothing could be subtracted: no count, or the only one that far.
    """UPDATE days SET pages = NULL WHERE pages = 0 AND (last_count IS NULL OR answered <= 1 AND NOT EXISTS (
        SELECT 1 FROM days AS earlier WHERE earlier.printer = days.printer
        AND earlier.device = days.device AND earlier.day < days.day AND earlier.last_count IS NOT NULL))""",
)
"""What version 5 has besides: the pages of a day may be unknown."""
