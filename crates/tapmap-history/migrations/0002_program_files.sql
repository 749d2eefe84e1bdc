-- Frozen, as 0001.

-- Which file an app's program was; each once. `print` is of all but `first_seen`, `sum` of that.
CREATE TABLE program_file (
    id INTEGER PRIMARY KEY,
    app TEXT NOT NULL,
    path TEXT NOT NULL,
    inode INTEGER NOT NULL,
    size INTEGER NOT NULL,
    modified INTEGER NOT NULL,
    first_seen INTEGER NOT NULL,
    print INTEGER NOT NULL UNIQUE,
    sum INTEGER NOT NULL
) STRICT;
