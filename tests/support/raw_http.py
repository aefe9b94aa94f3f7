"""A small HTTP/1.1 client on bare sockets: it can send broken, cut and pipelined bytes, and vanish.

httpx is used where one polite request is enough; this file is for everything a polite client cannot do.
"""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

Address = tuple[str, int]

DEADLINE_SECONDS = 20.0


class ConnectionLost(Exception):
    """The peer closed or reset before a whole answer had come."""


@dataclass
class Answer:
    status: int
    reason: str
    headers: list[tuple[str, str]]
    body: bytes = b""
    version: str = "HTTP/1.1"
    raw_head: bytes = field(default=b"", repr=False)

    def header(self, name: str) -> str | None:
        wanted = name.lower()
        return next((value for key, value in self.headers if key == wanted), None)

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def word(self) -> str:
        """The `status` field of a JSON answer (success, ignored, sold_out), or an empty string."""
        try:
            document = json.loads(self.body)
        except ValueError:
            return ""
        return str(document.get("status", "")) if isinstance(document, dict) else ""

    @property
    def order_id(self) -> str | None:
        return self.header("x-order-id")

    @property
    def keeps_open(self) -> bool:
        connection = (self.header("connection") or "").lower()
        if self.version == "HTTP/1.0":
            return "keep-alive" in connection
        return "close" not in connection


def address_of(url: str) -> Address:
    """The socket address of a base URL such as http://127.0.0.1:3000 or http://[::1]:3000."""
    parts = urlsplit(url)
    host = "127.0.0.1" if parts.hostname in (None, "localhost") else parts.hostname
    return host, parts.port or 80


def request_bytes(
    method: str,
    target: str,
    headers: Iterable[tuple[str, str]] = (),
    body: bytes | str | None = None,
    host: str = "souk.test",
) -> bytes:
    """One request; Content-Length is added when there is a body."""
    lines = [f"{method} {target} HTTP/1.1", f"Host: {host}"]
    lines += [f"{name}: {value}" if value else f"{name}:" for name, value in headers]
    payload = body.encode() if isinstance(body, str) else body
    if payload is not None:
        lines.append(f"Content-Length: {len(payload)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + (payload or b"")


def json_request(
    method: str, target: str, document: Any, headers: Iterable[tuple[str, str]] = ()
) -> bytes:
    body = json.dumps(document, separators=(",", ":"))
    return request_bytes(method, target, [("Content-Type", "application/json"), *headers], body)


def parse_head(head: bytes) -> Answer:
    first, *lines = head.decode("latin-1").split("\r\n")
    version, _, rest = first.partition(" ")
    code, _, reason = rest.partition(" ")
    if not version.startswith("HTTP/1.") or not code.isdigit():
        raise AssertionError(f"not an HTTP answer: {first!r}")
    headers = []
    for line in lines:
        name, _, value = line.partition(":")
        headers.append((name.strip().lower(), value.strip()))
    return Answer(int(code), reason, headers, version=version, raw_head=head)


def take_answer(buffer: bytearray, head_only: bool = False) -> Answer | None:
    """Cuts the first whole answer off the buffer; None while it is not complete."""
    end = buffer.find(b"\r\n\r\n")
    if end < 0:
        return None
    answer = parse_head(bytes(buffer[:end]))
    length = int(answer.header("content-length") or 0)
    if head_only or answer.status in (204, 304) or answer.status < 200:
        length = 0
    if (answer.header("transfer-encoding") or "").lower() == "chunked" and not head_only:
        return take_chunked(buffer, end + 4, answer)
    if len(buffer) < end + 4 + length:
        return None
    answer.body = bytes(buffer[end + 4 : end + 4 + length])
    del buffer[: end + 4 + length]
    return answer


def take_chunked(buffer: bytearray, at: int, answer: Answer) -> Answer | None:
    body = bytearray()
    while True:
        line_end = buffer.find(b"\r\n", at)
        if line_end < 0:
            return None
        size = int(bytes(buffer[at:line_end]).split(b";")[0], 16)
        start = line_end + 2
        if len(buffer) < start + size + 2:
            return None
        body += buffer[start : start + size]
        at = start + size + 2
        if size == 0:
            answer.body = bytes(body)
            del buffer[:at]
            return answer


class Connection:
    """One TCP connection. Every wait has a deadline, so a silent server fails a test instead of hanging it."""

    def __init__(self, address: Address | str, timeout: float = DEADLINE_SECONDS) -> None:
        self.address = address_of(address) if isinstance(address, str) else address
        self.timeout = timeout
        self.buffer = bytearray()
        self.socket = socket.create_connection(self.address, timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def send(self, data: bytes) -> None:
        try:
            self.socket.sendall(data)
        except OSError as error:
            raise ConnectionLost(f"while sending: {error}") from error

    def send_unless_closed(self, data: bytes) -> None:
        """Sends although the server may already have answered and closed; the answer is what counts."""
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            return

    def read(self, head_only: bool = False) -> Answer:
        """The next whole answer."""
        while True:
            answer = take_answer(self.buffer, head_only)
            if answer is not None:
                return answer
            if not self._receive():
                raise ConnectionLost(f"closed after {bytes(self.buffer[:200])!r}")

    def read_many(self, count: int) -> list[Answer]:
        return [self.read() for _ in range(count)]

    def ask(self, data: bytes) -> Answer:
        self.send(data)
        return self.read()

    def read_rest(self) -> bytes:
        """Everything until the server closes; fails when it does not close within the timeout."""
        try:
            while self._receive():
                pass
        except ConnectionLost:
            pass  # A reset after the answer is a close as well.
        rest = bytes(self.buffer)
        self.buffer.clear()
        return rest

    def is_closed_by_peer(self) -> bool:
        """True once the server closed without saying more; fails when it stays open for the whole timeout."""
        return self.read_rest() == b""

    def has_answer_waiting(self) -> bool:
        self.socket.settimeout(0)
        try:
            return bool(self.buffer) or bool(self.socket.recv(1, socket.MSG_PEEK))
        except BlockingIOError:
            return False
        finally:
            self.socket.settimeout(self.timeout)

    def stop_sending(self) -> None:
        self.socket.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        self.socket.close()

    def vanish(self) -> None:
        """Closes with a reset: the peer learns nothing but that the client is gone."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def _receive(self) -> bool:
        try:
            piece = self.socket.recv(65536)
        except TimeoutError as error:
            raise AssertionError(f"no answer and no close within {self.timeout} s") from error
        except OSError as error:
            raise ConnectionLost(f"while reading: {error}") from error
        self.buffer += piece
        return bool(piece)


def ask(address: Address | str, data: bytes, timeout: float = DEADLINE_SECONDS) -> Answer:
    """One request on a connection of its own."""
    with Connection(address, timeout) as connection:
        return connection.ask(data)
