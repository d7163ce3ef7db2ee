"""The tables of the enforcer's journal, as the steps from version to version. A step that was released never changes.

``_s`` are Unix seconds; what has parts is JSON with decimals as text.
"""

from __future__ import annotations

from plimsoll.database.file import Form

VERSION_1 = (
    # One breach under watch an account: the alert of each of its rules.
    (
        "CREATE TABLE watch (account TEXT PRIMARY KEY, began_at_s REAL NOT NULL, claims TEXT NOT NULL,"
        " rehearsed INTEGER NOT NULL) WITHOUT ROWID"
    ),
    (
        "CREATE TABLE run (run_id TEXT PRIMARY KEY, account TEXT NOT NULL, mode TEXT NOT NULL, reason TEXT NOT NULL,"
        " began_at_s REAL NOT NULL, ended_at_s REAL, outcome TEXT NOT NULL, result TEXT) WITHOUT ROWID"
    ),
    "CREATE INDEX run_by_time ON run (began_at_s)",
    (
        "CREATE TABLE audit (id INTEGER PRIMARY KEY, run_id TEXT NOT NULL, at_s REAL NOT NULL, kind TEXT NOT NULL,"
        " text TEXT NOT NULL, detail TEXT NOT NULL)"
    ),
    "CREATE INDEX audit_by_run ON audit (run_id)",
    # Written before an order is sent; without an answer it is looked up after a restart.
    (
        "CREATE TABLE sent (client_id TEXT PRIMARY KEY, run_id TEXT NOT NULL, number INTEGER NOT NULL,"
        " content TEXT NOT NULL, answer TEXT) WITHOUT ROWID"
    ),
    "CREATE INDEX sent_by_run ON sent (run_id)",
    # until_s is empty until released by hand; a release is kept with who and why.
    (
        "CREATE TABLE lockout (id INTEGER PRIMARY KEY, account TEXT NOT NULL, since_s REAL NOT NULL, until_s REAL,"
        " reason TEXT NOT NULL, rules TEXT NOT NULL, leverages TEXT NOT NULL, released_at_s REAL,"
        " released_by TEXT NOT NULL, released_why TEXT NOT NULL)"
    ),
    "CREATE UNIQUE INDEX lockout_standing ON lockout (account) WHERE released_at_s IS NULL",
    (
        "CREATE TABLE counter (account TEXT NOT NULL, name TEXT NOT NULL, label TEXT NOT NULL, value INTEGER NOT NULL,"
        " PRIMARY KEY (account, name, label)) WITHOUT ROWID"
    ),
    "CREATE TABLE mark (name TEXT PRIMARY KEY, value REAL NOT NULL) WITHOUT ROWID",
)

JOURNAL = Form(
    application_id=0x504C_4A31,  # "PLJ1"
    migrations=(VERSION_1,),
    way_out="It is set aside and a new one begun; look at the exchange and release the accounts by hand.",
)
