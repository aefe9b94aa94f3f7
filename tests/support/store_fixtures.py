# Fixtures of the store's tests. Every test that takes `store` or `start_store` runs three times: on
# SQLite, on PostgreSQL and on a libSQL server. tests/conftest.py makes them known everywhere.
import pytest

from support.issuer import Issuer
from support.redis import Redis
from support.smtp import Smtp
from support.souk import Programs
from support.store import FRONTEND, Shop, Store
from support.store_storage import LibsqlStore, PostgresStore, SqliteStore
from support.webhook import Webhook

STORE_ENGINES = ["sqlite", pytest.param("postgres", marks=pytest.mark.engine), "libsql"]
PRIVATE_KEY = "private_key_of_the_tests"


@pytest.fixture(scope="session")
def issuer():
    with Issuer() as running:
        yield running


def new_store_storage(kind, request):
    if kind == "postgres":
        return PostgresStore(request.getfixturevalue("postgres").start())
    return SqliteStore() if kind == "sqlite" else LibsqlStore()


@pytest.fixture(scope="session", params=STORE_ENGINES)
def store_program(request, issuer):
    """One program for all tests of the session: use products, callers and client addresses of your own."""
    with Programs() as programs:
        storage = programs.own(new_store_storage(request.param, request))
        yield programs.launch(Store(
            clerk_issuer=issuer.url, image_kit_private_key=PRIVATE_KEY, store_checkout=1,
            frontend_url=f"{FRONTEND}, https://shop.example/", **storage.settings), storage)


@pytest.fixture
def store(store_program, issuer):
    """A client of the shared program."""
    store_program.storage.awake()
    return Shop(store_program.wait_until(), issuer)


@pytest.fixture
def rows(store):
    """The tables behind `store`."""
    return store.souk.storage


@pytest.fixture(params=STORE_ENGINES)
def start_store(request, issuer):
    """Starts programs with settings of the test's own, each on fresh data; gives a client of it."""
    yield from _stores(issuer, lambda: new_store_storage(request.param, request))


@pytest.fixture
def start_embedded_store(issuer):
    """As start_store, but only on SQLite: for tests that do not depend on what keeps the rows."""
    yield from _stores(issuer, SqliteStore)


@pytest.fixture
def start_postgres_store(issuer, postgres):
    """As start_store, but only on PostgreSQL."""
    yield from _stores(issuer, lambda: PostgresStore(postgres.start()))


@pytest.fixture
def start_libsql_store(issuer):
    """As start_store, but only on libSQL; `token` is what the server asks for."""
    tokens = []
    stores = _stores(issuer, lambda: LibsqlStore(tokens.pop() if tokens else None))
    start_one = next(stores)

    def start(token=None, **settings):
        tokens.append(token)
        if token:
            settings.setdefault("turso_auth_token", token)
        return start_one(**settings)

    yield start
    next(stores, None)


def _stores(issuer, new_storage):
    with Programs() as programs:
        def start(wait_for="ready", storage=None, by=issuer, **settings):
            """`by` is the issuer of its tokens, None for no issuer; `storage` that of another program."""
            storage = storage or programs.own(new_storage())
            if by is not None:
                settings.setdefault("clerk_issuer", by.url)
            return Shop(programs.launch(Store(**(storage.settings | settings)), storage, wait_for), by)

        yield start


@pytest.fixture
def smtp():
    with Smtp() as running:
        yield running


@pytest.fixture
def webhook():
    with Webhook() as running:
        yield running


@pytest.fixture
def redis():
    server = Redis()
    try:
        yield server.start()
    finally:
        server.destroy()
