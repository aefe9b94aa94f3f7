# Where a store under test keeps its rows: SQLite in its data directory, PostgreSQL, or a libSQL server.
import contextlib
import shutil
import sqlite3
import tempfile
from pathlib import Path

import psycopg

from support.libsql_server import LibsqlServer
from support.ports import free_port


class StoreStorage:
    """Settings for Store, and SQL on whatever stands behind it (parameters are written `?`)."""

    kind = ""
    is_ours_alone = False  # one process owns the data, so that lists are cached without Redis

    def __init__(self):
        self.root = Path(tempfile.mkdtemp(prefix="souk-store-"))
        self.data_dir = self.root / "data"
        self.settings = {"data_dir": self.data_dir}

    def one(self, sql, *parameters):
        """The only value of the only row."""
        rows = self.query(sql, *parameters)
        assert len(rows) == 1 and len(rows[0]) == 1, f"{sql} gave {rows}"
        return rows[0][0]

    def awake(self):
        """Another test may have stopped what is behind it."""

    def users(self, email):
        return self.one("SELECT count(*) FROM users WHERE email = ?", email)

    def discard(self):
        shutil.rmtree(self.root, ignore_errors=True)


class FileStorage(StoreStorage):
    """Rows in an SQLite file that somebody else has open."""

    @property
    def file(self):
        return self.data_dir / "store.db"

    def query(self, sql, *parameters):
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


class SqliteStore(FileStorage):
    kind = "sqlite"
    is_ours_alone = True


class LibsqlStore(FileStorage):
    kind = "libsql"

    def __init__(self, token=None):
        super().__init__()
        self.server = LibsqlServer(self.file, token=token, port=free_port()).start()
        self.settings["turso_database_url"] = self.server.url

    @property
    def file(self):
        return self.root / "libsql.db"

    def discard(self):
        self.server.stop()
        super().discard()


class PostgresStore(StoreStorage):
    kind = "postgres"

    def __init__(self, server):
        super().__init__()
        self.server = server
        self.url = server.new_database()
        self.settings["store_database_url"] = self.url

    def awake(self):
        self.server.start()

    def discard(self):
        super().discard()
        self.server.drop_database(self.url)

    def query(self, sql, *parameters):
        with psycopg.connect(self.url, options="-c search_path=store") as connection:
            cursor = connection.execute(sql.replace("?", "%s"), parameters)
            return cursor.fetchall() if cursor.description else []

    def tamper(self, sql, *parameters):
        """Changes rows behind the program's back."""
        self.query(sql, *parameters)
