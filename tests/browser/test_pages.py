"""The waiting room in a real browser: starts Souk and two small shops, then runs each *.test.mjs with node's own test runner."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
NODE_TESTS = sorted(file for file in HERE.glob("*.test.mjs") if not file.name.startswith("console"))

pytestmark = pytest.mark.browser


class ShopPage(BaseHTTPRequestHandler):
    """Every address is the same shop page with a link into the waiting room."""

    protocol_version = "HTTP/1.1"
    link = ""

    def do_GET(self) -> None:
        page = (
            '<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>Shop</title>'
            f'<a href="{type(self).link}/">Waiting room</a></html>'
        ).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_: object) -> None:
        """The browser's requests are no news."""


@contextmanager
def shop() -> Iterator[tuple[str, type[ShopPage]]]:
    """A shop on a free port; the link on its page is set once the waiting room's address is known."""
    page = type("Page", (ShopPage,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), page)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", page
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.parametrize("file", NODE_TESTS, ids=lambda file: file.name.removesuffix(".test.mjs"))
def test_page(file: Path, run_node: Callable[..., None], start_embedded: Callable[..., Any]) -> None:
    with shop() as (allowed, page), shop() as (stranger, _):
        souk = start_embedded(rate_limit_rps=1, waiting_room_return_origins=allowed)
        page.link = souk.waiting_room
        addresses = {
            "PAGES_API": souk.api,
            "PAGES_WAITING_ROOM": souk.waiting_room,
            "PAGES_SHOP": allowed,
            "PAGES_STRANGER": stranger,
            "PAGES_OUTPUT": str(ROOT / "build" / "test-output"),
        }
        run_node(["node", "--test", str(file)], addresses)


def test_units_of_the_pages(run_node: Callable[..., None]) -> None:
    run_node(["npm", "--silent", "test"], {})
