# Writing reviews (spec/store.md 5.8, DECISION S13).
import pytest

from support.store import MISSING, REVIEWED, at_once, data_of, expect_error, expect_invalid, review_body

ROCKET = "\U0001f680"


def test_a_review_is_stored_and_shown(store, rows):
    who, product = store.caller(name="Joan"), store.product()["id"]
    made = data_of(store.post("/api/review", review_body(product), who), 200, REVIEWED)
    assert list(made) == ["id", "title", "rating", "content"]
    assert isinstance(made["id"], int)
    assert made == {"id": made["id"], "title": "Great quality!", "rating": 5, "content": "Highly recommended!"}
    assert rows.users(who.email) == 1
    assert [review["id"] for review in store.detail(product)["reviews"]] == [made["id"]]


def test_one_user_may_review_often_and_their_own(store):
    who = store.caller()
    product = store.product(who)
    first, second = store.review(who, product["id"]), store.review(who, product["id"])
    assert first["id"] < second["id"]
    assert {row["user_id"] for row in store.detail(product["id"])["reviews"]} == {product["owner_id"]}


GOOD = [
    ("title", "x"), ("title", ROCKET * 200), ("content", "x"), ("content", ROCKET * 1000), ("content", "two\nlines"),
    *(("rating", rating) for rating in range(1, 6)), ("title", " spaced "),
]


@pytest.mark.parametrize("field, value", GOOD, ids=lambda value: str(value)[:12])
def test_values_within_the_bounds(store, field, value):
    who, product = store.caller(), store.product()["id"]
    assert store.review(who, product, **{field: value})["id"]
    shown = store.detail(product)["reviews"][0][field]
    assert shown == value or shown == str(value).strip()


def test_a_whole_rating_may_be_written_with_a_point(store):
    assert store.review(store.caller(), store.product()["id"], rating=4.0)["rating"] == 4


BAD = (
    [(field, value) for field in ("title", "content") for value in (MISSING, None, 5, True, [], "", " ", "\t\n")]
    + [("title", "x" * 201), ("title", ROCKET * 201), ("content", "x" * 1001)]
    + [("rating", value) for value in (MISSING, None, "5", True, 0, 6, -1, 4.5, 2**31, 2**63, 1e30, [5])]
    + [("product_id", value) for value in (MISSING, None, "1", "x", True, 1.5, [1], {})]
)


@pytest.mark.parametrize("field, value", BAD, ids=lambda v: "missing" if v is MISSING else f"{str(v)[:10]!r}")
def test_a_bad_field_is_named(store, field, value):
    body = review_body(store.product()["id"], **({field: value} if field != "product_id" else {}))
    if field == "product_id":
        body = {name: v for name, v in (body | {field: value}).items() if v is not MISSING}
    expect_invalid(store.post("/api/review", body, store.caller()), field)


def test_a_refused_review_is_not_stored(store):
    product = store.product()["id"]
    store.post("/api/review", review_body(product, rating=6), store.caller())
    assert store.detail(product)["reviews"] == []


@pytest.mark.parametrize("product", [0, -1, 999999999, 2**63 - 1, -2**63, 2**63, 10**30])
def test_no_such_product(store, rows, product):
    who = store.caller()
    expect_error(store.post("/api/review", review_body(product), who), 404, "PRODUCT_NOT_FOUND")
    assert rows.users(who.email) == 0


def test_first_reviews_of_one_user_at_once_make_one_user_and_all_reviews(store, rows):
    who, product = store.caller(), store.product()["id"]
    answers = at_once([lambda n=n: store.post("/api/review", review_body(product, title=f"t{n}"), who)
                       for n in range(32)])
    ids = {data_of(answer, 200, REVIEWED)["id"] for answer in answers}
    assert len(ids) == 32 and rows.users(who.email) == 1
    shown = store.detail(product)["reviews"]
    assert {review["title"] for review in shown} == {f"t{n}" for n in range(32)}
    assert len({review["user_id"] for review in shown}) == 1
