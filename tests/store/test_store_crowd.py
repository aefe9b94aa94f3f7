# Many requests of one caller at the same instant (spec/store.md DECISIONS S5 and S12): sums are exact,
# rows are single, and nobody sees a failure.
import random

from support.store import ADDED, at_once, data_of


def adds(store, who, product, quantities):
    return [lambda by=by: store.post("/api/cart", {"product_id": product, "quantity": by}, who) for by in quantities]


def test_64_adds_at_once_sum_up_exactly(store, rows):
    who, product = store.caller(), store.product()["id"]
    store.add(who, product, 1)
    answers = at_once(adds(store, who, product, range(1, 65)))
    entries = [data_of(answer, 200, ADDED) for answer in answers]
    assert len({entry["cart_id"] for entry in entries}) == 1
    assert len({entry["quantity"] for entry in entries}) == 64, "each add saw a sum of its own"
    assert store.cart(who) == {product: 1 + sum(range(1, 65))}
    assert rows.one("SELECT count(*) FROM cart WHERE product_id = ?", product) == 1


def test_64_first_adds_at_once_make_one_user_and_one_entry(store, rows):
    who, product = store.caller(), store.product()["id"]
    for answer in at_once(adds(store, who, product, [1] * 64)):
        data_of(answer, 200, ADDED)
    assert store.cart(who) == {product: 64}
    assert rows.users(who.email) == 1


def test_first_writes_of_every_kind_at_once_make_one_user(store, rows):
    who, product = store.caller(), store.product()["id"]
    kinds = [
        lambda: store.post("/api/cart", {"product_id": product, "quantity": 1}, who),
        lambda: store.post("/api/review", {"product_id": product, "title": "t", "rating": 1, "content": "c"}, who),
        lambda: store.post("/api/product", {"name": "n", "price": 1, "description": "d", "category": "c", "stock": 1,
                                            "image_url": ""}, who),
        lambda: store.get("/api/cart", who),
    ]
    statuses = [answer.status_code for answer in at_once(kinds * 8)]
    assert set(statuses) == {200, 201}
    assert rows.users(who.email) == 1
    assert store.cart(who) == {product: 8}


def test_different_callers_at_once_do_not_disturb_each_other(store):
    callers, product = [store.caller() for _ in range(16)], store.product()["id"]
    attempts = [attempt for who in callers for attempt in adds(store, who, product, [1, 2, 3, 4])]
    for answer in at_once(attempts):
        data_of(answer, 200, ADDED)
    assert [store.cart(who) for who in callers] == [{product: 10}] * 16


def test_adds_and_removals_at_once_end_in_a_state_some_order_gives(store, rows):
    # Sums at or below zero delete the entry, so the end depends on the order; but it must be one the
    # answers allow: what the last answer said is what is there.
    who, product = store.caller(), store.product()["id"]
    changes = [3] * 16 + [-2] * 16
    random.shuffle(changes)
    entries = [data_of(answer, 200, ADDED) for answer in at_once(adds(store, who, product, changes))]
    for entry in entries:
        assert (entry["cart_id"] is None) == (entry["quantity"] == 0)
    left = store.cart(who).get(product, 0)
    assert 16 * 3 - 16 * 2 <= left <= 16 * 3
    assert left in {entry["quantity"] for entry in entries}
    assert rows.one("SELECT count(*) FROM cart WHERE product_id = ?", product) == (left > 0)


def test_the_limit_of_the_sum_holds_under_a_crowd(store):
    who, product = store.caller(), store.product()["id"]
    statuses = [answer.status_code for answer in at_once(adds(store, who, product, [300_000] * 16))]
    assert sorted(statuses) == [200] * 3 + [400] * 13
    assert store.cart(who) == {product: 900_000}


def test_removals_at_once_delete_the_entry_once(store, rows):
    who, product = store.caller(), store.product()["id"]
    store.add(who, product, 5)
    entries = [data_of(answer, 200, ADDED) for answer in at_once(adds(store, who, product, [-5] * 16))]
    assert {entry["quantity"] for entry in entries} == {0}
    assert store.cart(who) == {}
    assert rows.one("SELECT count(*) FROM cart WHERE product_id = ?", product) == 0
