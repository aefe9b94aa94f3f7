# Where a store under test keeps its rows: SQLite in its data directory, PostgreSQL, or a libSQL server.
from support.libsql_server import LibsqlServer
from support.ports import free_port
from support.rows import PostgresRows, SqliteRows


class Shelves:
    """What is asked of a store's rows on any engine."""

    is_ours_alone = False  # one process owns the data, so that lists are cached without Redis

    def awake(self):
        """Another test may have stopped what is behind it."""

    def users(self, email):
        return self.one("SELECT count(*) FROM users WHERE email = ?", email)


class SqliteStore(Shelves, SqliteRows):
    is_ours_alone = True

    @property
    def file(self):
        return self.data_dir / "store.db"


class LibsqlStore(Shelves, SqliteRows):
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


class PostgresStore(Shelves, PostgresRows):
    schema = "store"

    def __init__(self, server):
        super().__init__(server)
        self.settings["store_database_url"] = self.url

    def awake(self):
        self.server.start()
