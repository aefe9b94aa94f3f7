# Creating products, and one product with its reviews (spec/store.md 5.4 and 5.5).
import pytest

from support.store import (
    CREATED, MISSING, UTC_SECONDS, at_once, data_of, expect_error, expect_invalid, product_body,
)

FIELDS = ["id", "name", "price", "description", "category", "stock", "image_url", "owner_id"]
INT_MAX = 2**31 - 1
SNOWMAN, ROCKET = "\u2603", "\U0001f680"  # three and four bytes in UTF-8


def test_a_product_is_created_and_shown_as_it_was_given(store, rows):
    who = store.caller(name="Ada Lovelace")
    body = product_body()
    answer = store.post("/api/product", body, who)
    made = data_of(answer, 201, CREATED)
    assert list(made) == FIELDS
    assert {name: made[name] for name in body} == body
    assert isinstance(made["id"], int) and isinstance(made["owner_id"], int)
    assert rows.query("SELECT name, email FROM users WHERE id = ?", made["owner_id"]) == [("Ada Lovelace", who.email)]

    assert store.detail(made["id"]) == {"product": made, "reviews": []}
    assert store.products(q=body["name"]) == [made]


def test_one_user_owns_all_their_products_and_ids_grow(store):
    who = store.caller()
    first, second = store.product(who), store.product(who)
    assert first["owner_id"] == second["owner_id"] and first["id"] < second["id"]
    assert store.product()["owner_id"] != first["owner_id"]


def test_a_user_is_found_by_email_trimmed_and_in_lower_case(store, rows):
    who = store.caller(name="First")
    owner = store.product(who)["owner_id"]
    for email in (who.email.upper(), f"  {who.email}\t"):
        assert store.product(store.caller(email, name="Second"))["owner_id"] == owner
    assert rows.query("SELECT name, email FROM users WHERE id = ?", owner) == [("First", who.email)]


def test_without_a_name_the_user_is_unknown_user(store, rows):
    owner = store.product(store.caller())["owner_id"]
    assert rows.one("SELECT name FROM users WHERE id = ?", owner) == "Unknown User"


def test_a_very_long_name_of_the_token_stops_nobody(store, rows):
    owner = store.product(store.caller(name=SNOWMAN * 500))["owner_id"]
    kept = rows.one("SELECT name FROM users WHERE id = ?", owner)
    assert 1 <= len(kept) <= 100 and set(kept) == {SNOWMAN}


@pytest.mark.parametrize("length", [99, 100])
def test_an_email_of_up_to_100_is_taken(store, rows, length):
    who = store.caller()
    email = "x" * (length - len(who.email)) + who.email
    store.product(store.caller(email))
    assert rows.users(email) == 1


GOOD = [
    ("name", "x"), ("name", ROCKET * 100), ("name", "x" * 100), ("price", 1), ("price", INT_MAX), ("description", ""),
    ("description", SNOWMAN * 10_000), ("description", "two\nlines\tand 'quotes' \"double\" \\ %_ $1 ?"),
    ("category", "x"), ("category", ROCKET * 50), ("stock", 0), ("stock", INT_MAX), ("image_url", ""),
    ("image_url", "u" * 255), ("image_url", SNOWMAN * 255), ("name", "'; DROP TABLE products; --"),
]


@pytest.mark.parametrize("field, value", GOOD, ids=lambda value: str(value)[:12])
def test_values_within_the_bounds_are_kept_untouched(store, field, value):
    made = store.product(**{field: value})
    assert made[field] == value
    assert store.detail(made["id"])["product"] == made


@pytest.mark.parametrize("field, number", [("price", 2.0), ("stock", 3.0), ("stock", 0.0)])
def test_whole_numbers_may_be_written_with_a_point(store, field, number):
    made = store.product(**{field: number})
    assert made[field] == int(number) and isinstance(made[field], int)


TEXTS = ["name", "description", "category", "image_url"]
NUMBERS = ["price", "stock"]
BAD = (
    [(field, value) for field in TEXTS for value in (MISSING, None, 5, True, ["x"], {"a": "b"})]
    + [(field, value) for field in NUMBERS
       for value in (MISSING, None, "2", "", True, False, 1.5, -1, 2**31, -2**31 - 1, 2**63, 1e30, [1], {})]
    + [("price", 0), ("price", -5), ("name", ""), ("name", "x" * 101), ("name", ROCKET * 101), ("category", ""),
       ("category", "x" * 51), ("description", "x" * 10_001), ("image_url", "u" * 256)]
)


