# The rows of a program under test, wherever they are: what every service's storage has in common.
import contextlib
import shutil
import sqlite3
import tempfile
from pathlib import Path

import psycopg

CONNECTIONS = """
    SELECT pid, backend_start FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()"""


class Rows:
    """Settings for the program, and SQL on whatever stands behind it (parameters are written `?`)."""

    kind = ""

    def __init__(self):
        self.root = Path(tempfile.mkdtemp(prefix="souk-data-"))
        self.data_dir = self.root / "data"
        self.settings = {"data_dir": self.data_dir}

    def one(self, sql, *parameters):
        """The only value of the only row."""
        rows = self.query(sql, *parameters)
        assert len(rows) == 1 and len(rows[0]) == 1, f"{sql} gave {rows}"
        return rows[0][0]

    def connections(self):
        """Who else works on the rows in a server of their own, which may outlive the program."""
        return set()

    def discard(self):
        shutil.rmtree(self.root, ignore_errors=True)


class SqliteRows(Rows):
    """In the SQLite file `file`, which somebody else has open."""

    kind = "sqlite"

    def query(self, sql, *parameters):
        # Read-only: only the program's own writer may write or checkpoint the file.
        with contextlib.closing(sqlite3.connect(f"file:{self.file}?mode=ro", uri=True, timeout=5)) as connection:
            return connection.execute(sql, parameters).fetchall()

    @contextlib.contextmanager
    def write_lock(self, end="ROLLBACK"):
        """Nobody else writes while this lasts."""
        connection = sqlite3.connect(self.file, timeout=10, isolation_level=None)
        with contextlib.closing(connection):
            # A checkpoint by this connection would break the rule of one writer.
            connection.execute("PRAGMA wal_autocheckpoint = 0")
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            finally:
                connection.execute(end)

    def tamper(self, sql, *parameters):
        """Changes rows behind the program's back."""
        with self.write_lock("COMMIT") as connection:
            connection.execute(sql, parameters)


class PostgresRows(Rows):
    """In the schema `schema` of a database of its own."""

    kind = "postgres"

    def __init__(self, server):
        super().__init__()
        self.server = server
        self.url = server.new_database()

    def discard(self):
        super().discard()
        self.server.drop_database(self.url)

    def query(self, sql, *parameters):
        with psycopg.connect(self.url, options=f"-c search_path={self.schema}") as connection:
            cursor = connection.execute(sql.replace("?", "%s"), parameters)
            return cursor.fetchall() if cursor.description else []

    def tamper(self, sql, *parameters):
        """Changes rows behind the program's back."""
        self.query(sql, *parameters)

    def connections(self):
        return set(self.query(CONNECTIONS))
