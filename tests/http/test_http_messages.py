"""HTTP/1.1 as written: connections that stay, pipelines, methods, targets and versions."""

from __future__ import annotations

import email.utils
import time

import pytest

from support.flash_requests import init_request, order_request
from support.raw_http import Connection, ask, json_request, request_bytes

HEALTH = request_bytes("GET", "/health")


def test_a_connection_answers_many_requests_one_after_the_other(api):
    with Connection(api) as connection:
        for _ in range(50):
            answer = connection.ask(HEALTH)
            assert answer.status == 200
            assert answer.keeps_open


def test_a_request_sent_one_byte_at_a_time_is_answered(api):
    with Connection(api) as connection:
        for byte in HEALTH:
            connection.send(bytes([byte]))
        assert connection.read().status == 200


def test_a_hundred_mixed_pipelined_requests_are_answered_in_order(api, fresh_name):
    products = [fresh_name("pipeline") for _ in range(10)]
    script: list[tuple[bytes, int, str]] = []
    for number, product in enumerate(products):
        chunked = json_request("POST", "/order", {"productId": product, "userId": "u"})
        body = chunked.split(b"\r\n\r\n", 1)[1]
        key = fresh_name("key")
        script += [
            (
                init_request(product, number + 1),
                200,
                f'"msg":"Stock initialized for {product} to {number + 1}"',
            ),
            (request_bytes("GET", f"/inventory/{product}"), 200, f'"stock":{number + 1}'),
            (order_request(product, key), 200, '"status":"success"'),
            (order_request(product, key), 200, '"status":"ignored"'),
            (
                json_request("POST", "/order", {"productId": product, "userId": "u"}),
                400,
                "Missing Idempotency Key",
            ),
            (request_bytes("GET", f"/inventory/{product}"), 200, f'"stock":{number}'),
            (request_bytes("GET", f"/nowhere/{number}"), 404, '"error":"Not Found"'),
            (request_bytes("DELETE", "/order"), 405, '"error":"Method Not Allowed"'),
            (
                chunked_order(fresh_name("key"), body),
                200 if number else 409,
                '"success"' if number else '"sold_out"',
            ),
            (request_bytes("GET", f"/status/{key}"), 200, f'"productId":"{product}"'),
        ]
    assert len(script) == 100

    with Connection(api) as connection:
        connection.send(b"".join(request for request, _, _ in script))
        answers = connection.read_many(len(script))

    for (request, status, text), answer in zip(script, answers, strict=True):
        assert (answer.status, text in answer.body.decode()) == (status, True), (request, answer)


def chunked_order(key: str, body: bytes) -> bytes:
    head = request_bytes(
        "POST",
        "/order",
        [
            ("Content-Type", "application/json"),
            ("x-idempotency-key", key),
            ("Transfer-Encoding", "chunked"),
        ],
    )
    return head + b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)


def test_pipelined_requests_cut_at_every_place_are_answered_alike(api, fresh_name):
    both = HEALTH + order_request(fresh_name("cut"), fresh_name("key"))
    for cut in range(1, len(both), 7):
        with Connection(api) as connection:
            connection.send(both[:cut])
            connection.send(both[cut:])
            assert [answer.status for answer in connection.read_many(2)] == [
                200,
                409,
            ], f"cut at {cut}"


def test_connection_close_is_obeyed_after_the_answer(api):
    with Connection(api) as connection:
        answer = connection.ask(request_bytes("GET", "/health", [("Connection", "close")]))
        assert answer.status == 200
        assert (answer.header("connection") or "").lower() == "close"
        assert connection.is_closed_by_peer()


def test_requests_behind_a_connection_close_are_not_answered(api):
    with Connection(api) as connection:
        connection.send(request_bytes("GET", "/health", [("Connection", "close")]) + HEALTH)
        assert connection.read().status == 200
        assert connection.is_closed_by_peer()


def test_http_1_0_without_keep_alive_is_answered_and_closed(api):
    with Connection(api) as connection:
        answer = connection.ask(b"GET /health HTTP/1.0\r\n\r\n")
        assert answer.status == 200
        assert connection.is_closed_by_peer()


def test_http_1_0_with_keep_alive_says_what_it_does_with_the_connection(api):
    request = b"GET /health HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
    with Connection(api) as connection:
        answer = connection.ask(request)
        assert answer.status == 200
        if (answer.header("connection") or "").lower() == "keep-alive":
            assert connection.ask(request).status == 200
        else:
            assert connection.is_closed_by_peer()


def test_a_client_that_stops_sending_still_gets_its_answers(api):
    with Connection(api) as connection:
        connection.send(HEALTH * 3)
        connection.stop_sending()
        assert [answer.status for answer in connection.read_many(3)] == [200, 200, 200]
        assert connection.is_closed_by_peer()


