-- SQLite counts by itself; "quotes" and \backslashes; stay as they are.
CREATE TABLE step (id INTEGER PRIMARY KEY, who BIGINT NOT NULL, nth BIGINT NOT NULL);
