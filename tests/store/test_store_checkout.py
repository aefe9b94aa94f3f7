# POST /api/checkout, which STORE_CHECKOUT=1 switches on (spec/store.md 5.10): the whole cart becomes an
# order, stock is lowered only where enough is left, and a key buys once.
import uuid

import pytest

from support.store import (
    MISSING, ORDERED, UTC_SECONDS, at_once, checkout_body, data_of, expect_error, expect_invalid,
)

ITEMS = "SELECT product_id, quantity FROM order_items WHERE order_id = ? ORDER BY product_id"


@pytest.fixture
def who(store):
    return store.caller()


def stock(store, product):
    return store.detail(product)["product"]["stock"]


def test_the_whole_cart_becomes_an_order(store, rows, who):
    lamp, desk = store.product(price=250, stock=10)["id"], store.product(price=1999, stock=3)["id"]
    store.add(who, lamp, 4)
    store.add(who, desk, 3)
    made = data_of(store.checkout(who), 200, ORDERED)
    assert list(made) == ["order_id", "total_amount", "item_count", "created_at"]
    assert (made["total_amount"], made["item_count"]) == (4 * 250 + 3 * 1999, 7)
    assert UTC_SECONDS.fullmatch(made["created_at"])
    assert rows.query(ITEMS, made["order_id"]) == [(lamp, 4), (desk, 3)]
    assert store.cart(who) == {}
    assert (stock(store, lamp), stock(store, desk)) == (6, 0)


def test_the_list_shows_the_lowered_stock_at_once(store, who):
    mark = uuid.uuid4().hex
    product = store.product(name=mark, stock=5)["id"]
    assert store.products(q=mark)[0]["stock"] == 5
    store.add(who, product, 2)
    data_of(store.checkout(who), 200, ORDERED)
    assert store.products(q=mark)[0]["stock"] == 3


def test_a_second_checkout_finds_an_empty_cart(store, who):
    store.add(who, store.product()["id"])
    data_of(store.checkout(who), 200, ORDERED)
    expect_error(store.checkout(who), 400, "EMPTY_CART")


def test_the_carts_of_others_are_not_touched(store, who):
    product, other = store.product(stock=10)["id"], store.caller()
    store.add(who, product, 1)
    store.add(other, product, 2)
    data_of(store.checkout(who), 200, ORDERED)
    assert store.cart(other) == {product: 2} and stock(store, product) == 9


# Refusals, in the order of the checks

def test_who_is_not_signed_in_is_unauthorized(store):
    expect_error(store.checkout(None), 401, "UNAUTHORIZED")
    expect_error(store.post_bytes("/api/checkout", b"{"), 401, "UNAUTHORIZED")


def test_an_email_is_needed(store):
    expect_error(store.checkout(store.caller(email=None)), 400, "MISSING_EMAIL")


LIMITS = {"name": 100, "phone": 20, "payment_method": 50}
BAD = ([(field, value) for field in (*LIMITS, "address") for value in (MISSING, None, 5, "")]
       + [(field, "x" * (most + 1)) for field, most in LIMITS.items()])


@pytest.mark.parametrize("field, value", BAD, ids=lambda v: "missing" if v is MISSING else f"{str(v)[:10]!r}")
def test_a_bad_field_is_named(store, who, field, value):
    product = store.product(stock=5)["id"]
    store.add(who, product)
    expect_invalid(store.checkout(who, **{field: value}), field)
    assert store.cart(who) == {product: 1} and stock(store, product) == 5


def test_texts_up_to_their_limits_are_taken(store, who):
    store.add(who, store.product()["id"])
    texts = {field: "\u2603" * most for field, most in LIMITS.items()}
    data_of(store.checkout(who, **texts), 200, ORDERED)


def test_somebody_who_never_wrote_is_not_known(store, rows, who):
    expect_error(store.checkout(who), 404, "USER_NOT_FOUND")
    assert rows.users(who.email) == 0


def test_an_empty_cart_cannot_be_ordered(store, who):
    product = store.product(who)["id"]
    expect_error(store.checkout(who), 400, "EMPTY_CART")
    store.add(who, product)
    store.add(who, product, -1)
    expect_error(store.checkout(who), 400, "EMPTY_CART")


@pytest.mark.parametrize("left, wanted", [(0, 1), (2, 3), (5, 1_000_000)])
def test_what_is_not_there_is_not_sold_and_nothing_else_is_either(store, rows, who, left, wanted):
    plenty, scarce = store.product(stock=100)["id"], store.product(stock=left)["id"]
    store.add(who, plenty, 1)
    store.add(who, scarce, wanted)
    expect_error(store.checkout(who), 400, "INSUFFICIENT_STOCK")
    assert (stock(store, plenty), stock(store, scarce)) == (100, left)
    assert store.cart(who) == {plenty: 1, scarce: wanted}
    assert rows.one("SELECT count(*) FROM order_items WHERE product_id = ?", plenty) == 0


# Crowds

def test_the_last_units_are_sold_once_each(store, rows):
    product, buyers = store.product(stock=10)["id"], [store.caller() for _ in range(64)]
    for buyer in buyers:
        store.add(buyer, product)
    answers = at_once([lambda who=buyer: store.checkout(who) for buyer in buyers])
    assert sorted(answer.status_code for answer in answers) == [200] * 10 + [400] * 54
    for buyer, answer in zip(buyers, answers, strict=True):
        if answer.status_code == 400:
            expect_error(answer, 400, "INSUFFICIENT_STOCK")
        assert store.cart(buyer) == ({product: 1} if answer.status_code == 400 else {})
    assert stock(store, product) == 0
    assert rows.one("SELECT count(*) FROM order_items WHERE product_id = ?", product) == 10


