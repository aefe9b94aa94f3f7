# Fixtures of the black-box tests. Every test that takes `souk`, `storage` or `start_souk` runs
# twice: on the embedded SQLite, and (marked engine) on a real PostgreSQL.
import uuid
from functools import partial

import pytest

from support.flash import FlashClient
from support.flash_storage import PostgresFlash, SqliteFlash
from support.postgres import Postgres
from support.souk import Programs, Souk
from support.store_fixtures import (  # noqa: F401: fixtures of the store's tests
    issuer, redis, rows, smtp, start_embedded_store, start_libsql_store, start_postgres_store, start_store, store,
    store_program, webhook,
)

STORAGES = ["sqlite", pytest.param("postgres", marks=pytest.mark.engine)]


@pytest.fixture(scope="session")
def postgres():
    server = Postgres()
    try:
        yield server.create()
    finally:
        server.destroy()


@pytest.fixture(scope="module", params=STORAGES)
def new_storage(request):
    """A function that gives a fresh place for data."""
    made = []

    def make():
        if request.param == "postgres":
            made.append(PostgresFlash(request.getfixturevalue("postgres").start()))
        else:
            made.append(SqliteFlash())
        return made[-1]

    yield make
    for storage in made:
        storage.discard()


@pytest.fixture(scope="module")
def storage(new_storage):
    return new_storage()


@pytest.fixture(scope="module")
def souk(storage):
    """One program for all tests of a file, limiter off; use product ids of your own."""
    with Programs() as programs:
        yield programs.launch(Souk(rate_limit_rps=0, **storage.settings), storage)


@pytest.fixture
def flash(souk):
    """A client of the shared program."""
    return FlashClient(souk)


@pytest.fixture
def start_souk(new_storage):
    """Starts programs with settings of the test's own, each on fresh data; ends them afterwards."""
    with Programs() as programs:
        yield partial(_start, programs, new_storage)


@pytest.fixture
def start_embedded():
    """As start_souk, but only on SQLite: for tests that do not depend on what keeps the rows."""
    with Programs() as programs:
        yield partial(_start, programs, lambda: programs.own(SqliteFlash()))


def _start(programs, new_storage, wait_for="ready", storage=None, **settings):
    storage = storage or new_storage()
    settings.setdefault("rate_limit_rps", 0)
    return programs.launch(Souk(**storage.settings, **settings), storage, wait_for)


@pytest.fixture
def product():
    """A product id that no other test uses."""
    return f"product-{uuid.uuid4()}"


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    if report.failed:
        for program in Souk.started:
            said = program.stderr[-20000:]
            if said:
                report.sections.append((f"souk on port {program.api_port} wrote", said))
