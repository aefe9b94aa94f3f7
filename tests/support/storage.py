# Where a program under test keeps its rows: SQLite in its data directory, or PostgreSQL.
import contextlib
import shutil
import sqlite3
import tempfile
from pathlib import Path

import psycopg


class Storage:
    """Settings for Souk, and SQL on whatever stands behind it (parameters are written `?`)."""

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

    def order_count(self, product):
        return self.one("SELECT count(*) FROM orders WHERE product_id = ?", product)

    def product_stock(self, product):
        return self.one("SELECT stock FROM products WHERE id = ?", product)

    def discard(self):
        shutil.rmtree(self.root, ignore_errors=True)


class SqliteStorage(Storage):
    kind = "sqlite"

    def query(self, sql, *parameters):
        # Read-only: only the program's own writer may write or checkpoint the file.
        address = f"file:{self.data_dir / 'flash.db'}?mode=ro"
        with contextlib.closing(sqlite3.connect(address, uri=True, timeout=5)) as connection:
            return connection.execute(sql, parameters).fetchall()

    @contextlib.contextmanager
    def _write_lock(self, end):
        connection = sqlite3.connect(self.data_dir / "flash.db", timeout=10, isolation_level=None)
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
        with self._write_lock("COMMIT") as connection:
            connection.execute(sql, parameters)

    @contextlib.contextmanager
    def orders_stay_pending(self):
        """While this lasts the worker cannot write, because someone else holds the write lock."""
        with self._write_lock("ROLLBACK"):
            yield


class PostgresStorage(Storage):
    kind = "postgres"

    def __init__(self, server):
        super().__init__()
        self.server = server
        self.url = server.new_database()
        self.settings["database_url"] = self.url

    def discard(self):
        super().discard()
        self.server.drop_database(self.url)

    def query(self, sql, *parameters):
        with psycopg.connect(self.url, options="-c search_path=flash") as connection:
            cursor = connection.execute(sql.replace("?", "%s"), parameters)
            return cursor.fetchall() if cursor.description else []

    def tamper(self, sql, *parameters):
        """Changes rows behind the program's back."""
        self.query(sql, *parameters)

    @contextlib.contextmanager
    def orders_stay_pending(self):
        """While this lasts the worker cannot write, because the database is down."""
        self.server.stop()
        try:
            yield
        finally:
            self.server.start()
