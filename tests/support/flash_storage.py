# Where flash under test keeps its rows: SQLite in its data directory, or PostgreSQL.
import contextlib

from support.rows import PostgresRows, SqliteRows


class Sales:
    """What is asked of flash's rows on any engine."""

    def order_count(self, product):
        return self.one("SELECT count(*) FROM orders WHERE product_id = ?", product)

    def product_stock(self, product):
        return self.one("SELECT stock FROM products WHERE id = ?", product)


class SqliteFlash(Sales, SqliteRows):
    @property
    def file(self):
        return self.data_dir / "flash.db"

    @contextlib.contextmanager
    def orders_stay_pending(self):
        """While this lasts the worker cannot write, because someone else holds the write lock."""
        with self.write_lock():
            yield


class PostgresFlash(Sales, PostgresRows):
    schema = "flash"

    def __init__(self, server):
        super().__init__(server)
        self.settings["database_url"] = self.url

    @contextlib.contextmanager
    def orders_stay_pending(self):
        """While this lasts the worker cannot write, because the database is down."""
        self.server.stop()
        try:
            yield
        finally:
            self.server.start()
