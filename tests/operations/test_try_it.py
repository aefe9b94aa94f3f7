# POST /console/try: requests to this program's own listeners, and to nobody else.
import signal
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from support.console import Console, refused
from support.eventually import eventually
from support.flash import SUCCESS, new_key
from support.metrics import total
from support.raw_http import Connection

JSON = {"content-type": "application/json"}


@pytest.fixture
def console(souk):
    return Console(souk)


def tried(answer):
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert set(body) == {"status", "headers", "body", "durationMs"} and body["durationMs"] > 0
    return body


def header(answer, name):
    return [each["value"] for each in answer["headers"] if each["name"].lower() == name]


def test_an_order_can_be_tried(console, flash, product):
    flash.stocked(product, 2)
    body = f'{{"productId":"{product}","userId":"ü"}}'
    answer = tried(console.attempt("POST", "/order", headers=JSON | {"x-idempotency-key": new_key()}, body=body))
    assert (answer["status"], answer["body"]) == (200, SUCCESS)
    assert len(header(answer, "x-order-id")[0]) == 36
    assert flash.stock(product) == 1


def test_a_query_an_escape_and_another_listener(console, product):
    page = tried(console.attempt("GET", f"/?productId={product}&return=x%20y", listener="waiting room"))
    assert page["status"] == 200 and "waiting room" in page["body"]
    assert tried(console.attempt("GET", f"/inventory/{product}%2F.."))["status"] == 404
    assert tried(console.attempt("GET", "/../../etc/passwd"))["status"] == 404


def test_refusals_and_redirects_are_shown_as_they_are(start_embedded):
    console = Console(start_embedded(rate_limit_rps=1))

    def order():
        headers = JSON | {"x-idempotency-key": new_key()}
        return tried(console.attempt("POST", "/order", headers=headers, body='{"productId":"p","userId":"u"}'))
    answers = [order() for _ in range(4)]
    redirect = [each for each in answers if each["status"] == 302][0]
    assert header(redirect, "location") == ["http://localhost:4000"]


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "POST"])
def test_every_method_arrives(console, method):
    assert tried(console.attempt(method, "/health"))["status"] == (200 if method == "HEAD" else 405)


def test_nothing_is_added_to_the_headers(start_embedded):
    console = Console(start_embedded(flash_admin_token="geheim"))
    body = '{"productId":"p","quantity":1}'
    without = tried(console.attempt("POST", "/init", headers=JSON, body=body))
    assert without["status"] == 401
    bearer = JSON | {"authorization": "Bearer geheim", "x-empty": ""}
    assert tried(console.attempt("POST", "/init", headers=bearer, body=body))["status"] == 200


@pytest.mark.parametrize("listener", ["", "operations", "API", "waiting%20room", "http://127.0.0.1"])
def test_only_listeners_of_this_program_are_there(console, listener):
    refused(console.attempt("GET", "/", listener=listener), 404)
    refused(console.attempt("GET", "/", service="store"), 404)


@pytest.fixture
def stranger():
    """A server that nobody may be sent to; gives its port and whether somebody came."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.2)
        came = threading.Event()
        done = threading.Event()

        def watch():
            while not done.is_set():
                try:
                    listening.accept()[0].close()
                    came.set()
                except TimeoutError:
                    continue
        thread = threading.Thread(target=watch)
        thread.start()
        yield listening.getsockname()[1], came
        done.set()
        thread.join()


def test_no_other_host_is_reached(console, stranger):
    port, came = stranger
    there = f"127.0.0.1:{port}"
    for path in (f"http://{there}/", f"@{there}/", f":80@{there}/", f"//{there}/", f"/@{there}", f".{there}/",
                 f"\\\\{there}", f"/\\@{there}", f"?@{there}", f"#@{there}/", f":{port}/"):
        answer = console.attempt("GET", path)
        if path.startswith("/"):
            assert tried(answer)["status"] in (400, 404), path
        else:
            refused(answer, 400)
    answer = console.attempt("GET", "/health", headers={"Host": there, "X-Forwarded-Host": there})
    assert tried(answer)["status"] == 200
    assert not came.is_set()


@pytest.mark.parametrize("path", ["", "health", " /health", "/hea lth", "/health\r\nX: y", "/x\ty", "/#x", "/\x00",
                                  "/" + "x" * 8_001])
def test_a_path_is_a_path(console, path):
    refused(console.attempt("GET", path), 400)


@pytest.mark.parametrize("method", ["", "get", "CONNECT", "TRACE", "GET /x HTTP/1.1\r\nX:", "GET\n"])
def test_a_method_is_a_method(console, method):
    refused(console.attempt(method, "/health"), 400)


@pytest.mark.parametrize("name, value", [
    ("", "x"), ("a b", "x"), ("a:", "x"), ("a\r\nb", "x"), ("ä", "x"), ("x", "a\r\nHost: b"), ("x", "a\x00"),
    ("Content-Length", "1"), ("transfer-encoding", "chunked"), ("Connection", "close"), ("Expect", "100-continue"),
    ("x", "y" * 8_001)])
def test_a_header_is_a_header(console, name, value):
    refused(console.attempt("GET", "/health", headers={name: value}), 400)


@pytest.mark.parametrize("change", [
    {"service": 1}, {"listener": None}, {"method": ["GET"]}, {"path": None}, {"headers": {}}, {"headers": "x"},
    {"headers": [1]}, {"headers": [{"name": "x"}]}, {"headers": [{"name": "x", "value": 1}]}, {"body": 1},
    {"headers": [{"name": "x", "value": "y"}] * 51}], ids=str)
def test_a_bad_body_is_refused_in_words(console, change):
    good = {"service": "flash", "listener": "api", "method": "GET", "path": "/health", "headers": [], "body": ""}
    assert console.post("/console/try", good).status_code == 200
    refused(console.post("/console/try", good | change), 400)
    for missing in ("service", "listener", "method", "path"):
        refused(console.post("/console/try", {k: v for k, v in good.items() if k != missing}), 400)


def test_many_at_once_are_refused_and_none_is_lost(console):
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: console.attempt("GET", "/metrics"), range(60)))
    assert {answer.status_code for answer in answers} <= {200, 503}
    assert [answer.status_code for answer in answers].count(200) >= 2
    assert tried(console.attempt("GET", "/health"))["status"] == 200


def in_flight(console):
    """Requests to the listeners of services; the operations listener has a capacity of its own."""
    return total(console.get("/metrics").text, "gauge", "souk_http_requests_in_flight")


def test_the_program_stops_while_one_is_under_way(start_embedded):
    souk = start_embedded()
    console = Console(souk)
    with ThreadPoolExecutor(1) as pool:
        with souk.storage.orders_stay_pending():
            body = '{"productId":"p","quantity":1}'
            waiting = pool.submit(console.attempt, "POST", "/init", headers=JSON, body=body)
            eventually(lambda: in_flight(console) == 1, 5, "it waits for the database")
            souk.process.send_signal(signal.SIGTERM)
            eventually(lambda: "stopping" in souk.stderr, 5, "it stops")
        assert tried(waiting.result(timeout=10))["status"] == 200
    code, _ = souk.expect_exit()
    assert code == 0


def test_a_client_that_leaves_does_no_harm(console, souk):
    for _ in range(5):
        with Connection(("127.0.0.1", souk.ops_port)) as connection:
            body = b'{"service":"flash","listener":"api","method":"GET","path":"/metrics"}'
            connection.send(b"POST /console/try HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                            b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
            connection.vanish()
    eventually(lambda: console.attempt("GET", "/health").status_code == 200, 10, "it goes on")