def test_different_amounts_never_oversell(store, rows):
    product, buyers = store.product(stock=50)["id"], [store.caller() for _ in range(32)]
    for number, buyer in enumerate(buyers):
        store.add(buyer, product, number % 7 + 1)
    at_once([lambda who=buyer: store.checkout(who) for buyer in buyers])
    sold = rows.one("SELECT coalesce(sum(quantity), 0) FROM order_items WHERE product_id = ?", product)
    assert stock(store, product) == 50 - sold >= 0


def test_carts_with_the_same_products_in_any_order_do_not_hinder_each_other(store):
    products = [store.product(stock=1000)["id"] for _ in range(4)]
    buyers = [store.caller() for _ in range(16)]
    for number, buyer in enumerate(buyers):
        for product in products[::1 if number % 2 else -1]:
            store.add(buyer, product)
    for answer in at_once([lambda who=buyer: store.checkout(who) for buyer in buyers]):
        data_of(answer, 200, ORDERED)
    assert [stock(store, product) for product in products] == [984] * 4


def test_one_cart_checked_out_many_times_at_once_is_ordered_once(store, rows, who):
    product = store.product(stock=100)["id"]
    store.add(who, product, 3)
    statuses = [answer.status_code for answer in at_once([lambda: store.checkout(who) for _ in range(16)])]
    assert sorted(statuses) == [200] + [400] * 15
    assert stock(store, product) == 97


def test_adds_beside_a_checkout_are_ordered_or_stay_in_the_cart(store, rows, who):
    product = store.product(stock=10_000)["id"]
    store.add(who, product, 1)
    attempts = [lambda: store.add(who, product, 1)] * 24 + [lambda: store.checkout(who)] * 8
    at_once(attempts)
    ordered = rows.one("SELECT coalesce(sum(quantity), 0) FROM order_items WHERE product_id = ?", product)
    assert ordered + store.cart(who).get(product, 0) == 25
    assert stock(store, product) == 10_000 - ordered


# Idempotency-Key

def test_a_key_buys_once(store, rows, who):
    product, key = store.product(stock=10)["id"], str(uuid.uuid4())
    store.add(who, product, 2)
    first = data_of(store.checkout(who, key), 200, ORDERED)
    store.add(who, product, 5)
    assert data_of(store.checkout(who, key), 200, ORDERED) == first
    assert store.cart(who) == {product: 5} and stock(store, product) == 8
    assert data_of(store.checkout(who, str(uuid.uuid4())), 200)["order_id"] != first["order_id"]


def test_the_same_key_at_once_buys_once_and_all_are_told_the_same(store, who):
    product, key = store.product(stock=10)["id"], str(uuid.uuid4())
    store.add(who, product, 2)
    answers = at_once([lambda: store.checkout(who, key) for _ in range(16)])
    assert len({answer.text for answer in answers}) == 1
    data_of(answers[0], 200, ORDERED)
    assert stock(store, product) == 8


def test_a_key_belongs_to_its_user(store):
    product, key = store.product(stock=10)["id"], str(uuid.uuid4())
    orders = []
    for buyer in (store.caller(), store.caller()):
        store.add(buyer, product)
        orders.append(data_of(store.checkout(buyer, key), 200, ORDERED)["order_id"])
    assert orders[0] != orders[1] and stock(store, product) == 8


def test_a_refused_checkout_does_not_use_up_its_key(store, who):
    product, key = store.product(stock=1)["id"], str(uuid.uuid4())
    store.add(who, product, 2)
    expect_error(store.checkout(who, key), 400, "INSUFFICIENT_STOCK")
    store.add(who, product, -1)
    data_of(store.checkout(who, key), 200, ORDERED)


def test_a_key_with_another_order_is_refused(store, who):
    product, key = store.product(stock=10)["id"], str(uuid.uuid4())
    store.add(who, product)
    data_of(store.checkout(who, key), 200, ORDERED)
    store.add(who, product)
    expect_error(store.checkout(who, key, address="2 Other Street"), 409, "IDEMPOTENCY_KEY_REUSED")
    assert store.cart(who) == {product: 1} and stock(store, product) == 9


def checkout_with_key(store, who, key):
    return store.post("/api/checkout", checkout_body(), who, headers={"Idempotency-Key": key.encode()})


@pytest.mark.parametrize("key", ["", "x" * 256, "two words", "\u00e9\u00e9", "tab\there"], ids=ascii)
def test_a_key_that_is_not_1_to_255_visible_characters_is_invalid(store, who, key):
    product = store.product()["id"]
    store.add(who, product)
    expect_invalid(checkout_with_key(store, who, key), "Idempotency-Key")
    assert store.cart(who) == {product: 1}


@pytest.mark.parametrize("key", ["x", "~" * 255, "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}"], ids=ascii)
def test_any_visible_characters_up_to_255_make_a_key(store, who, key):
    store.add(who, store.product()["id"])
    first = data_of(checkout_with_key(store, who, key), 200, ORDERED)
    assert data_of(checkout_with_key(store, who, key), 200, ORDERED) == first


@pytest.mark.parametrize("setting", [None, "0"])
def test_unless_switched_on_there_is_no_checkout(start_embedded_store, setting):
    shop = start_embedded_store(store_checkout=setting)
    expect_error(shop.checkout(shop.caller()), 404, "NOT_FOUND")
    expect_error(shop.get("/api/checkout"), 404, "NOT_FOUND")
