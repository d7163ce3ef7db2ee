"""The tables of the exporter's state, as the steps from version to version. A step that was released never changes.

Decimals are text, exactly as they were; ``_ms`` are integers, ``_s`` Unix seconds; labels are JSON with sorted keys.
"""

from __future__ import annotations

from plimsoll.database.file import Form

VERSION_1 = (
    (
        "CREATE TABLE standing (account TEXT PRIMARY KEY, units TEXT NOT NULL, unit_value TEXT NOT NULL,"
        " sampled_at_s REAL NOT NULL) WITHOUT ROWID"
    ),
    (
        "CREATE TABLE rule_standing (account TEXT NOT NULL, rule TEXT NOT NULL, definition TEXT NOT NULL,"
        " reference TEXT NOT NULL, reference_at_s REAL NOT NULL, start TEXT NOT NULL, day TEXT,"
        " estimated INTEGER NOT NULL, breached INTEGER NOT NULL, breached_at_s REAL, checkpoint TEXT,"
        " PRIMARY KEY (account, rule)) WITHOUT ROWID"
    ),
    (
        "CREATE TABLE wallet (account TEXT NOT NULL, asset TEXT NOT NULL, balance TEXT NOT NULL,"
        " updated_ms INTEGER NOT NULL, PRIMARY KEY (account, asset)) WITHOUT ROWID"
    ),
    # An empty key is a flow that no income row has confirmed yet; there may be many of them.
    (
        "CREATE TABLE flow (id INTEGER PRIMARY KEY, account TEXT NOT NULL, asset TEXT NOT NULL, amount TEXT NOT NULL,"
        " usd TEXT NOT NULL, time_ms INTEGER NOT NULL, kind TEXT NOT NULL, source TEXT NOT NULL,"
        " income_key TEXT NOT NULL, booked_at_s REAL NOT NULL)"
    ),
    "CREATE UNIQUE INDEX flow_income_key ON flow (account, income_key) WHERE income_key <> ''",
    "CREATE INDEX flow_time ON flow (account, time_ms)",
    (
        "CREATE TABLE cursor (account TEXT NOT NULL, name TEXT NOT NULL, until_ms INTEGER NOT NULL,"
        " PRIMARY KEY (account, name)) WITHOUT ROWID"
    ),
    (
        "CREATE TABLE counter (account TEXT NOT NULL, name TEXT NOT NULL, labels TEXT NOT NULL, value TEXT NOT NULL,"
        " last_at_s REAL, PRIMARY KEY (account, name, labels)) WITHOUT ROWID"
    ),
    (
        "CREATE TABLE seen (account TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, time_ms INTEGER NOT NULL,"
        " PRIMARY KEY (account, kind, key)) WITHOUT ROWID"
    ),
    "CREATE INDEX seen_time ON seen (kind, time_ms)",
    (
        "CREATE TABLE rebase (id INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, rule TEXT NOT NULL,"
        " reason TEXT NOT NULL, requested_at_s REAL NOT NULL, requested_by TEXT NOT NULL, done_at_s REAL,"
        " reference_before TEXT, floor_before TEXT, reference_after TEXT, floor_after TEXT,"
        " refused TEXT NOT NULL DEFAULT '')"
    ),
    (
        "CREATE TABLE audit (id INTEGER PRIMARY KEY AUTOINCREMENT, time_s REAL NOT NULL, account TEXT NOT NULL,"
        " rule TEXT NOT NULL, action TEXT NOT NULL, reason TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL,"
        " source TEXT NOT NULL)"
    ),
)
"""What drawdown needs."""

VERSION_2 = (
    (
        "CREATE TABLE file_position (path TEXT PRIMARY KEY, inode INTEGER NOT NULL, offset INTEGER NOT NULL,"
        " fingerprint TEXT NOT NULL) WITHOUT ROWID"
    ),
    (
        "CREATE TABLE position (account TEXT NOT NULL, symbol TEXT NOT NULL, side TEXT NOT NULL, opened_ms INTEGER,"
        " entries INTEGER NOT NULL, orders TEXT NOT NULL, PRIMARY KEY (account, symbol, side)) WITHOUT ROWID"
    ),
    (
        "CREATE TABLE alert (account TEXT NOT NULL, alert TEXT NOT NULL, labels TEXT NOT NULL,"
        " starts_at_s REAL NOT NULL, PRIMARY KEY (account, alert, labels)) WITHOUT ROWID"
    ),
)
"""What orders, followed log files and alerts need."""

VERSION_3 = (
    (
        "CREATE TABLE ended_order (id INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, time_s REAL NOT NULL,"
        " learned_s REAL NOT NULL, source TEXT NOT NULL, outcome TEXT NOT NULL, intent TEXT NOT NULL,"
        " reason TEXT NOT NULL, code INTEGER, message TEXT NOT NULL, symbol TEXT NOT NULL, direction TEXT NOT NULL,"
        " type TEXT NOT NULL, quantity TEXT NOT NULL, client_id TEXT NOT NULL)"
    ),
    "CREATE INDEX ended_order_account ON ended_order (account, outcome = 'rejected', id)",
)
"""The last orders of each account, executed and rejected."""

VERSION_4 = (
    "ALTER TABLE position ADD COLUMN amount TEXT NOT NULL DEFAULT '0'",
    "ALTER TABLE position ADD COLUMN moved_ms INTEGER NOT NULL DEFAULT 0",
)
"""By what a kept position is told from another one of now."""

VERSION_5 = (
    "ALTER TABLE ended_order ADD COLUMN executed TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE ended_order ADD COLUMN average_price TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE ended_order ADD COLUMN realized TEXT NOT NULL DEFAULT ''",
    (
        "CREATE TABLE closing_order (id INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, symbol TEXT NOT NULL,"
        " book TEXT NOT NULL, order_id INTEGER NOT NULL, client_id TEXT NOT NULL, direction TEXT NOT NULL,"
        " position_side TEXT NOT NULL, type TEXT NOT NULL, purpose TEXT NOT NULL, quantity TEXT NOT NULL,"
        " close_position INTEGER NOT NULL, price TEXT NOT NULL, trigger_price TEXT NOT NULL, watches TEXT NOT NULL,"
        " since_s REAL NOT NULL, ended_s REAL, outcome TEXT NOT NULL, reason TEXT NOT NULL,"
        " average_price TEXT NOT NULL)"
    ),
    "CREATE UNIQUE INDEX closing_order_key ON closing_order (account, symbol, book, order_id)",
)
"""What the incident report tells of fills, and of the orders that were to close positions."""

VERSION_6 = ("ALTER TABLE alert ADD COLUMN over_at_s REAL",)
"""Since when an alert of the fast lane is over: its end may have to be told again."""

STATE = Form(
    application_id=0x506C696D,  # "Plim"
    migrations=(VERSION_1, VERSION_2, VERSION_3, VERSION_4, VERSION_5, VERSION_6),
    way_out=(
        "Move it away together with its -wal and -shm files: the exporter then begins anew, counters at 0; "
        "drawdown references must be set by high_water_usd or rebase"
    ),
)
"""``state.sqlite`` in the exporter's ``data_dir``."""
