# SIGTERM while something hangs: a disk, a name server, an issuer, a mail server, a database. The program ends
# within ten seconds all the same, with 0, and what was promised is there afterwards.
import os
import socket
import subprocess
import threading
import time

import httpx
import pytest

from support.eventually import eventually
from support.flash import FlashClient
from support.issuer import Issuer
from support.preload import Preload
from support.souk import binary
from support.store import product_body

END_SECONDS = 10  # as promised; a busy machine is given one more
NAME_SERVER = "127.0.0.83"  # an address of the loopback interface that nobody else takes
NAME = "backend.example.com"

pytestmark = pytest.mark.slow


def ends_in_time(souk):
    """SIGTERM; gives what the program said from then on."""
    before = len(souk.stderr)
    began = time.monotonic()
    souk.stop(seconds=END_SECONDS + 10)
    took = time.monotonic() - began
    assert took < END_SECONDS + 1, f"it took {took:.1f} s to end"
    return souk.stderr[before:]


class Waiting(threading.Thread):
    """A request that is not answered yet; its own connection, so that it may be cut off."""

    def __init__(self, method, url, **options):
        super().__init__(daemon=True)
        self.request = (method, url, options)
        self.status = None  # none: no answer
        self.start()

    def run(self):
        method, url, options = self.request
        try:
            self.status = httpx.request(method, url, timeout=60, trust_env=False, **options).status_code
        except httpx.TransportError:
            """Cut off, which is no promise."""


class HangingDisk(Preload):
    def is_hanging(self):
        return self.switch.read_text() == "hangs"


@pytest.fixture
def disk(tmp_path, monkeypatch):
    hanging = HangingDisk("hanging_sync", tmp_path, monkeypatch)
    yield hanging
    hanging.off()


def test_a_shop_ends_though_its_disk_hangs(start_embedded_store, disk):
    shop = start_embedded_store()
    who = shop.caller()
    promised = shop.product(who)["name"]
    disk.on()
    waiting = Waiting("POST", shop.souk.api + "/api/product", json=product_body(), headers=who.headers)
    eventually(disk.is_hanging)

    said = ends_in_time(shop.souk)

    assert "stopped without waiting for the database" in said, said  # which the handler may still come back to
    waiting.join(10)
    assert waiting.status in (None, 500)
    disk.off()
    shop.souk.launch()
    assert promised in [product["name"] for product in shop.products()]


def test_a_shop_that_nobody_asks_ends_though_its_disk_hangs(start_embedded_store, disk):
    shop = start_embedded_store()
    promised = shop.product()["name"]
    disk.on()  # and closing the database syncs it

    said = ends_in_time(shop.souk)

    assert disk.is_hanging() and "still hangs after ten seconds" in said, said
    disk.off()
    shop.souk.launch()
    assert promised in [product["name"] for product in shop.products()]


def test_a_sale_ends_though_its_disk_hangs(start_embedded, disk):
    souk = start_embedded()
    flash = FlashClient(souk)
    flash.stocked("p", 5)
    promised = flash.accepted("p")
    disk.on()
    waiting = Waiting("POST", souk.api + "/order", json={"productId": "p", "userId": "u"},
                      headers={"x-idempotency-key": "waits"})
    eventually(disk.is_hanging)

    ends_in_time(souk)

    waiting.join(10)
    assert waiting.status in (None, 500)
    disk.off()
    souk.launch()
    flash.confirmed(promised)


class SilentNames:
    """A name server that takes questions and never answers, for programs that `wrapper` starts."""

    def __init__(self, folder):
        self.server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.server.bind((NAME_SERVER, 53))
        self.server.setblocking(False)
        (folder / "resolv.conf").write_text(f"nameserver {NAME_SERVER}\noptions timeout:30 attempts:5\n")
        self.wrapper = folder / "souk"
        # In a mount namespace of its own, where that is the system's name server; the process stays the same.
        self.wrapper.write_text(
            f'#!/bin/sh\nexec unshare --mount sh -c \'mount --bind "{folder}/resolv.conf" /etc/resolv.conf '
            f'&& exec "{binary()}" "$@"\' souk "$@"\n')
        self.wrapper.chmod(0o755)

    def was_asked(self):
        try:
            return NAME.split(".")[0].encode() in self.server.recv(512)
        except BlockingIOError:
            return False


@pytest.fixture
def silent_names(tmp_path, monkeypatch):
    if os.geteuid() != 0 or subprocess.run(["unshare", "--mount", "true"]).returncode != 0:
        pytest.skip("a name server of our own needs root")
    names = SilentNames(tmp_path)
    monkeypatch.setenv("SOUK_BINARY", str(names.wrapper))
    yield names
    names.server.close()


def test_it_ends_though_the_name_of_the_issuer_is_never_found(start_embedded_store, silent_names):
    shop = start_embedded_store(clerk_issuer=f"http://{NAME}")
    message = shop.contacted()["id"]
    eventually(silent_names.was_asked)
    waiting = Waiting("GET", shop.souk.api + "/api/cart", headers=shop.caller().headers)

    ends_in_time(shop.souk)

    waiting.join(10)
    assert waiting.status in (None, 503)
    assert shop.souk.storage.query("SELECT id FROM contact_messages") == [(message,)]


def test_it_ends_though_the_name_of_the_mail_server_is_never_found(start_embedded_store, smtp, silent_names):
    shop = start_embedded_store(**smtp.settings | {"smtp_host": NAME})
    message = shop.contacted()["id"]
    eventually(silent_names.was_asked)

    ends_in_time(shop.souk)

    assert shop.souk.storage.query("SELECT id, delivery FROM contact_messages") == [(message, "pending")]
    assert shop.souk.storage.query("SELECT state FROM jobs WHERE kind = 'contact.forward'") == [("waiting",)]


def test_it_ends_though_the_issuer_takes_requests_and_never_answers(start_embedded_store):
    with Issuer() as own:
        own.stall()
        shop = start_embedded_store(by=own)
        message = shop.contacted()["id"]
        waiting = Waiting("GET", shop.souk.api + "/api/cart", headers=shop.caller().headers)
        eventually(lambda: own.requests)

        ends_in_time(shop.souk)

        waiting.join(10)
        assert waiting.status in (None, 503)
        assert shop.souk.storage.query("SELECT id FROM contact_messages") == [(message,)]
        own.go_on()


@pytest.mark.engine
def test_a_shop_ends_though_its_database_hangs(start_postgres_store, postgres):
    shop = start_postgres_store()
    who = shop.caller()
    promised = shop.product(who)["name"]
    postgres.freeze()
    try:
        waiting = Waiting("POST", shop.souk.api + "/api/product", json=product_body(), headers=who.headers)
        eventually(lambda: metric_of_requests_in_flight(shop) == 1)

        ends_in_time(shop.souk)
    finally:
        postgres.thaw()
    waiting.join(10)
    assert waiting.status in (None, 500)
    shop.souk.launch()
    assert promised in [product["name"] for product in shop.products()]


def metric_of_requests_in_flight(shop):
    for line in shop.souk.http.get(shop.souk.ops + "/metrics").text.splitlines():
        if line.startswith("souk_http_requests_in_flight "):
            return float(line.split()[1])
    raise AssertionError("there is no such metric")
