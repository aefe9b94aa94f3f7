"""Bodies: chunked in every legal and illegal way, announced, expected, too large and cut short."""

from __future__ import annotations

import json

import pytest

from support.eventually import eventually
from support.flash_requests import init, init_request, order_request, stock
from support.raw_http import Connection, ask, request_bytes

MIB = 1024 * 1024
JSON = ("Content-Type", "application/json")
HEALTH = request_bytes("GET", "/health")


def chunked_head(key: str, *more: tuple[str, str]) -> bytes:
    headers = [JSON, ("x-idempotency-key", key), ("Transfer-Encoding", "chunked"), *more]
    return request_bytes("POST", "/order", headers)


def order_body(product: str) -> bytes:
    return json.dumps({"productId": product, "userId": "user-1"}).encode()


def chunks(body: bytes, size: int, extension: bytes = b"") -> bytes:
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x%b\r\n%b\r\n" % (len(piece), extension, piece) for piece in pieces)


def in_pieces(connection: Connection, data: bytes, size: int) -> None:
    for at in range(0, len(data), size):
        connection.send(data[at : at + size])


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
@pytest.mark.parametrize("piece", [1, 3, 100_000])
def test_a_chunked_body_is_understood_however_it_is_cut(api, fresh_name, size, piece):
    product = fresh_name("chunked")
    init(api, product, 1)
    data = chunked_head(fresh_name("key")) + chunks(order_body(product), size) + b"0\r\n\r\n"
    with Connection(api) as connection:
        in_pieces(connection, data, piece)
        answer = connection.read()
        assert (answer.status, answer.word) == (200, "success")
        assert connection.ask(HEALTH).status == 200, "the connection is still in step"


def test_chunk_extensions_and_trailers_are_read_and_ignored(api, fresh_name):
    product, key = fresh_name("trailers"), fresh_name("key")
    init(api, product, 1)
    body = chunks(order_body(product), 9, b';name=value;quoted="a;b"')
    end = b"0;last\r\nX-Checksum: 1\r\nx-idempotency-key: another\r\n\r\n"
    with Connection(api) as connection:
        assert connection.ask(chunked_head(key) + body + end).word == "success"
        assert (
            connection.ask(order_request(product, key)).word == "ignored"
        ), "trailers change nothing"


def test_chunk_sizes_may_have_leading_zeros_and_letters_of_both_cases(api, fresh_name):
    product = fresh_name("sizes")
    init(api, product, 2)
    body = order_body(product).ljust(0xAB)
    for size in (b"0000AB", b"0aB"):
        data = chunked_head(fresh_name("key")) + size + b"\r\n" + body + b"\r\n000\r\n\r\n"
        assert ask(api, data).word == "success"


@pytest.mark.parametrize(
    "bad",
    [
        b"zz\r\nabc\r\n0\r\n\r\n",
        b"-1\r\na\r\n0\r\n\r\n",
        b"0x3\r\nabc\r\n0\r\n\r\n",
        b"+3\r\nabc\r\n0\r\n\r\n",
        b"\r\nabc\r\n0\r\n\r\n",
        b" 3\r\nabc\r\n0\r\n\r\n",
        b"3\r\nabcd\r\n0\r\n\r\n",
        b"3\nabc\n0\n\n",
    ],
)
def test_a_bad_chunk_is_refused_and_the_connection_closed(api, fresh_name, bad):
    with Connection(api) as connection:
        connection.send(chunked_head(fresh_name("key")) + bad)
        answer = connection.read()
        assert (answer.status, answer.json()) == (400, {"error": "Bad Request"})
        assert connection.is_closed_by_peer()


@pytest.mark.parametrize(
    "size", [b"fffffffffffffffff", b"7fffffffffffffff", b"ffffffffffffffff", b"100001"]
)
def test_a_chunk_larger_than_any_body_may_be_is_refused(api, fresh_name, size):
    with Connection(api) as connection:
        connection.send(chunked_head(fresh_name("key")) + size + b"\r\nabc")
        assert connection.read().status in (400, 413)
        assert connection.is_closed_by_peer()


def test_a_body_of_exactly_one_mebibyte_is_taken(api, fresh_name):
    product = fresh_name("exact")
    init(api, product, 2)
    body = order_body(product).ljust(MIB)
    headers = [JSON, ("x-idempotency-key", fresh_name("key"))]
    assert ask(api, request_bytes("POST", "/order", headers, body)).word == "success"
    chunked = chunked_head(fresh_name("key")) + chunks(body, 65536) + b"0\r\n\r\n"
    assert ask(api, chunked).word == "success"


