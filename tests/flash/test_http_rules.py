# What holds on every path of the API: spec/flash.md decisions F6, F7 and F17, and HTTP itself.
import json
import socket

import pytest

from support.flash import JSON_TYPE, SUCCESS, expect, new_key
from support.raw import connect, exchange, post_bytes, read_answer

NOT_ALLOWED = '{"error":"Method Not Allowed"}'
MEDIA_TYPE = '{"error":"Unsupported Media Type"}'
INVALID_JSON = '{"error":"Invalid JSON"}'
TOO_LARGE = '{"error":"Payload Too Large"}'
MIB = 1024 * 1024


@pytest.mark.parametrize("method, path, allowed", [
    ("GET", "/init", "POST"), ("PUT", "/init", "POST"), ("DELETE", "/init", "POST"),
    ("GET", "/order", "POST"), ("PUT", "/order", "POST"), ("PATCH", "/order", "POST"),
    ("POST", "/capacity", "GET"), ("POST", "/health", "GET"), ("POST", "/metrics", "GET"),
    ("POST", "/status/x", "GET"), ("DELETE", "/status/x", "GET"),
    ("POST", "/inventory/x", "GET"), ("GET", "/cancel/x", "POST"),
])
def test_a_wrong_method_on_a_known_path_is_a_405_naming_the_right_one(flash, souk, method, path, allowed):
    answer = expect(souk.http.request(method, souk.api + path), 405, NOT_ALLOWED)
    assert allowed in [name.strip() for name in answer.headers["allow"].split(",")]


def test_a_wrong_method_is_refused_before_the_body_is_looked_at(souk):
    answer = souk.http.put(souk.api + "/order", content="{", headers={"content-type": "text/plain"})
    expect(answer, 405, NOT_ALLOWED)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
@pytest.mark.parametrize("path", ["/", "/nothing", "/orders", "/order/x", "/a/b/c", "/%2e%2e/etc"])
def test_an_unknown_path_is_a_404(souk, method, path):
    answer = souk.http.request(method, souk.api + path)
    expect(answer, 404, '{"error":"Not Found"}')


@pytest.mark.parametrize("path", ["/init", "/order"])
@pytest.mark.parametrize("body", [
    "", " ", "{", "}", '{"productId":', "{'productId':'a'}", '{"productId":"a",}', '{"a":1}{', "nul",
    '{"a":"\\ud800"}x', "\x00", '[]', '"text"', "5", "null", "true", '{"a":1} trailing',
    pytest.param("[" * 10000, id="10,000 brackets"),
])
def test_malformed_json_or_no_object_is_a_400(souk, path, body):
    headers = ["Content-Type: application/json", f"x-idempotency-key: {new_key()}"]
    answer = exchange(souk.api_port, post_bytes(path, body.encode(), headers))
    assert (answer.status, answer.text) == (400, INVALID_JSON)
    assert answer.headers["content-type"] == JSON_TYPE


def test_text_that_is_not_utf_8_is_a_400(souk):
    body = b'{"productId":"a","userId":"\xff\xfe"}'
    headers = ["Content-Type: application/json", f"x-idempotency-key: {new_key()}"]
    answer = exchange(souk.api_port, post_bytes("/order", body, headers))
    assert (answer.status, answer.text) == (400, INVALID_JSON)


@pytest.mark.parametrize("path", ["/init", "/order"])
@pytest.mark.parametrize("media_type", [
    None, "text/xml", "application/x-www-form-urlencoded", "application/jsonp", "json",
    "application/octet-stream",
])
def test_another_media_type_is_a_415(souk, path, media_type):
    headers = [] if media_type is None else [f"Content-Type: {media_type}"]
    body = b'{"productId":"a","quantity":1,"userId":"u"}'
    answer = exchange(souk.api_port, post_bytes(path, body, headers))
    assert (answer.status, answer.text) == (415, MEDIA_TYPE)
    assert answer.headers["content-type"] == JSON_TYPE


@pytest.mark.parametrize("media_type", [
    "application/json", "application/json; charset=utf-8", "Application/JSON",
    "application/json;charset=UTF-8",
])
def test_json_is_recognised_with_parameters_and_in_any_case(souk, flash, product, media_type):
    flash.stocked(product, 1)
    body = f'{{"productId":"{product}","userId":"u"}}'.encode()
    answer = exchange(souk.api_port, post_bytes(
        "/order", body, [f"Content-Type: {media_type}", f"x-idempotency-key: {new_key()}"]))
    assert (answer.status, answer.text) == (200, SUCCESS)


def test_a_body_of_exactly_one_mebibyte_is_read(flash, product):
    flash.stocked(product, 1)
    body = json.dumps({"productId": product, "userId": "u"}).encode()
    answer = flash.post("/order", content=body + b" " * (MIB - len(body)),
                        headers={"content-type": "application/json", "x-idempotency-key": new_key()})
    expect(answer, 200, SUCCESS)


@pytest.mark.parametrize("path", ["/init", "/order"])
def test_a_body_announced_above_one_mebibyte_is_a_413(souk, path):
    head = (f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            f"Content-Length: {MIB + 1}\r\n\r\n")
    answer = exchange(souk.api_port, head.encode())
    assert (answer.status, answer.text) == (413, TOO_LARGE)


