# /events (spec 7.5): the upgrade, what a listener is told, and what closes its connection.
import json
import time
import uuid
from contextlib import ExitStack

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

PATIENCE = 15  # seconds


class Listener:
    def __init__(self, souk, query="", **options):
        url = f"ws://127.0.0.1:{souk.api_port}/events{query}"
        self.opened = ExitStack()
        self.socket = self.opened.enter_context(
            connect(url, open_timeout=PATIENCE, proxy=None, **options))
        self.seq = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.opened.close()

    def frame(self):
        frame = json.loads(self.socket.recv(timeout=PATIENCE))
        self.seq += 1
        assert frame["seq"] == self.seq
        assert abs(frame["ts"] - time.time() * 1000) < 60_000
        return frame

    def until(self, **wanted):
        """Reads on until a frame has these fields; gives all frames read."""
        frames = []
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            frames.append(self.frame())
            if all(frames[-1].get(name) == value for name, value in wanted.items()):
                return frames
        raise AssertionError(f"no {wanted} among {frames}")

    def send(self, message):
        self.socket.send(message if isinstance(message, (str, bytes)) else json.dumps(message))

    def close_code(self):
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                self.socket.recv(timeout=PATIENCE)
        return closed.value.rcvd.code if closed.value.rcvd else None


@pytest.fixture
def listen(souk):
    opened = []

    def start(query="", **options):
        opened.append(Listener(souk, query, **options))
        return opened[-1]

    yield start
    for listener in opened:
        listener.close()


def only(product):
    return f"?productId={product}"


def test_a_listener_is_greeted_and_told_the_stock(flash, product, listen):
    flash.stocked(product, 5)
    listener = listen(only(product))

    hello = listener.frame()
    assert {**hello, "ts": 0} == {"type": "hello", "seq": 1, "ts": 0, "interval": 100}
    stock = listener.frame()
    assert list(stock) == ["type", "seq", "ts", "productId", "stock"]
    assert (stock["type"], stock["productId"], stock["stock"]) == ("inventory", product, 5)


def test_without_a_filter_every_product_is_told_once(flash, listen):
    products = {f"all-{uuid.uuid4()}" for _ in range(20)}
    for product in products:
        flash.stocked(product, 3)
    listener = listen()
    listener.frame()

    told = []
    while not products <= set(told):
        frame = listener.frame()
        assert frame["type"] == "inventory"
        told.append(frame["productId"])
    assert len(told) == len(set(told))


def test_the_last_value_and_the_end_of_a_sale_are_told(flash, product, listen):
    listener = listen(only(product))
    listener.frame()
    flash.stocked(product, 3)
    for _ in range(3):
        flash.accepted(product)

    frames = listener.until(type="sold_out", productId=product)
    assert frames[0]["type"] == "init" and frames[0]["quantity"] == 3
    stocks = [frame["stock"] for frame in frames if frame["type"] == "inventory"]
    assert stocks[-1] == 0 and stocks == sorted(stocks, reverse=True)
    flash.stocked(product, 0)
    again = listener.until(type="sold_out", productId=product)
    assert again[0]["type"] == "init" and again[0]["quantity"] == 0


def test_values_in_between_are_skipped(flash, product, listen):
    flash.stocked(product, 400)
    listener = listen(only(product))
    began = time.monotonic()
    for _ in range(400):
        flash.accepted(product)

    frames = listener.until(type="sold_out")
    stocks = [frame for frame in frames if frame["type"] == "inventory"]
    assert len(stocks) <= 10 * (time.monotonic() - began) + 2


def test_an_order_is_told_to_who_asked_for_it(flash, product, listen):
    flash.stocked(product, 2)
    order = flash.accepted(product)
    listener = listen(only("nothing-else"))
    listener.send({"type": "subscribe", "orderIds": [order]})

    frames = listener.until(type="order", state="confirmed")
    assert frames[-1]["orderId"] == order
    assert [f["type"] for f in frames if f["type"] not in ("hello", "order")] == []


