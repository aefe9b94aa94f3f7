# The cart of one caller: what a change does, what is refused, and what others must not see or touch
# (spec/store.md 5.6 and 5.7, DECISIONS S10 and S11).
import pytest

from support.store import ADDED, CART, MISSING, NO_CART, data_of, expect_error, expect_invalid, without_missing

MOST = 1_000_000
NOTHING = {"cart_id": None, "quantity": 0}


@pytest.fixture
def who(store):
    return store.caller()


@pytest.fixture
def product(store):
    return store.product()["id"]


def change(store, who, **body):
    return store.post("/api/cart", without_missing(body), who)


def entry(store, who, product, quantity, cart_id=None):
    """The only entry of the cart is this."""
    items = data_of(store.get("/api/cart", who), 200, CART)
    assert [(item["product_id"], item["quantity"]) for item in items] == [(product, quantity)]
    if cart_id is not None:
        assert items[0]["cart_id"] == cart_id
    return True


def test_a_first_add_is_stored_and_shown_with_the_product(store, who):
    item = store.product(name="Lamp", price=1250, category="Light", image_url="https://ik.example/l.png")
    made = store.add(who, item["id"], 2)
    assert list(made) == ["cart_id", "product_id", "quantity"]
    assert isinstance(made["cart_id"], int)
    assert (made["product_id"], made["quantity"]) == (item["id"], 2)
    shown = data_of(store.get("/api/cart", who), 200, CART)
    assert [list(row) for row in shown] == [
        ["cart_id", "product_id", "name", "price", "image_url", "category", "quantity"]]
    assert shown == [{"cart_id": made["cart_id"], "product_id": item["id"], "name": "Lamp", "price": 1250,
                      "image_url": "https://ik.example/l.png", "category": "Light", "quantity": 2}]


def test_entries_are_shown_in_the_order_of_their_cart_ids(store, who):
    products = [store.product()["id"] for _ in range(4)]
    ids = [store.add(who, product)["cart_id"] for product in reversed(products)]
    store.add(who, products[3], 5)
    items = data_of(store.get("/api/cart", who), 200, CART)
    assert [item["cart_id"] for item in items] == ids == sorted(ids)
    assert [item["product_id"] for item in items] == products[::-1]


def test_somebody_who_never_wrote_has_an_empty_cart_and_no_user(store, rows, who):
    assert data_of(store.get("/api/cart", who), 200, NO_CART) == []
    assert rows.users(who.email) == 0


def test_somebody_whose_cart_is_empty_again_is_answered_with_an_empty_list(store, who, product):
    store.add(who, product)
    store.add(who, product, -1)
    assert data_of(store.get("/api/cart", who), 200, CART) == []


def test_the_cart_is_found_by_email_in_any_case(store, who, product):
    store.add(who, product, 3)
    assert store.cart(store.caller(f" {who.email.upper()} ")) == {product: 3}


def test_prices_are_those_of_now(store, rows, who, product):
    store.add(who, product)
    rows.tamper("UPDATE products SET price = 7 WHERE id = ?", product)
    assert data_of(store.get("/api/cart", who))[0]["price"] == 7


EFFECTS = [
    # before, change, after
    (None, 1, 1), (None, MOST, MOST), (None, -1, None), (None, -MOST, None),
    (2, 3, 5), (5, -2, 3), (5, -5, None), (5, -6, None), (5, -MOST, None), (1, -1, None), (1, MOST - 1, MOST),
]


@pytest.mark.parametrize("before, by, after", EFFECTS)
def test_the_quantity_is_a_change(store, who, product, before, by, after):
    first = store.add(who, product, before) if before else NOTHING
    answer = store.add(who, product, by)
    if after is None:
        assert answer == {"cart_id": None, "product_id": product, "quantity": 0}
        assert store.cart(who) == {}
    else:
        assert (answer["product_id"], answer["quantity"]) == (product, after)
        assert answer["cart_id"] == (first["cart_id"] or answer["cart_id"])
        assert entry(store, who, product, after, answer["cart_id"])


def test_a_change_of_nothing_makes_no_entry(store, who, product):
    assert store.add(who, product, -3)["cart_id"] is None
    assert store.cart(who) == {}


@pytest.mark.parametrize("before, by", [(1, MOST), (MOST, 1), (MOST - 1, 2), (600_000, 400_001)])
def test_the_sum_may_not_pass_a_million(store, who, product, before, by):
    store.add(who, product, before)
    expect_error(change(store, who, product_id=product, quantity=by), 400, "INVALID_QUANTITY")
    assert entry(store, who, product, before)


# cart_id

def test_the_callers_own_entry_can_be_named(store, who, product):
    first = store.add(who, product, 2)
    assert store.add(who, product, 3, cart_id=first["cart_id"]) == {**first, "quantity": 5}
    assert store.add(who, product, -5, cart_id=first["cart_id"]) == {"product_id": product, **NOTHING}


@pytest.mark.parametrize("cart_id", [MISSING, None, 0, 999999999, -1, 2**63 - 1])
def test_an_entry_that_is_not_there_is_as_if_not_named(store, who, product, cart_id):
    made = data_of(change(store, who, cart_id=cart_id, product_id=product, quantity=2), 200, ADDED)
    assert entry(store, who, product, 2, made["cart_id"])
    again = data_of(change(store, who, cart_id=cart_id, product_id=product, quantity=1), 200, ADDED)
    assert again == {**made, "quantity": 3}


