"""Many at once, limiter off: what the gate must get right however requests interleave."""

from __future__ import annotations

import random
import threading
import uuid
from collections import Counter, defaultdict

import pytest

from support.crowds import Crowd
from support.eventually import eventually
from support.flash_requests import init, init_request, order_request, stock
from support.raw_http import Answer, Connection, ask

SECONDS = 30
SOLD_BY_EPOCH = "SELECT epoch, count(*) FROM orders WHERE product_id = ? GROUP BY epoch"


def new_key() -> str:
    return str(uuid.uuid4())


def words(answers: list[Answer]) -> Counter[str]:
    return Counter(answer.word for answer in answers)


def assert_sold(souk, product: str, quantity: int, sold: int) -> None:
    """The gate, the rows and the product row all come to say the same."""
    assert stock(souk.api, product) == quantity - sold
    eventually(lambda: souk.storage.order_count(product) >= sold, SECONDS, f"{sold} orders stored")
    assert souk.storage.order_count(product) == sold
    wait_for_product_row(souk, product, quantity - sold)


def wait_for_product_row(souk, product: str, left: int) -> None:
    eventually(lambda: souk.storage.product_stock(product) == left, SECONDS, "product row")


def test_two_hundred_parallel_orders_for_fifty_units_sell_exactly_fifty(souk, product):
    init(souk.api, product, 50)
    with Crowd(souk.api, 200) as crowd:
        answers = crowd.burst([order_request(product, new_key()) for _ in range(200)])

    assert words(answers) == {"success": 50, "sold_out": 150}
    assert {answer.status for answer in answers if answer.word == "sold_out"} == {409}
    assert len({answer.order_id for answer in answers if answer.word == "success"}) == 50
    assert_sold(souk, product, 50, 50)


def test_one_key_twenty_times_at_once_buys_one_unit(souk, product):
    init(souk.api, product, 10)
    with Crowd(souk.api, 20) as crowd:
        for round_number in range(1, 6):
            answers = crowd.burst([order_request(product, f"{product}-{round_number}")] * 20)
            assert words(answers) == {"success": 1, "ignored": 19}
            assert len({answer.order_id for answer in answers}) == 1
            assert answers[0].order_id
            assert stock(souk.api, product) == 10 - round_number
    assert_sold(souk, product, 10, 5)


def test_fifty_keys_ten_copies_each_shuffled_for_thirty_units(souk, product):
    init(souk.api, product, 30)
    keys = [new_key() for _ in range(50)] * 10
    seed = random.SystemRandom().randrange(2**32)
    print(f"shuffled with seed {seed}")
    random.Random(seed).shuffle(keys)
    with Crowd(souk.api, 100) as crowd:
        answers = crowd.burst([order_request(product, key) for key in keys])

    by_key: dict[str, list[Answer]] = defaultdict(list)
    for key, answer in zip(keys, answers, strict=True):
        by_key[key].append(answer)
    outcomes = Counter()
    for copies in by_key.values():
        counted = words(copies)
        # Stock never comes back here, so a key is sold with all its copies or refused with all.
        assert counted in ({"success": 1, "ignored": 9}, {"sold_out": 10}), counted
        assert len({answer.order_id for answer in copies}) == 1
        outcomes["sold" if counted["success"] else "refused"] += 1
    assert outcomes == {"sold": 30, "refused": 20}
    assert_sold(souk, product, 30, 30)


def test_two_hundred_rounds_of_a_hundred_orders_for_one_unit_sell_one_each(souk, product):
    with Crowd(souk.api, 100) as crowd:
        for number in range(200):
            one = f"{product}-{number}"
            init(souk.api, one, 1)
            answers = crowd.burst([order_request(one, new_key()) for _ in range(100)])
            assert words(answers) == {"success": 1, "sold_out": 99}, f"round {number}"
            assert stock(souk.api, one) == 0
    for number in range(0, 200, 20):
        assert_sold(souk, f"{product}-{number}", 1, 1)


def test_one_product_restocked_two_hundred_times_for_one_unit_sells_one_each(souk, product):
    """The same race on one product, so that every round also opens a new sale."""
    with Crowd(souk.api, 50) as crowd:
        for number in range(200):
            init(souk.api, product, 1)
            answers = crowd.burst([order_request(product, new_key()) for _ in range(50)])
            assert words(answers) == {"success": 1, "sold_out": 49}, f"round {number}"
    eventually(lambda: souk.storage.order_count(product) >= 200, SECONDS, "200 orders stored")
    assert souk.storage.order_count(product) == 200