def test_an_order_may_be_named_by_its_key(flash, product, listen):
    flash.stocked(product, 2)
    key = str(uuid.uuid4())
    order = flash.accepted(product, key)
    listener = listen(only("nothing-else"))
    listener.send({"type": "subscribe", "orderIds": [key]})

    assert listener.until(type="order", state="confirmed")[-1]["orderId"] == order


def test_subscribe_adds_and_unsubscribe_takes_away(flash, product, listen):
    other = f"{product}-b"
    flash.stocked(product, 5)
    flash.stocked(other, 7)
    listener = listen(only("nothing-else"))
    listener.frame()
    listener.send({"type": "subscribe", "productIds": [product]})
    assert listener.frame()["productId"] == product
    listener.send({"type": "unsubscribe", "productIds": [product]})
    listener.send({"type": "subscribe", "productIds": [other]})
    assert listener.frame()["productId"] == other
    flash.accepted(product)
    flash.accepted(other)
    assert listener.frame()["productId"] == other


@pytest.mark.parametrize("message", [
    "hello", "[]", "{}", '{"type":"order"}', '{"type":"subscribe","x":1}',
    '{"type":"subscribe","productIds":"a"}', '{"type":"subscribe","productIds":[1]}', b"binary",
    json.dumps({"type": "subscribe", "productIds": [str(n) for n in range(65)]}),
])
def test_anything_else_closes_with_1008(listen, message):
    listener = listen(only("nothing"))
    listener.send(message)
    assert listener.close_code() == 1008


def test_at_most_64_products_can_be_named(listen):
    assert listen("?" + "&".join(f"productId={n}" for n in range(64))).frame()["type"] == "hello"
    assert listen("?" + "&".join(f"productId={n}" for n in range(65))).close_code() == 1008


def test_a_message_too_big_closes_with_1009(listen):
    listener = listen(only("nothing"))
    listener.send("x" * 65_537)
    assert listener.close_code() == 1009


def test_wrong_utf8_closes_with_1007(listen):
    listener = listen(only("nothing"))
    listener.socket.socket.sendall(b"\x81\x82\x00\x00\x00\x00\xff\xfe")  # text, masked with zeros
    assert listener.close_code() == 1007


def test_a_plain_get_is_told_to_upgrade(souk):
    answer = httpx.get(souk.api + "/events", trust_env=False)
    assert (answer.status_code, answer.text) == (426, '{"error":"Upgrade Required"}')
    assert answer.headers["upgrade"] == "websocket"


def test_another_version_is_refused(souk):
    headers = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "8",
               "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}
    answer = httpx.get(souk.api + "/events", headers=headers, trust_env=False)
    assert answer.status_code == 426
    assert answer.headers["sec-websocket-version"] == "13"


def test_a_foreign_origin_is_refused(souk, start_embedded):
    with pytest.raises(InvalidStatus) as refused:
        Listener(souk, origin="https://evil.example")
    assert refused.value.response.status_code == 403
    shop = start_embedded(cors_origins="https://shop.example")
    with Listener(shop, origin="https://shop.example") as listener:
        assert listener.frame()["type"] == "hello"


def test_the_answer_names_no_server(souk):
    with Listener(souk) as listener:
        assert "server" not in listener.socket.response.headers


def test_listeners_over_the_limit_are_closed_with_1013(start_embedded):
    souk = start_embedded(max_event_listeners=1)
    with Listener(souk) as first, Listener(souk) as second:
        assert first.frame()["type"] == "hello"
        assert second.close_code() == 1013


def test_a_stop_says_goodbye_with_1001(start_embedded):
    souk = start_embedded()
    with Listener(souk) as listener:
        listener.frame()
        souk.process.terminate()
        assert listener.close_code() == 1001
        assert souk.process.wait(timeout=PATIENCE) == 0
