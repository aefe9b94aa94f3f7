# /events with ten thousand listeners: each is told, none costs much, and orders do not wait for them.
import json
import resource
import selectors
import socket
import time

import pytest

from support.flash import FlashClient

PEERS = 10_000
MEMORY_PER_PEER_MAX = 16 * 1024  # bytes of the program; the kernel's socket buffers are not its own
PATIENCE = 60
REQUEST = (b"GET /events?productId=crowd HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
           b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
           b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")


class Crowd:
    """Peers that listen and say nothing; their frames are short, so a byte tells the length."""

    def __init__(self, port, count):
        self.poll = selectors.DefaultSelector()
        self.buffers = {}
        for _ in range(count):
            peer = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
            peer.sendall(REQUEST)
            peer.setblocking(False)
            self.buffers[peer] = bytearray()
            self.poll.register(peer, selectors.EVENT_READ)

    def until_all_have(self, what):
        """Reads until these bytes have come to every peer."""
        missing = {peer for peer, got in self.buffers.items() if what not in got}
        deadline = time.monotonic() + PATIENCE
        while missing:
            assert time.monotonic() < deadline, f"{len(missing)} peers have no {what}"
            for key, _ in self.poll.select(1):
                peer = key.fileobj
                piece = peer.recv(65536)
                assert piece, "a peer was sent away"
                self.buffers[peer] += piece
                if what in self.buffers[peer]:
                    missing.discard(peer)

    def frames(self, peer):
        got = bytes(self.buffers[peer])
        at = got.index(b"\r\n\r\n") + 4
        found = []
        while at < len(got):
            assert got[at] == 0x81 and got[at + 1] < 126
            end = at + 2 + got[at + 1]
            found.append(json.loads(got[at + 2:end]))
            at = end
        return found

    def close(self):
        self.poll.close()
        for peer in self.buffers:
            peer.close()


def resident_bytes(souk):
    with open(f"/proc/{souk.pid}/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


@pytest.fixture
def many_descriptors():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < PEERS + 1_000:
        pytest.skip(f"this system allows {hard} descriptors; {PEERS} peers need more")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_ten_thousand_listeners_are_told_of_a_sale(start_embedded, many_descriptors, record_property):
    souk = start_embedded()
    flash = FlashClient(souk)
    flash.stocked("warm", 1)
    flash.accepted("warm")
    before = resident_bytes(souk)
    crowd = Crowd(souk.api_port, PEERS)
    try:
        crowd.until_all_have(b'"type":"hello"')
        per_peer = (resident_bytes(souk) - before) / PEERS

        flash.stocked("crowd", 20)
        slowest = 0.0
        for _ in range(20):
            began = time.monotonic()
            flash.accepted("crowd")
            slowest = max(slowest, time.monotonic() - began)
        began = time.monotonic()
        crowd.until_all_have(b'"type":"sold_out"')
        told_in = time.monotonic() - began

        for peer in crowd.buffers:
            frames = crowd.frames(peer)
            assert [frame["seq"] for frame in frames] == list(range(1, len(frames) + 1))
            kinds = [frame["type"] for frame in frames]
            assert kinds[:2] == ["hello", "init"] and kinds[-1] == "sold_out"
            stocks = [frame["stock"] for frame in frames if frame["type"] == "inventory"]
            assert stocks == sorted(stocks, reverse=True) and stocks[-1] == 0
    finally:
        crowd.close()
    report = {"bytes of memory per peer": round(per_peer), "seconds until all were told": round(told_in, 2),
              "slowest order, seconds": round(slowest, 3)}
    for name, value in report.items():
        record_property(name, value)
    print(report)
    assert per_peer < MEMORY_PER_PEER_MAX
    assert slowest < 1