def test_a_chunked_body_above_one_mebibyte_is_a_413(souk):
    head = ("POST /order HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            "Transfer-Encoding: chunked\r\n\r\n")
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    with connect(souk.api_port) as connection:
        connection.sendall(head.encode() + chunk * 16)
        try:
            connection.sendall(b"1\r\n \r\n0\r\n\r\n")
        except OSError:
            pass  # it has answered and closed already, which is what we look at next
        answer = read_answer(connection, "POST")
    assert (answer.status, answer.text) == (413, TOO_LARGE)


def test_a_chunked_body_is_read(souk, flash, product):
    flash.stocked(product, 1)
    body = f'{{"productId":"{product}","userId":"u"}}'.encode()
    head = (f"POST /order HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            f"x-idempotency-key: {new_key()}\r\nTransfer-Encoding: chunked\r\n\r\n")
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(p), p) for p in (body[:7], body[7:20], body[20:]))
    answer = exchange(souk.api_port, head.encode() + chunks + b"0\r\n\r\n")
    assert (answer.status, answer.text) == (200, SUCCESS)


def test_a_client_that_asks_first_is_told_to_continue(souk, flash, product):
    flash.stocked(product, 1)
    body = f'{{"productId":"{product}","userId":"u"}}'.encode()
    request = post_bytes("/order", body, ["Content-Type: application/json", "Expect: 100-continue",
                                          f"x-idempotency-key: {new_key()}"])
    head, _, _ = request.partition(b"\r\n\r\n")
    with connect(souk.api_port) as connection:
        connection.sendall(head + b"\r\n\r\n")
        assert connection.recv(1000).startswith(b"HTTP/1.1 100")
        connection.sendall(body)
        answer = read_answer(connection, "POST")
    assert (answer.status, answer.text) == (200, SUCCESS)


@pytest.mark.parametrize("path", ["/health", "/capacity", "/metrics", "/inventory/PRODUCT"])
def test_head_answers_as_get_without_a_body(souk, flash, product, path):
    flash.stocked(product, 4)
    path = path.replace("PRODUCT", product)
    head, get = souk.http.head(souk.api + path), flash.get(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == get.headers["content-type"]
    if path != "/metrics":  # whose length changes with its figures
        assert head.headers["content-length"] == str(len(get.content))


def test_head_on_an_unknown_path_is_a_404_without_a_body(souk):
    answer = souk.http.head(souk.api + "/nothing")
    assert (answer.status_code, answer.content) == (404, b"")


def test_head_on_a_path_that_only_takes_post_is_a_405_without_a_body(souk):
    answer = souk.http.head(souk.api + "/order")
    assert (answer.status_code, answer.content) == (405, b"")


@pytest.mark.parametrize("request_bytes, status, reason", [
    (b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414, "URI Too Long"),
    (b"GET /health HTTP/1.1\r\nHost: x\r\nX-Big: " + b"a" * 100_000 + b"\r\n\r\n", 431,
     "Request Header Fields Too Large"),
], ids=["414", "431"])
def test_a_request_head_that_is_too_large_is_answered_and_the_connection_closed(
        souk, request_bytes, status, reason):
    with connect(souk.api_port) as connection:
        try:
            connection.sendall(request_bytes)
        except OSError:
            pass  # it need not read everything before it answers
        answer = read_answer(connection)
        assert (answer.status, answer.text) == (status, f'{{"error":"{reason}"}}')
        assert answer.headers["connection"] == "close"
        assert _closed_by_peer(connection)


@pytest.mark.parametrize("request_bytes", [
    b"nonsense\r\n\r\n",
    b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
    b"POST /order HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
    b"POST /order HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
    b"POST /order HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"POST /order HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
], ids=["no HTTP", "version", "negative length", "two lengths", "length and chunked", "bad chunk"])
def test_bytes_that_are_not_a_request_are_refused_and_the_connection_closed(souk, request_bytes):
    with connect(souk.api_port) as connection:
        connection.sendall(request_bytes)
        answer = read_answer(connection)
        assert 400 <= answer.status < 600 and answer.status not in (404, 409)
        assert _closed_by_peer(connection)


@pytest.mark.slow
def test_a_request_that_never_ends_is_a_408_and_the_connection_closed(souk):
    with connect(souk.api_port, seconds=100) as connection:
        connection.sendall(b"POST /order HTTP/1.1\r\nHost: x\r\nContent-Le")
        answer = read_answer(connection)
        assert (answer.status, answer.text) == (408, '{"error":"Request Timeout"}')
        assert answer.headers["connection"] == "close"
        assert _closed_by_peer(connection)


def test_many_requests_on_one_connection_are_answered_in_their_order(souk, flash, product):
    flash.stocked(product, 1)
    paths = ["/health", f"/inventory/{product}", "/nothing", "/health"]
    requests = b"".join(f"GET {p} HTTP/1.1\r\nHost: x\r\n\r\n".encode() for p in paths)
    statuses = []
    with connect(souk.api_port) as connection:
        connection.sendall(requests)
        received = b""
        while received.count(b"HTTP/1.1 ") < 4 or not received.endswith(b"}"):
            piece = connection.recv(65536)
            assert piece, f"closed after {received!r}"
            received += piece
    statuses = [part[:3] for part in received.split(b"HTTP/1.1 ")[1:]]
    assert statuses == [b"200", b"200", b"404", b"200"]


def test_no_answer_names_its_server_software(flash):
    for path in ("/health", "/nothing", "/capacity"):
        assert "server" not in flash.get(path).headers


def test_the_api_answers_over_ipv6_as_well(souk):
    try:
        connection = socket.create_connection(("::1", souk.api_port), timeout=10)
    except OSError as error:
        if not socket.has_ipv6 or error.errno in (97, 99):  # no such family, no such address
            pytest.skip("this machine has no IPv6 loopback address")
        raise
    with connection:
        connection.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        assert read_answer(connection).status == 200


def _closed_by_peer(connection):
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True
