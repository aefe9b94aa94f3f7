"""Many clients at once: some burst, some drip. They speak the HTTP of raw_http.py."""

from __future__ import annotations

import time
from collections.abc import Sequence

from support.raw_http import DEADLINE_SECONDS, Address, Answer, Connection


class Crowd:
    """Keep-alive connections opened beforehand, so that a burst is nothing but requests arriving together."""

    def __init__(
        self, address: Address | str, size: int, timeout: float = DEADLINE_SECONDS
    ) -> None:
        self.timeout = timeout
        self.connections = [Connection(address, timeout) for _ in range(size)]

    def __enter__(self) -> Crowd:
        return self

    def __exit__(self, *_: object) -> None:
        for connection in self.connections:
            connection.close()

    def burst(self, requests: Sequence[bytes]) -> list[Answer]:
        """Sends every request, spread evenly over the connections, and only then reads.

        The answers are in the order of the requests.
        """
        size = len(self.connections)
        shares: list[list[int]] = [[] for _ in range(size)]
        for index in range(len(requests)):
            shares[index % size].append(index)
        for connection, share in zip(self.connections, shares, strict=True):
            if share:
                connection.send(b"".join(requests[index] for index in share))
        answers: list[Answer | None] = [None] * len(requests)
        for connection, share in zip(self.connections, shares, strict=True):
            for index in share:
                answers[index] = connection.read()
        return [answer for answer in answers if answer is not None]


class SlowCrowd:
    """Clients that send one byte per second each; the caller drives them all through `tick`.

    A payload is two pieces: what is sent at once, and what drips.
    """

    PAUSE_SECONDS = 1.0

    def __init__(self, address: Address | str, payloads: Sequence[tuple[bytes, bytes]]) -> None:
        self.dripping = [drip for _, drip in payloads]
        self.connections = [Connection(address) for _ in payloads]
        self.sent = [0] * len(self.dripping)
        for connection, (at_once, _) in zip(self.connections, payloads, strict=True):
            connection.send(at_once)
        self.next_byte_at = time.monotonic()
        for connection in self.connections:
            connection.socket.setblocking(False)

    def tick(self) -> None:
        """Sends the next byte of each client when its second has come; otherwise does nothing."""
        if time.monotonic() < self.next_byte_at:
            return
        self.next_byte_at = time.monotonic() + self.PAUSE_SECONDS
        for index, connection in enumerate(self.connections):
            at = self.sent[index]
            if at >= len(self.dripping[index]):
                continue
            try:
                self.sent[index] += connection.socket.send(self.dripping[index][at : at + 1])
            except BlockingIOError:
                continue
            except OSError:
                # The server gave this one up, as it may.
                self.sent[index] = len(self.dripping[index])

    def bytes_sent(self) -> int:
        return sum(self.sent)

    def close(self) -> None:
        for connection in self.connections:
            connection.close()
