"""The console in a real browser. What no page can do (end the program, stop the database, bury a letter), the tests of
node ask for through a small server here."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from support.eventually import eventually
from support.flash_storage import PostgresFlash

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
TOKEN = "a token that nobody guesses"

pytestmark = pytest.mark.browser


class Control(BaseHTTPRequestHandler):
    """POST /NAME with a list of arguments calls the action of that name."""

    protocol_version = "HTTP/1.1"
    actions: dict[str, Callable[..., Any]] = {}

    def do_POST(self) -> None:
        arguments = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        try:
            type(self).actions[self.path.removeprefix("/")](*arguments)
            self.answer(200, "done")
        except Exception as failure:  # told to the test that asked for it
            self.answer(500, repr(failure))

    def answer(self, status: int, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """The orders of the tests are no news."""


@contextmanager
def control(**actions: Callable[..., Any]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Ours", (Control,), {"actions": actions}))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def run_console(run_node: Callable[..., None]) -> Callable[..., None]:
    """A function that runs one file of node tests against a running program."""

    def run(name: str, souk: Any, caller: str = "", **actions: Callable[..., Any]) -> None:
        def bury(position: int, record: str, reason: str) -> None:
            souk.storage.tamper(
                "INSERT INTO dead_letters (log, position, record, reason) VALUES (?, ?, ?, ?)",
                "log", position, record, reason)

        actions = {"bury": bury, "kill": souk.kill, "launch": souk.launch} | actions
        with control(**actions) as address:
            addresses = {
                "PAGES_API": souk.api,
                "PAGES_OPERATIONS": souk.ops,
                "PAGES_CONTROL": address,
                "PAGES_TOKEN": TOKEN,
                "PAGES_CALLER": caller,
                "PAGES_OUTPUT": str(ROOT / "build" / "test-output"),
            }
            run_node(["node", "--test", str(HERE / f"{name}.test.mjs")], addresses)

    return run


def test_the_pages(run_console: Callable[..., None], start_embedded: Callable[..., Any]) -> None:
    run_console("console_pages", start_embedded(rate_limit_rps=50))


def test_sales(run_console: Callable[..., None], start_embedded: Callable[..., Any]) -> None:
    run_console("console_sales", start_embedded())


def test_a_lost_connection(run_console: Callable[..., None], start_embedded: Callable[..., Any]) -> None:
    run_console("console_connection", start_embedded())


def test_signing_in(run_console: Callable[..., None], start_embedded: Callable[..., Any]) -> None:
    run_console("console_login", start_embedded(souk_admin_token=TOKEN))


def test_store(run_console: Callable[..., None], start_embedded_store: Callable[..., Any], smtp: Any) -> None:
    souk = start_embedded_store(by=None, **smtp.settings).souk
    caller = souk.command("store", "token", "--email", "owner@example.com").out.strip()

    def give_up_all() -> None:
        storage = souk.storage
        eventually(lambda: storage.one("SELECT count(*) FROM contact_messages WHERE delivery = 'pending'") == 0, 15,
                   "all messages are forwarded")
        storage.tamper("UPDATE contact_messages SET delivery = 'failed', attempts = 5, "
                       "last_error = 'the mail server refused it'")

    run_console("console_store", souk, caller, give_up_all=give_up_all)


@pytest.mark.engine
def test_an_outage_of_the_database(
    run_console: Callable[..., None], start_embedded: Callable[..., Any], postgres: Any
) -> None:
    storage = PostgresFlash(postgres.start())
    souk = start_embedded(storage=storage)
    try:
        run_console("console_outage", souk, stop_database=postgres.stop, start_database=postgres.start)
    finally:
        souk.kill()
        postgres.start()
        storage.discard()
