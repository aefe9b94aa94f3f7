"""A few small requests to 127.0.0.1, and what is read from /metrics."""

from __future__ import annotations

import http.client
import json
import re
import socket
import uuid
from typing import Any, NamedTuple

SECONDS_MAX = 10


class Answer(NamedTuple):
    status: int
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


def request(port: int, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS_MAX)
    try:
        content = None if body is None else json.dumps(body)
        connection.request(method, path, content, {"Content-Type": "application/json", **(headers or {})})
        response = connection.getresponse()
        return Answer(response.status, response.read())
    finally:
        connection.close()


def get(port: int, path: str) -> Answer:
    return request(port, "GET", path)


def post(port: int, path: str, body: Any) -> Answer:
    return request(port, "POST", path, body)


def accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), SECONDS_MAX).close()
        return True
    except ConnectionRefusedError:
        return False


def is_healthy(port: int) -> bool:
    try:
        return get(port, "/health").status == 200
    except (ConnectionError, http.client.HTTPException):
        return False


def order_bytes(product: str, key: str) -> bytes:
    body = json.dumps({"productId": product, "userId": "user-000000000000"}, separators=(",", ":"))
    return (f"POST /order HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\nx-idempotency-key: {key}\r\n\r\n{body}").encode()


def raw_order(port: int, product: str, key: str | None = None) -> bytes:
    """The answer to one order exactly as it is sent, status line, headers and body."""
    with socket.create_connection(("127.0.0.1", port), SECONDS_MAX) as connection:
        connection.sendall(order_bytes(product, key or str(uuid.uuid4())))
        return read_answer(connection)


def read_answer(connection: socket.socket) -> bytes:
    answer = b""
    while True:
        piece = connection.recv(65536)
        if not piece:
            raise ConnectionError("the server closed the connection before its answer was whole")
        answer += piece
        head, blank, body = answer.partition(b"\r\n\r\n")
        length = re.search(rb"^content-length:\s*(\d+)", head, re.IGNORECASE | re.MULTILINE)
        if blank and len(body) >= (int(length[1]) if length else 0):
            return answer


def status_of(answer: bytes) -> int:
    return int(answer[9:12])


def metrics(admin_port: int, name: str) -> dict[str, float]:
    """The samples, with their labels, whose metric name matches the pattern as a whole."""
    text = get(admin_port, "/metrics").body.decode()
    samples = re.findall(r"^([a-zA-Z_:][\w:]*)(\{[^\n]*\})? (\S+)", text, re.MULTILINE)
    return {found + labels: float(value) for found, labels, value in samples if re.fullmatch(name, found)}
