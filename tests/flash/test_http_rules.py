# What holds on every path of the API: spec/flash.md decisions F6, F7 and F17, and HTTP itself.
import json
import socket

import pytest

from support.flash import JSON_TYPE, SUCCESS, expect, new_key
from support.raw_http import Connection, ask, request_bytes

NOT_ALLOWED = '{"error":"Method Not Allowed"}'
MEDIA_TYPE = '{"error":"Unsupported Media Type"}'
INVALID_JSON = '{"error":"Invalid JSON"}'
TOO_LARGE = '{"error":"Payload Too Large"}'
MIB = 1024 * 1024
JSON = ("Content-Type", "application/json")


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
    headers = [JSON, ("x-idempotency-key", new_key())]
    answer = ask(souk.api, request_bytes("POST", path, headers, body))
    assert (answer.status, answer.text) == (400, INVALID_JSON)
    assert answer.header("content-type") == JSON_TYPE


def test_text_that_is_not_utf_8_is_a_400(souk):
    body = b'{"productId":"a","userId":"\xff\xfe"}'
    headers = [JSON, ("x-idempotency-key", new_key())]
    answer = ask(souk.api, request_bytes("POST", "/order", headers, body))
    assert (answer.status, answer.text) == (400, INVALID_JSON)


@pytest.mark.parametrize("path", ["/init", "/order"])
@pytest.mark.parametrize("media_type", [
    None, "text/xml", "application/x-www-form-urlencoded", "application/jsonp", "json",
    "application/octet-stream",
])
def test_another_media_type_is_a_415(souk, path, media_type):
    headers = [] if media_type is None else [("Content-Type", media_type)]
    body = b'{"productId":"a","quantity":1,"userId":"u"}'
    answer = ask(souk.api, request_bytes("POST", path, headers, body))
    assert (answer.status, answer.text) == (415, MEDIA_TYPE)
    assert answer.header("content-type") == JSON_TYPE


@pytest.mark.parametrize("media_type", [
    "application/json", "application/json; charset=utf-8", "Application/JSON",
    "application/json;charset=UTF-8",
])
def test_json_is_recognised_with_parameters_and_in_any_case(souk, flash, product, media_type):
    flash.stocked(product, 1)
    body = f'{{"productId":"{product}","userId":"u"}}'.encode()
    headers = [("Content-Type", media_type), ("x-idempotency-key", new_key())]
    answer = ask(souk.api, request_bytes("POST", "/order", headers, body))
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
    answer = ask(souk.api, head.encode())
    assert (answer.status, answer.text) == (413, TOO_LARGE)


def test_a_chunked_body_above_one_mebibyte_is_a_413(souk):
    head = ("POST /order HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            "Transfer-Encoding: chunked\r\n\r\n")
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    with Connection(souk.api) as connection:
        connection.send(head.encode() + chunk * 16)
        connection.send_unless_closed(b"1\r\n \r\n0\r\n\r\n")
        answer = connection.read()
    assert (answer.status, answer.text) == (413, TOO_LARGE)


def test_a_chunked_body_is_read(souk, flash, product):
    flash.stocked(product, 1)
    body = f'{{"productId":"{product}","userId":"u"}}'.encode()
    head = (f"POST /order HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            f"x-idempotency-key: {new_key()}\r\nTransfer-Encoding: chunked\r\n\r\n")
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(p), p) for p in (body[:7], body[7:20], body[20:]))
    answer = ask(souk.api, head.encode() + chunks + b"0\r\n\r\n")
    assert (answer.status, answer.text) == (200, SUCCESS)


def test_a_client_that_asks_first_is_told_to_continue(souk, flash, product):
    flash.stocked(product, 1)
    body = f'{{"productId":"{product}","userId":"u"}}'.encode()
    headers = [JSON, ("Expect", "100-continue"), ("x-idempotency-key", new_key())]
    request = request_bytes("POST", "/order", headers, body)
    head, _, _ = request.partition(b"\r\n\r\n")
    with Connection(souk.api) as connection:
        connection.send(head + b"\r\n\r\n")
        assert connection.read().status == 100
        connection.send(body)
        answer = connection.read()
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


@pytest.mark.parametrize("data, status, reason", [
    (b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414, "URI Too Long"),
    (b"GET /health HTTP/1.1\r\nHost: x\r\nX-Big: " + b"a" * 100_000 + b"\r\n\r\n", 431,
     "Request Header Fields Too Large"),
], ids=["414", "431"])
def test_a_request_head_that_is_too_large_is_answered_and_the_connection_closed(
        souk, data, status, reason):
    with Connection(souk.api) as connection:
        connection.send_unless_closed(data)
        answer = connection.read()
        assert (answer.status, answer.text) == (status, f'{{"error":"{reason}"}}')
        assert answer.header("connection") == "close"
        assert connection.is_closed_by_peer()


@pytest.mark.parametrize("data", [
    b"nonsense\r\n\r\n",
    b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
    b"POST /order HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
    b"POST /order HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
    b"POST /order HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"POST /order HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
], ids=["no HTTP", "version", "negative length", "two lengths", "length and chunked", "bad chunk"])
def test_bytes_that_are_not_a_request_are_refused_and_the_connection_closed(souk, data):
    with Connection(souk.api) as connection:
        connection.send(data)
        answer = connection.read()
        assert 400 <= answer.status < 600 and answer.status not in (404, 409)
        assert connection.is_closed_by_peer()


@pytest.mark.slow
def test_a_request_that_never_ends_is_a_408_and_the_connection_closed(souk):
    with Connection(souk.api, timeout=100) as connection:
        connection.send(b"POST /order HTTP/1.1\r\nHost: x\r\nContent-Le")
        answer = connection.read()
        assert (answer.status, answer.text) == (408, '{"error":"Request Timeout"}')
        assert answer.header("connection") == "close"
        assert connection.is_closed_by_peer()


def test_many_requests_on_one_connection_are_answered_in_their_order(souk, flash, product):
    flash.stocked(product, 1)
    paths = ["/health", f"/inventory/{product}", "/nothing", "/health"]
    requests = b"".join(f"GET {p} HTTP/1.1\r\nHost: x\r\n\r\n".encode() for p in paths)
    with Connection(souk.api) as connection:
        connection.send(requests)
        statuses = [answer.status for answer in connection.read_many(4)]
    assert statuses == [200, 200, 404, 200]


def test_no_answer_names_its_server_software(flash):
    for path in ("/health", "/nothing", "/capacity"):
        assert "server" not in flash.get(path).headers


def test_the_api_answers_over_ipv6_as_well(souk):
    try:
        connection = Connection(("::1", souk.api_port))
    except OSError as error:
        if not socket.has_ipv6 or error.errno in (97, 99):  # no such family, no such address
            pytest.skip("this machine has no IPv6 loopback address")
        raise
    with connection:
        assert connection.ask(request_bytes("GET", "/health")).status == 200