def named(value):
    return "missing" if value is MISSING else f"{str(value)[:10]!r}"


@pytest.mark.parametrize("field, value", BAD, ids=named)
def test_a_bad_field_is_named(store, field, value):
    who = store.caller()
    expect_invalid(store.post("/api/product", product_body(**{field: value}), who), field)


def test_the_first_bad_field_is_named(store):
    body = product_body(price=0, stock=-1, category="")
    expect_invalid(store.post("/api/product", body, store.caller()), "price")


def test_a_refused_product_is_not_stored(store, rows):
    body = product_body(price=0)
    store.post("/api/product", body, store.caller())
    assert rows.one("SELECT count(*) FROM products WHERE name = ?", body["name"]) == 0


@pytest.mark.parametrize("text", ["a\u0000b", "\u0000"])
def test_a_nul_is_refused_or_kept_but_never_a_failure(store, text):
    answer = store.post("/api/product", product_body(description=text), store.caller())
    if answer.status_code == 201:
        assert store.detail(answer.json()["data"]["id"])["product"]["description"] == text
    else:
        expect_invalid(answer, "description")


def test_first_writes_of_one_user_at_once_make_one_user(store, rows):
    who = store.caller()
    answers = at_once([lambda: store.post("/api/product", product_body(), who) for _ in range(32)])
    owners = {data_of(answer, 201, CREATED)["owner_id"] for answer in answers}
    assert len(owners) == 1 and rows.users(who.email) == 1
    assert rows.one("SELECT count(*) FROM products WHERE owner_id = ?", owners.pop()) == 32


# The detail

def test_the_detail_shows_the_reviews_in_their_order(store):
    product = store.product()["id"]
    writers = [store.caller() for _ in range(3)]
    made = [store.review(who, product, title=f"t{n}", rating=n + 1, content=f"c{n}")
            for n, who in enumerate([*writers, writers[0]])]
    reviews = store.detail(product)["reviews"]
    assert [review["id"] for review in reviews] == [review["id"] for review in made]
    assert reviews[0]["user_id"] == reviews[3]["user_id"] != reviews[1]["user_id"]
    for number, review in enumerate(reviews):
        assert list(review) == ["id", "product_id", "user_id", "rating", "content", "created_at", "updated_at", "title"]
        assert (review["product_id"], review["rating"]) == (product, number + 1)
        assert (review["title"], review["content"]) == (f"t{number}", f"c{number}")
        assert UTC_SECONDS.fullmatch(review["created_at"]) and review["updated_at"] == review["created_at"]


def test_the_reviews_of_other_products_are_not_shown(store):
    who, first, second = store.caller(), store.product()["id"], store.product()["id"]
    store.review(who, first)
    assert len(store.detail(first)["reviews"]) == 1 and store.detail(second)["reviews"] == []


def test_a_review_is_in_the_detail_at_once(store):
    who, product = store.caller(), store.product()["id"]
    for number in range(1, 6):
        store.review(who, product)
        assert len(store.detail(product)["reviews"]) == number


@pytest.mark.parametrize("identity", ["0", "-1", "999999999", "9223372036854775807", "-9223372036854775808"])
def test_no_such_product(store, identity):
    answer = store.get(f"/api/product/{identity}")
    assert expect_error(answer, 404, "PRODUCT_NOT_FOUND") == f"Product with id {identity} not found."


@pytest.mark.parametrize("identity", ["9223372036854775808", "9" * 40, "-" + "9" * 40])
def test_a_number_that_no_table_could_hold_is_not_found_either(store, identity):
    expect_error(store.get(f"/api/product/{identity}"), 404, "PRODUCT_NOT_FOUND")


@pytest.mark.parametrize("identity", ["abc", "1.5", "1.0", "1e3", "0x1", "%20", "1%20", "one%00", "%FF", "--1", "1;2"])
def test_an_id_that_is_no_whole_number_is_invalid(store, identity):
    expect_error(store.get(f"/api/product/{identity}"), 422, "VALIDATION_ERROR")
