# Sequences of requests of every kind, against a model of what they must do: each unit is sold once,
# each key buys once, each user as often as MAX_PER_USER lets, and what is cancelled can be bought again.
import uuid

import hypothesis
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from support.flash import (
    CANCELLED, CANCELLED_ALREADY, DUPLICATE, LIMIT_REACHED, ORDER_NOT_FOUND, SOLD_OUT, SUCCESS, FlashClient,
    expect,
)
from support.souk import Programs, Souk

pytestmark = pytest.mark.slow

SEQUENCES = 40
STEPS = 25
KEYS = [f"key-{number}" for number in range(6)]


@pytest.fixture(scope="module", params=[0, 1], ids=["any number each", "one each"])
def souk(storage, request):
    """Cancels stay possible after the worker has written the order, so that the model needs no clock."""
    with Programs() as programs:
        yield programs.launch(
            Souk(rate_limit_rps=0, cancel_window_seconds=3_600, max_per_user=request.param, **storage.settings),
            storage)


class Sales(RuleBasedStateMachine):
    flash = None  # set for each run
    max_per_user = 0  # likewise

    def __init__(self):
        super().__init__()
        self.run = str(uuid.uuid4())
        self.product = f"product-{self.run}"
        self.stock = None  # never initialised
        self.sale = 0
        self.orders = {}  # key to [order id, sale, is cancelled, user]

    def key(self, name):
        return f"{self.run}-{name}"

    @rule(quantity=st.integers(0, 3))
    def start_sale(self, quantity):
        self.flash.stocked(self.product, quantity)
        self.stock, self.sale = quantity, self.sale + 1

    @rule(name=st.sampled_from(KEYS), user=st.sampled_from(["anna", "Zoë", "😀" * 255]))
    def order(self, name, user):
        answer = self.flash.order(self.product, self.key(name), user)
        if name in self.orders:
            expect(answer, 200, DUPLICATE)
            assert answer.headers["x-order-id"] == self.orders[name][0]
        elif not self.stock:
            expect(answer, 409, SOLD_OUT)
        elif self.max_per_user and self.held(user) >= self.max_per_user:
            expect(answer, 409, LIMIT_REACHED)
        else:
            expect(answer, 200, SUCCESS)
            self.stock -= 1
            self.orders[name] = [answer.headers["x-order-id"], self.sale, False, user]

    def held(self, user):
        return sum(order[1:] == [self.sale, False, user] for order in self.orders.values())

    @rule(name=st.sampled_from(KEYS), by_id=st.booleans(), user=st.sampled_from([None, "anna", "eve"]))
    def cancel(self, name, by_id, user):
        order = self.orders.get(name)
        reference = order[0] if order and by_id else self.key(name)
        options = {"json": {"userId": user}} if user else {}
        answer = self.flash.post(f"/cancel/{reference}", **options)
        if order is None or user not in (None, order[3]):
            expect(answer, 404, ORDER_NOT_FOUND)
        elif order[2]:
            expect(answer, 200, CANCELLED_ALREADY)
        else:
            expect(answer, 200, CANCELLED)
            order[2] = True
            self.stock += order[1] == self.sale  # an earlier sale's unit is dropped

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), by_id=st.booleans())
    def look(self, data, by_id):
        name = data.draw(st.sampled_from(sorted(self.orders)))
        order, _, is_cancelled, _ = self.orders[name]
        answer = self.flash.status(order if by_id else self.key(name))
        assert answer.status_code == 200, answer.text
        body = answer.json()
        assert (body["orderId"], body["productId"]) == (order, self.product)
        assert body["state"] in ({"cancelled"} if is_cancelled else {"pending", "confirmed"})

    @invariant()
    def stock_is_right(self):
        answer = self.flash.get(f"/inventory/{self.product}")
        if self.stock is None:
            assert answer.status_code == 404
        else:
            expect(answer, 200, f'{{"status":"ok","productId":"{self.product}","stock":{self.stock}}}')


def test_any_sequence_of_requests_keeps_the_books(souk, generation_seed):
    limit = souk.settings["max_per_user"]
    machine = type("Sales", (Sales,), {"flash": FlashClient(souk), "max_per_user": limit})
    run_state_machine_as_test(
        hypothesis.seed(generation_seed)(machine),
        settings=hypothesis.settings(
            max_examples=SEQUENCES, stateful_step_count=STEPS, deadline=None, database=None,
            suppress_health_check=list(hypothesis.HealthCheck)))