def test_a_longer_body_is_refused_by_its_announced_length_before_it_is_sent(api, fresh_name):
    headers = [JSON, ("x-idempotency-key", fresh_name("key")), ("Content-Length", str(MIB + 1))]
    with Connection(api) as connection:
        answer = connection.ask(request_bytes("POST", "/order", headers))
        assert (answer.status, answer.json()) == (413, {"error": "Payload Too Large"})
        assert connection.is_closed_by_peer()


def test_a_longer_chunked_body_is_refused_when_it_passes_the_limit(api, fresh_name):
    with Connection(api) as connection:
        connection.send_unless_closed(
            chunked_head(fresh_name("key")) + chunks(b" " * (MIB + 1), 65536)
        )
        answer = connection.read()
        assert (answer.status, answer.json()) == (413, {"error": "Payload Too Large"})
        assert connection.is_closed_by_peer()


def test_one_byte_chunks_cannot_smuggle_a_body_past_the_limit(api, fresh_name):
    """The limit counts the body; the framing around it is bounded as well, or never kept."""
    with Connection(api) as connection:
        connection.send_unless_closed(chunked_head(fresh_name("key")) + chunks(b" " * (MIB + 1), 1))
        assert connection.read().status in (400, 413)


def test_endless_trailers_and_extensions_are_refused(api, fresh_name):
    for endless in (b"0\r\n" + b"X: y\r\n" * 20_000, b"1;" + b"x" * 100_000):
        with Connection(api) as connection:
            connection.send_unless_closed(chunked_head(fresh_name("key")) + endless)
            assert connection.read().status in (400, 413, 431)


def test_expect_100_continue_gets_100_and_then_the_answer(api, fresh_name):
    product = fresh_name("expect")
    init(api, product, 1)
    body = order_body(product)
    headers = [JSON, ("x-idempotency-key", fresh_name("key")), ("Expect", "100-continue")]
    head = request_bytes("POST", "/order", [*headers, ("Content-Length", str(len(body)))])
    with Connection(api) as connection:
        assert connection.ask(head).status == 100
        assert connection.ask(body).word == "success"
        assert connection.ask(HEALTH).status == 200


def test_expect_100_continue_with_the_body_already_there_is_answered_once(api, fresh_name):
    product = fresh_name("expect")
    init(api, product, 1)
    headers = [JSON, ("x-idempotency-key", fresh_name("key")), ("Expect", "100-continue")]
    with Connection(api) as connection:
        connection.send(request_bytes("POST", "/order", headers, order_body(product)) + HEALTH)
        answers = [connection.read()]
        while len([answer for answer in answers if answer.status != 100]) < 2:
            answers.append(connection.read())
        assert [answer.word for answer in answers if answer.status != 100] == ["success", "ok"]


def test_expect_100_continue_with_a_body_too_large_gets_413_and_no_100(api, fresh_name):
    headers = [JSON, ("Expect", "100-continue"), ("Content-Length", str(MIB + 1))]
    with Connection(api) as connection:
        assert connection.ask(request_bytes("POST", "/order", headers)).status == 413
        assert connection.is_closed_by_peer()


def test_another_expectation_gets_417(api):
    answer = ask(api, request_bytes("POST", "/order", [JSON, ("Expect", "a-miracle")], "{}"))
    assert (answer.status, answer.json()) == (417, {"error": "Expectation Failed"})


@pytest.mark.parametrize("ending", ["stop_sending", "vanish"])
def test_a_body_cut_in_half_orders_nothing(api, fresh_name, ending):
    product, key = fresh_name("cut"), fresh_name("key")
    init(api, product, 5)
    request = order_request(product, key)
    with Connection(api) as connection:
        connection.send(request[:-20])
        getattr(connection, ending)()
        if ending == "stop_sending":
            rest = connection.read_rest()
            assert rest == b"" or rest.startswith(b"HTTP/1.1 400 ")
    assert ask(api, request_bytes("GET", f"/status/{key}")).status == 404
    assert stock(api, product) == 5
    assert ask(api, order_request(product, key)).word == "success", "the key is still free"


def test_many_connections_that_die_in_the_middle_leave_nothing_behind(api, fresh_name):
    product = fresh_name("dying")
    init(api, product, 5)
    request = order_request(product, fresh_name("key"))
    for at in range(1, len(request) - 1, 3):
        connection = Connection(api)
        connection.send(request[:at])
        connection.vanish()
    eventually(lambda: ask(api, HEALTH).status == 200)
    assert stock(api, product) == 5


def test_an_empty_body_with_a_json_type_is_bad_json_and_the_connection_lives(api):
    with Connection(api) as connection:
        answer = connection.ask(request_bytes("POST", "/init", [JSON], b""))
        assert (answer.status, answer.json()) == (400, {"error": "Invalid JSON"})
        assert connection.ask(init_request("after-empty", 1)).status == 200