def test_the_entry_of_somebody_else_is_neither_changed_nor_betrayed(store, who, product):
    other = store.caller()
    theirs = store.add(other, product, 5)
    mine = store.add(who, product, 2, cart_id=theirs["cart_id"])
    assert mine["cart_id"] != theirs["cart_id"] and mine["quantity"] == 2
    assert store.add(who, product, -9, cart_id=theirs["cart_id"])["quantity"] == 0
    assert entry(store, other, product, 5, theirs["cart_id"])
    unknown = change(store, who, cart_id=999999999, product_id=product, quantity=-1)
    foreign = change(store, who, cart_id=theirs["cart_id"], product_id=product, quantity=-1)
    assert unknown.text == foreign.text


def test_the_entry_of_another_product_is_not_changed(store, who, product):
    other = store.product()["id"]
    lamp = store.add(who, other, 4)
    made = store.add(who, product, 1, cart_id=lamp["cart_id"])
    assert made["cart_id"] != lamp["cart_id"]
    assert store.cart(who) == {other: 4, product: 1}
    assert store.add(who, product, -1, cart_id=lamp["cart_id"])["quantity"] == 0
    assert store.cart(who) == {other: 4}


def test_carts_do_not_touch_each_other(store, product):
    one, two, other = store.caller(), store.caller(), store.product()["id"]
    store.add(one, product, 1)
    store.add(two, product, 2)
    store.add(two, other, 3)
    store.add(one, product, -1)
    assert store.cart(one) == {} and store.cart(two) == {product: 2, other: 3}


# Refusals

@pytest.mark.parametrize("quantity", [
    MISSING, None, 0, 0.0, "1", "", True, False, 1.5, [], {}, MOST + 1, -MOST - 1, 2**31, 2**63, 10**30,
], ids=lambda value: "missing" if value is MISSING else str(value))
def test_an_invalid_quantity(store, rows, who, product, quantity):
    expect_error(change(store, who, product_id=product, quantity=quantity), 400, "INVALID_QUANTITY")
    assert rows.users(who.email) == 0


def test_a_whole_quantity_may_be_written_with_a_point(store, who, product):
    assert store.add(who, product, 2.0)["quantity"] == 2


@pytest.mark.parametrize("body", [{}, {"product_id": None}, {"cart_id": 1}, {"product_id": None, "quantity": 1},
                                  {"quantity": 0}, {"quantity": "x"}])
def test_a_missing_product_id(store, who, body):
    expect_error(store.post("/api/cart", body, who), 400, "MISSING_PRODUCT_ID")


@pytest.mark.parametrize("value", ["1", "", True, False, 1.5, [], {}, [1]])
@pytest.mark.parametrize("field", ["product_id", "cart_id"])
def test_an_id_of_a_wrong_type(store, who, product, field, value):
    body = {"product_id": product, "quantity": 1} | {field: value}
    expect_invalid(store.post("/api/cart", body, who), field)


@pytest.mark.parametrize("missing", [0, -1, 999999999, 2**63 - 1, -2**63, 2**63, 10**30])
def test_no_such_product(store, rows, who, missing):
    for quantity in (1, 0, -1):
        expect_error(change(store, who, product_id=missing, quantity=quantity), 404, "PRODUCT_NOT_FOUND")
    assert rows.users(who.email) == 0


def test_a_refused_change_changes_nothing(store, who, product):
    store.add(who, product, 2)
    for body in ({"product_id": product, "quantity": 0}, {"product_id": product, "quantity": "9"},
                 {"product_id": 999999999, "quantity": 9}, {"product_id": product, "quantity": 9, "cart_id": "x"}):
        assert store.post("/api/cart", body, who).status_code >= 400
    assert entry(store, who, product, 2)


def test_a_cart_holds_a_thousand_products_and_no_more(start_embedded_store):
    shop = start_embedded_store()
    who, first = shop.caller(), shop.product()
    shop.add(who, first["id"])
    shop.souk.storage.tamper(
        "INSERT INTO products (name, price, description, category, stock, image_url, owner_id)"
        " WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)"
        " SELECT 'p', i, '', 'c', 1, '', owner_id FROM n, products WHERE id = ?", first["id"])
    shop.souk.storage.tamper(
        "INSERT INTO cart (user_id, product_id, quantity, updated_at)"
        " SELECT cart.user_id, products.id, 1, cart.updated_at FROM cart, products"
        " WHERE products.id > cart.product_id ORDER BY products.id LIMIT 998")
    last, beyond = first["id"] + 999, first["id"] + 1000
    assert shop.add(who, last)["quantity"] == 1
    expect_error(change(shop, who, product_id=beyond, quantity=1), 400, "INVALID_QUANTITY")
    assert shop.add(who, last, 2)["quantity"] == 3  # what is there may still change
    assert len(shop.cart(who)) == 1000
    shop.add(who, first["id"], -1)
    assert shop.add(who, beyond)["quantity"] == 1
