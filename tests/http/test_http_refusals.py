"""Requests that must be refused, because two readers could read them differently, or for their size."""

from __future__ import annotations

import pytest

from support.flash_requests import init, order_request
from support.raw_http import Answer, Connection, ask, request_bytes, take_answer

BAD_REQUEST = (400, {"error": "Bad Request"})
HEALTH = request_bytes("GET", "/health")


def only_answer(api, data: bytes) -> Answer:
    """The one answer to `data`; fails if the server answers more, or keeps the connection."""
    with Connection(api) as connection:
        connection.send_unless_closed(data)
        buffer = bytearray(connection.read_rest())
    answer = take_answer(buffer)
    assert (
        answer is not None and not buffer
    ), f"one answer was due, then silence; got more: {buffer!r}"
    return answer


def post(*lines: str, body: bytes = b"") -> bytes:
    head = ["POST /order HTTP/1.1", "Host: souk.test", "Content-Type: application/json", *lines]
    return "\r\n".join([*head, "", ""]).encode("latin-1") + body


@pytest.mark.parametrize(
    "lines",
    [
        ("Content-Length: 4", "Content-Length: 5"),
        ("Content-Length: 4", "Content-Length: 4"),
        ("Content-Length: 4, 4",),
        ("Content-Length: 4, 5",),
        ("Content-Length: 4", "Transfer-Encoding: chunked"),
        ("Transfer-Encoding: chunked", "Content-Length: 4"),
        ("Content-Length: 0", "Transfer-Encoding: chunked"),
        ("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"),
        ("Transfer-Encoding: chunked, chunked",),
        ("Content-Length: +4",),
        ("Content-Length: -4",),
        ("Content-Length: 0x4",),
        ("Content-Length: 4 4",),
        ("Content-Length: four",),
        ("Content-Length:",),
        ("Content-Length : 4",),
        ("Transfer-Encoding : chunked",),
    ],
    ids=" | ".join,
)
def test_a_body_whose_length_is_in_doubt_is_refused_and_what_follows_is_not_read(api, lines):
    answer = only_answer(api, post(*lines, body=b"0\r\n\r\n" + HEALTH))
    assert (answer.status, answer.json()) == BAD_REQUEST


@pytest.mark.parametrize(
    "coding", ["gzip", "xchunked", "chunked, gzip", "identity", "\x0bchunked", '"chunked"']
)
def test_a_transfer_coding_that_is_not_chunked_is_refused(api, coding):
    answer = only_answer(api, post(f"Transfer-Encoding: {coding}", body=b"0\r\n\r\n" + HEALTH))
    assert answer.status in (400, 501)


def test_a_content_length_beyond_any_number_is_refused(api):
    assert only_answer(
        api, post("Content-Length: 99999999999999999999999", body=HEALTH)
    ).status in (400, 413)


def test_transfer_encoding_in_http_1_0_is_refused(api):
    data = post("Transfer-Encoding: chunked", body=b"0\r\n\r\n" + HEALTH).replace(
        b"HTTP/1.1", b"HTTP/1.0", 1
    )
    assert only_answer(api, data).status == 400


@pytest.mark.parametrize(
    "head",
    [
        b"GET /health HTTP/1.1\nHost: a\n\n",
        b"GET /health HTTP/1.1\r\nHost: a\nX: y\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: a\r\n\n",
        b"GET /health HTTP/1.1\r\nHost: a\rX: y\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: a\r\nX: one\r\n two\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: a\r\nX: one\r\n\ttwo\r\n\r\n",
        b"GET /health HTTP/1.1\r\n Host: a\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: a\r\nX: a\x00b\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: a\r\nX\x00: b\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: a\r\nX: a\x01b\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: a\r\nX y: b\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n",
        b"GET /hea\x00lth HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /health\r\nHost: a\r\n\r\n",
        b"GET  /health HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /he alth HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /health HTTP/1.1 \r\nHost: a\r\n\r\n",
        b"GET health HTTP/1.1\r\nHost: a\r\n\r\n",
        b"G\x01T /health HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /health HTTP/1.2x\r\nHost: a\r\n\r\n",
        b"GET /health HTTX/1.1\r\nHost: a\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 a TLS hello\r\n\r\n",
    ],
)
def test_a_malformed_head_is_refused_and_the_connection_closed(api, head):
    answer = only_answer(api, head + HEALTH)
    assert (answer.status, answer.json()) == BAD_REQUEST


@pytest.mark.parametrize("version", ["HTTP/2.0", "HTTP/3.0", "HTTP/0.9"])
def test_another_major_version_is_refused(api, version):
    assert only_answer(api, f"GET /health {version}\r\nHost: a\r\n\r\n".encode()).status in (
        400,
        505,
    )


def test_a_target_of_8192_bytes_is_read_and_a_longer_one_gets_414(api):
    fitting = "/inventory/" + "a" * (8192 - len("/inventory/"))
    assert ask(api, request_bytes("GET", fitting)).status in (400, 404)
    answer = only_answer(api, request_bytes("GET", fitting + "a") + HEALTH)
    assert (answer.status, answer.json()) == (414, {"error": "URI Too Long"})


def test_an_endless_request_line_gets_414_before_it_ends(api):
    answer = only_answer(api, b"GET /" + b"a" * 200_000)
    assert (answer.status, answer.json()) == (414, {"error": "URI Too Long"})


def test_headers_of_nearly_16384_bytes_are_read_and_more_get_431(api):
    assert ask(api, request_bytes("GET", "/health", [("X-Padding", "p" * 16_000)])).status == 200
    answer = only_answer(api, request_bytes("GET", "/health", [("X-Padding", "p" * 16_400)]))
    assert (answer.status, answer.json()) == (431, {"error": "Request Header Fields Too Large"})


@pytest.mark.parametrize("line", [b"X: y\r\n", b"X-" + b"n" * 50 + b":\r\n"])
def test_endless_headers_get_431_before_they_end(api, line):
    answer = only_answer(api, b"GET /health HTTP/1.1\r\nHost: a\r\n" + line * 10_000)
    assert (answer.status, answer.json()) == (431, {"error": "Request Header Fields Too Large"})


def test_the_header_limit_is_a_setting(start_embedded):
    souk = start_embedded(souk_http_max_header_bytes=4096)
    request = request_bytes("GET", "/health", [("X-Padding", "p" * 4096)])
    assert only_answer(souk.api, request).status == 431
    assert ask(souk.api, request_bytes("GET", "/health", [("X-Padding", "p" * 3000)])).status == 200


def test_answers_to_earlier_pipelined_requests_come_before_a_refusal(api, fresh_name):
    product = fresh_name("before")
    init(api, product, 1)
    with Connection(api) as connection:
        connection.send(
            order_request(product, fresh_name("key")) + HEALTH + b"GET / HTTP/1.1\nbad\n\n"
        )
        answers = connection.read_many(3)
        assert [answer.status for answer in answers] == [200, 200, 400]
        assert connection.is_closed_by_peer()