class Traffic:
    """Buyers of one product on threads of their own, until told to stop."""

    def __init__(self, api: str, product: str, buyers: int) -> None:
        self.api, self.product = api, product
        self.stopping = threading.Event()
        self.sold: list[str] = []
        self.surprises: list[str] = []
        self.threads = [threading.Thread(target=self._buy) for _ in range(buyers)]

    def __enter__(self) -> Traffic:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        for thread in self.threads:
            thread.join()
        assert not self.surprises, self.surprises[:3]

    def wait_for_more_sold_than(self, count: int) -> None:
        eventually(lambda: len(self.sold) > count, SECONDS, "another unit sold", pause=0.001)

    def _buy(self) -> None:
        try:
            with Connection(self.api) as connection:
                while not self.stopping.is_set():
                    orders = [order_request(self.product, new_key()) for _ in range(8)]
                    connection.send(b"".join(orders))
                    for answer in connection.read_many(8):
                        if answer.word == "success":
                            self.sold.append(answer.order_id or "")
                        elif answer.word != "sold_out":
                            self.surprises.append(repr(answer))
        except Exception as surprise:
            # A thread's exception would vanish; it is told after the join.
            self.surprises.append(repr(surprise))


def test_init_in_the_middle_of_traffic_never_sells_more_than_any_of_the_sales_had(souk, product):
    quantities = [1, 40, 0, 7, 300, 3, 100, 25] * 5
    init(souk.api, product, quantities[0])
    with Connection(souk.api) as seller, Traffic(souk.api, product, 4) as traffic:
        for quantity in quantities[1:]:
            before = len(traffic.sold)
            assert seller.ask(init_request(product, quantity)).status == 200
            # Each sale lives until it has sold out or the traffic has done something in it.
            if quantity:
                traffic.wait_for_more_sold_than(before)
        last = 5000
        assert seller.ask(init_request(product, last)).status == 200

    total = len(traffic.sold)
    assert len(set(traffic.sold)) == total, "no order id was given twice"
    eventually(lambda: souk.storage.order_count(product) >= total, SECONDS, "all orders stored")
    left = stock(souk.api, product)
    wait_for_product_row(souk, product, left)
    rows = dict(souk.storage.query(SOLD_BY_EPOCH, product))
    assert sum(rows.values()) == total
    epoch = souk.storage.one("SELECT epoch FROM products WHERE id = ?", product)
    assert left + rows.pop(epoch, 0) == last
    assert_fits_in_order([rows[key] for key in sorted(rows)], quantities)


def assert_fits_in_order(sold: list[int], quantities: list[int]) -> None:
    """Sales without an order leave no row, so a count belongs to the next sale with room for it."""
    sales = iter(quantities)
    for count in sold:
        assert any(
            count <= quantity for quantity in sales
        ), f"{sold} does not fit into {quantities}"


def test_two_sellers_at_once_leave_one_of_the_two_quantities(souk, product):
    with Crowd(souk.api, 2) as sellers:
        for number in range(50):
            quantities = [1000 + number, 2000 + number]
            answers = sellers.burst([init_request(product, quantity) for quantity in quantities])
            assert [answer.status for answer in answers] == [200, 200]
            left = stock(souk.api, product)
            assert left in quantities
            wait_for_product_row(souk, product, left)


@pytest.mark.parametrize("copies", [1, 3])
def test_an_order_and_a_restock_at_once_end_wholly_before_or_wholly_after(souk, product, copies):
    with Crowd(souk.api, 1 + copies) as crowd:
        for number in range(100):
            name = f"{product}-{number}"
            init(souk.api, name, 0)
            orders = [order_request(name, new_key()) for _ in range(copies)]
            restock, *answers = crowd.burst([init_request(name, 10), *orders])
            assert restock.status == 200
            # After the 200 the restock is in force for everybody.
            assert ask(souk.api, order_request(name, new_key())).word == "success"
            assert stock(souk.api, name) == 9 - words(answers)["success"]