@pytest.mark.parametrize("target", ["/health", "/capacity", "/inventory/nobody-has-this"])
def test_head_has_the_headers_of_get_and_no_body(api, target):
    with Connection(api) as connection:
        got = connection.ask(request_bytes("GET", target))
        connection.send(request_bytes("HEAD", target))
        head = connection.read(head_only=True)
        assert connection.ask(HEALTH).status == 200, "the connection is still in step"

    assert head.status == got.status
    assert comparable(head.headers) == comparable(got.headers)
    assert int(head.header("content-length") or -1) == len(got.body)


def comparable(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    changing = {"date", "x-request-id", "traceparent"}
    return sorted((name, value) for name, value in headers if name not in changing)


def test_every_answer_has_the_right_date(api):
    for request in (
        HEALTH,
        request_bytes("GET", "/nowhere"),
        request_bytes("POST", "/order", body="{"),
    ):
        answer = ask(api, request)
        date = email.utils.parsedate_to_datetime(answer.header("date") or "")
        assert abs(date.timestamp() - time.time()) <= 2


def test_json_answers_name_their_type_and_nobody_names_the_server(api):
    for request in (HEALTH, request_bytes("GET", "/nowhere"), request_bytes("DELETE", "/order")):
        answer = ask(api, request)
        assert answer.header("content-type") == "application/json; charset=utf-8"
        assert answer.header("server") is None
        assert "error" in answer.json() or answer.json()["status"] == "ok"


def test_the_absolute_form_of_a_target_is_understood(api):
    answer = ask(api, request_bytes("GET", "http://souk.test/health"))
    assert (answer.status, answer.word) == (200, "ok")


def test_header_names_are_understood_in_any_case_and_values_without_their_padding(api, fresh_name):
    product, key = fresh_name("case"), fresh_name("key")
    assert ask(api, init_request(product, 1)).status == 200
    body = f'{{"productId":"{product}","userId":"u"}}'
    headers = [
        ("CONTENT-TYPE", "Application/JSON ; charset=UTF-8"),
        ("X-IDEMPOTENCY-KEY", f"  {key}\t "),
    ]
    assert ask(api, request_bytes("POST", "/order", headers, body)).word == "success"
    assert ask(api, order_request(product, key)).word == "ignored"


def every_byte_encoded(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode())


def test_percent_encoded_path_parameters_are_decoded(api, fresh_name):
    product = fresh_name("percent/?#")
    assert ask(api, init_request(product, 3)).status == 200
    for encoded in (every_byte_encoded(product), every_byte_encoded(product).lower()):
        answer = ask(api, request_bytes("GET", f"/inventory/{encoded}"))
        assert (answer.status, answer.body and answer.json().get("stock")) == (200, 3), encoded


@pytest.mark.parametrize(
    "target", ["/inventory/%", "/inventory/%4", "/inventory/%zz", "/inventory/a%00b"]
)
def test_a_path_that_is_wrongly_encoded_is_refused(api, target):
    with Connection(api) as connection:
        assert connection.ask(request_bytes("GET", target)).status in (400, 404)
        assert ask(api, HEALTH).status == 200


def test_a_query_does_not_change_where_a_request_goes(api):
    assert ask(api, request_bytes("GET", "/health?a=b&c=%64#?x")).status in (200, 400)
    assert ask(api, request_bytes("GET", "/health?a=b&c")).status == 200


def test_options_of_the_whole_server_is_answered(api):
    with Connection(api) as connection:
        assert connection.ask(request_bytes("OPTIONS", "*")).status in (200, 204)
        assert connection.ask(HEALTH).status == 200


@pytest.mark.parametrize("method", ["BREW", "TRACE", "PROPFIND", "get", "X-TRA"])
def test_an_unknown_method_is_refused_with_a_reason(api, method):
    answer = ask(api, request_bytes(method, "/order"))
    assert answer.status in (405, 501)
    assert answer.json()["error"]


def test_connect_is_refused(api):
    answer = ask(api, request_bytes("CONNECT", "example.com:443"))
    assert answer.status in (400, 405, 501)
    assert answer.json()["error"]


@pytest.mark.parametrize("line", ["", "Host: a\r\nHost: b\r\n"], ids=["no Host", "two Hosts"])
def test_http_1_1_needs_exactly_one_host(api, line):
    with Connection(api) as connection:
        answer = connection.ask(f"GET /health HTTP/1.1\r\n{line}\r\n".encode())
        assert (answer.status, answer.json()) == (400, {"error": "Bad Request"})
        assert connection.is_closed_by_peer()
