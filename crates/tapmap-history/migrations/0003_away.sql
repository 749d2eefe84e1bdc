-- Frozen, as 0001.

-- When nobody was at the computer.
CREATE TABLE away (
    since INTEGER PRIMARY KEY,
    until INTEGER NOT NULL,
    why INTEGER NOT NULL,
    sum INTEGER NOT NULL
) STRICT;
