-- The first form of the history. Frozen: what is to change comes as another file.
--
-- A flow's id is the moment it was first seen, in milliseconds since 1970 UTC, times 2^20, plus a
-- number within the millisecond: so the table lies in the order of time and needs no index for it.
-- What many flows have in common stands once, in dictionaries. Every row carries a check sum, so that
-- a damaged one is noticed when it is read: `sum` of a row that can change, `print` of one that
-- cannot, by which a dictionary is searched too. Codes of vocabularies are in src/codes.rs.

-- A stretch of a recorder's run in one time zone.
CREATE TABLE session (
    id INTEGER PRIMARY KEY,
    started_at INTEGER NOT NULL,
    alive_at INTEGER NOT NULL,
    zone TEXT NOT NULL,
    version TEXT NOT NULL,
    data_version TEXT NOT NULL,
    sum INTEGER NOT NULL
) STRICT;

CREATE TABLE word (
    id INTEGER PRIMARY KEY,
    text TEXT NOT NULL,
    print INTEGER NOT NULL UNIQUE
) STRICT;

CREATE TABLE program (
    id INTEGER PRIMARY KEY,
    app INTEGER, -- a word
    evidence INTEGER,
    process TEXT,
    executable TEXT,
    user TEXT,
    own INTEGER NOT NULL,
    print INTEGER NOT NULL UNIQUE
) STRICT;

CREATE TABLE owner (
    id INTEGER PRIMARY KEY,
    program INTEGER NOT NULL,
    pid INTEGER,
    start INTEGER,
    print INTEGER NOT NULL UNIQUE
) STRICT;

CREATE TABLE local (
    id INTEGER PRIMARY KEY,
    address BLOB NOT NULL,
    print INTEGER NOT NULL UNIQUE
) STRICT;

CREATE TABLE remote (
    id INTEGER PRIMARY KEY,
    address BLOB NOT NULL,
    scope INTEGER NOT NULL,
    country TEXT,
    city TEXT,
    latitude REAL,
    longitude REAL,
    accuracy_km INTEGER,
    precision INTEGER, -- set when there is a place
    place_source INTEGER,
    asn INTEGER, -- set when there is a network
    organisation TEXT,
    operator TEXT,
    anycast INTEGER NOT NULL,
    role INTEGER,
    print INTEGER NOT NULL UNIQUE
) STRICT;

CREATE TABLE name (
    id INTEGER PRIMARY KEY,
    names TEXT NOT NULL, -- one a line
    source INTEGER NOT NULL,
    print INTEGER NOT NULL UNIQUE
) STRICT;

CREATE TABLE flow (
    id INTEGER PRIMARY KEY,
    open INTEGER NOT NULL,
    lasted INTEGER NOT NULL, -- milliseconds; of an open flow as last written
    owner INTEGER,
    app INTEGER, -- a word
    remote INTEGER NOT NULL,
    port INTEGER NOT NULL, -- the service's
    other_port INTEGER NOT NULL,
    local INTEGER NOT NULL,
    name INTEGER,
    kind INTEGER NOT NULL, -- protocol, direction, state, ownership, evidence, ending
    sent INTEGER,
    received INTEGER,
    possibly INTEGER, -- a word
    namespace INTEGER NOT NULL,
    sum INTEGER NOT NULL
) STRICT;

CREATE INDEX flow_app ON flow (app) WHERE app IS NOT NULL;
CREATE INDEX flow_remote ON flow (remote);
CREATE INDEX flow_port ON flow (port);
CREATE INDEX flow_name ON flow (name) WHERE name IS NOT NULL;
CREATE INDEX flow_open ON flow (open) WHERE open = 1;
CREATE INDEX flow_long ON flow (lasted) WHERE lasted >= 3600000;

-- Short repeated flows of one hour (UTC) that have everything here in common; what they do not have
-- in common is in `members` (src/fold/members.rs). The id is the hour's beginning as a flow's id would
-- be, plus a number.
CREATE TABLE fold (
    id INTEGER PRIMARY KEY,
    count INTEGER NOT NULL,
    app INTEGER,
    remote INTEGER NOT NULL,
    port INTEGER NOT NULL,
    local INTEGER NOT NULL,
    name INTEGER,
    kind INTEGER NOT NULL,
    possibly INTEGER,
    namespace INTEGER NOT NULL,
    members BLOB NOT NULL,
    sum INTEGER NOT NULL
) STRICT;

CREATE INDEX fold_app ON fold (app) WHERE app IS NOT NULL;
CREATE INDEX fold_remote ON fold (remote);
CREATE INDEX fold_port ON fold (port);
CREATE INDEX fold_name ON fold (name) WHERE name IS NOT NULL;

-- Who used what on which local day. `value` is a word, or a port; `app` 0 is "not identified".
CREATE TABLE day_use (
    facet INTEGER NOT NULL,
    day INTEGER NOT NULL,
    value INTEGER NOT NULL,
    app INTEGER NOT NULL,
    imported INTEGER NOT NULL,
    flows INTEGER NOT NULL,
    mapped INTEGER NOT NULL,
    sent INTEGER NOT NULL,
    received INTEGER NOT NULL,
    first_seen INTEGER,
    last_seen INTEGER,
    sum INTEGER NOT NULL,
    PRIMARY KEY (facet, day, value, app, imported)
) STRICT, WITHOUT ROWID;

-- The same, all apps of a value together: a month of it is read at once.
CREATE TABLE day_total (
    facet INTEGER NOT NULL,
    day INTEGER NOT NULL,
    value INTEGER NOT NULL,
    imported INTEGER NOT NULL,
    flows INTEGER NOT NULL,
    mapped INTEGER NOT NULL,
    sent INTEGER NOT NULL,
    received INTEGER NOT NULL,
    first_seen INTEGER,
    last_seen INTEGER,
    sum INTEGER NOT NULL,
    PRIMARY KEY (facet, day, value, imported)
) STRICT, WITHOUT ROWID;

-- What began and went through in each five minutes; `app` as above.
CREATE TABLE slot_use (
    slot INTEGER NOT NULL,
    app INTEGER NOT NULL,
    flows INTEGER NOT NULL,
    sent INTEGER NOT NULL,
    received INTEGER NOT NULL,
    sum INTEGER NOT NULL,
    PRIMARY KEY (slot, app)
) STRICT, WITHOUT ROWID;

-- The same of all apps together.
CREATE TABLE slot_total (
    slot INTEGER PRIMARY KEY,
    flows INTEGER NOT NULL,
    sent INTEGER NOT NULL,
    received INTEGER NOT NULL,
    sum INTEGER NOT NULL
) STRICT;

CREATE TABLE listener (
    id INTEGER PRIMARY KEY,
    first_seen INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    open INTEGER NOT NULL,
    protocol INTEGER NOT NULL,
    local INTEGER NOT NULL,
    port INTEGER NOT NULL,
    owner INTEGER,
    sum INTEGER NOT NULL
) STRICT;

CREATE TABLE gap (
    id INTEGER PRIMARY KEY,
    since INTEGER NOT NULL,
    until INTEGER NOT NULL,
    why INTEGER NOT NULL,
    lost INTEGER,
    sum INTEGER NOT NULL
) STRICT;

-- What is hidden, and erased when it is due. `what`: 1 before a day, 2 an app (by its word), 3 all.
CREATE TABLE forgetting (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    what INTEGER NOT NULL,
    value INTEGER NOT NULL,
    asked_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    sum INTEGER NOT NULL
) STRICT;

-- How far the work of tidying has come.
CREATE TABLE progress (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
