# The contact form: what is taken and stored, what is refused, duplicates, robots and the limits
# (spec/store.md 5.9, DECISION S14). Nothing forwards messages here; that is test_store_mail.py.
import re

import pytest

from support.store import (
    MISSING, RECEIVED, UTC_SECONDS, at_once, contact_body, data_of, expect_error, expect_invalid, some_address,
)

ROCKET = "\U0001f680"
STORED = "SELECT name, email, subject, message, user_id, delivery FROM contact_messages WHERE id = ?"
HOUR = 3600


def count(rows, email):
    return rows.one("SELECT count(*) FROM contact_messages WHERE email = ?", email)


def test_a_message_is_stored_before_it_is_answered(store, rows):
    body = contact_body()
    answer = store.contact(body)
    made = data_of(answer, 201, RECEIVED)
    assert list(made) == ["id", "created_at"]
    assert isinstance(made["id"], int) and UTC_SECONDS.fullmatch(made["created_at"])
    assert rows.query(STORED, made["id"]) == [
        (body["name"], body["email"], body["subject"], body["message"], None, "disabled")]


def test_the_clients_address_is_kept_only_as_a_digest(store, rows):
    address = some_address()
    one = store.contacted(address=address)["id"]
    two = store.contacted(address=address)["id"]
    other = store.contacted()["id"]
    digests = [rows.one("SELECT ip_hash FROM contact_messages WHERE id = ?", row) for row in (one, two, other)]
    assert digests[0] == digests[1] != digests[2]
    assert address not in str(digests[0]) and len(digests[0]) >= 16


@pytest.mark.parametrize("subject", [MISSING, None, ""])
def test_the_subject_may_be_left_out(store, rows, subject):
    made = store.contacted(subject=subject)
    assert rows.one("SELECT subject FROM contact_messages WHERE id = ?", made["id"]) in (None, "")


GOOD = [
    ("name", "x"), ("name", ROCKET * 100), ("name", "  " + "x" * 100 + "  "), ("name", 'O\'Brien, "Bob" <b@b.b>'),
    ("subject", "x" * 150), ("subject", "é" * 150), ("message", "x"), ("message", "x" * 5000), ("message", "é" * 5000),
    ("message", "  " + "x" * 5000 + "\n\n"), ("message", "two\r\nlines\n.\n\ttabs"), ("website", ""), ("website", None),
    ("website", MISSING), ("email", "a@b.c"), ("email", "x" * 64 + "@example.com"),
    ("email", "o'neil+tag@sub.example.co"), ("email", "ü@exämple.de"),
    ("email", "x" * 64 + "@" + "d" * 60 + "." + "e" * 60 + "." + "f" * 60 + ".org" + "g" * 2),
]


@pytest.mark.parametrize("field, value", GOOD, ids=lambda value: str(value)[:12])
def test_values_within_the_bounds(store, field, value):
    store.contacted(**{field: value})


def test_name_and_message_are_stored_trimmed(store, rows):
    made = store.contacted(name="  Grace  ", message="\n hello \n")
    assert rows.query("SELECT name, message FROM contact_messages WHERE id = ?", made["id"]) == [("Grace", "hello")]


WRONG_TYPES = [None, 5, True, ["x"], {"a": 1}]
BAD = (
    [(field, value) for field in ("name", "email", "message") for value in (MISSING, "", *WRONG_TYPES)]
    + [("subject", value) for value in WRONG_TYPES[1:]]
    + [("name", value) for value in (" ", "\t", "x" * 101, ROCKET * 101, "a\nb", "a\r\nBcc: x@y.z", "a\rb")]
    + [("message", value) for value in (" \n\t ", "x" * 5001, "é" * 5001)]
    + [("subject", value) for value in ("x" * 151, "a\nb", "a\rb", "a\r\nBcc: x@y.z")]
    + [("email", value) for value in (
        "plain", "@example.com", "a@", "a@b", "a@@b.c", "a@b@c.d", "a b@c.d", "a@b .c", "a@b.c d", "a\n@b.c",
        "a@b.c\r\nBcc: x@y.z", "a\t@b.c", "a\x7f@b.c", "a\x01@b.c", "x" * 65 + "@example.com",
        "x" * 10 + "@" + "d" * 240 + ".com")]
)


@pytest.mark.parametrize("field, value", BAD, ids=lambda v: "missing" if v is MISSING else f"{str(v)[:14]!r}")
def test_a_bad_field_is_named_and_nothing_is_stored(store, rows, field, value):
    mark = contact_body()["email"]
    fields = {"email": mark} | {field: value}
    expect_invalid(store.contact(**fields), field)
    assert count(rows, mark) == 0


def test_a_nul_is_refused_or_stored_but_never_a_failure(store):
    answer = store.contact(message="a\u0000b")
    if answer.status_code != 201:
        expect_invalid(answer, "message")


def test_who_is_signed_in_and_known_is_noted(store, rows):
    who = store.caller()
    user = store.product(who)["owner_id"]
    made = store.contacted(who=who)
    assert rows.one("SELECT user_id FROM contact_messages WHERE id = ?", made["id"]) == user


@pytest.mark.parametrize("authorization", ["Bearer nonsense", "Basic x", "Bearer", "expired"])
def test_a_token_that_is_not_valid_is_ignored(store, rows, authorization):
    if authorization == "expired":
        authorization = f"Bearer {store.issuer.token(exp=1)}"
    headers = {"X-Forwarded-For": some_address(), "Authorization": authorization}
    made = data_of(store.post("/api/contact", contact_body(), headers=headers), 201, RECEIVED)
    assert rows.one("SELECT user_id FROM contact_messages WHERE id = ?", made["id"]) is None


def test_a_message_makes_no_user(store, rows):
    who = store.caller()
    store.contacted(who=who, email=who.email)
    assert rows.users(who.email) == 0


@pytest.mark.parametrize("website", ["https://spam.example", " ", "x"])
def test_a_robot_is_answered_as_everybody_and_nothing_is_stored(store, rows, website):
    body = contact_body(website=website)
    made = data_of(store.contact(body), 201, RECEIVED)
    assert list(made) == ["id", "created_at"] and isinstance(made["id"], int)
    assert UTC_SECONDS.fullmatch(made["created_at"])
    assert count(rows, body["email"]) == 0


# Duplicates

def test_the_same_message_again_is_the_first_one(store, rows):
    body = contact_body()
    first = data_of(store.contact(body), 201, RECEIVED)
    assert data_of(store.contact(body), 201, RECEIVED)["id"] == first["id"]
    assert count(rows, body["email"]) == 1


def test_the_same_message_many_times_at_once_is_stored_once(store, rows):
    body = contact_body()
    answers = at_once([lambda: store.contact(body) for _ in range(16)])
    ids = {answer.json()["data"]["id"] for answer in answers if answer.status_code == 201}
    assert len(ids) == 1 and {answer.status_code for answer in answers} <= {201, 429}
    assert count(rows, body["email"]) == 1


def test_another_text_or_another_email_is_another_message(store, rows):
    body = contact_body()
    first = data_of(store.contact(body), 201)["id"]
    second = data_of(store.contact(body | {"message": body["message"] + "!"}), 201)["id"]
    third = data_of(store.contact(body | {"email": "x" + body["email"]}), 201)["id"]
    assert len({first, second, third}) == 3
    assert count(rows, body["email"]) == 2


# Limits

def expect_limited(answer):
    expect_error(answer, 429, "RATE_LIMITED")
    assert re.fullmatch(r"\d+", answer.headers["retry-after"])
    assert 0 < int(answer.headers["retry-after"]) <= HOUR
    return answer


def test_five_an_hour_from_one_address(store, rows):
    address = some_address()
    for _ in range(5):
        store.contacted(address=address)
    body = contact_body()
    answer = expect_limited(store.contact(body, address))
    assert int(answer.headers["retry-after"]) > HOUR - 60
    assert count(rows, body["email"]) == 0
    store.contacted(address=some_address())


def test_three_an_hour_of_one_email_wherever_it_comes_from(store, rows):
    email = contact_body()["email"]
    for _ in range(3):
        store.contacted(email=email)
    expect_limited(store.contact(email=email))
    expect_limited(store.contact(email=email.upper()))
    assert count(rows, email) == 3
    store.contacted()


def test_a_refusal_by_one_limit_does_not_use_up_the_other(store):
    email, address = contact_body()["email"], some_address()
    for _ in range(3):
        store.contacted(email=email)
    for _ in range(5):
        expect_limited(store.contact(email=email, address=address))
    for _ in range(5):
        store.contacted(address=address)


def test_what_is_not_valid_is_not_counted(store):
    address = some_address()
    for _ in range(10):
        expect_invalid(store.contact(address=address, message=""), "message")
    for _ in range(5):
        store.contacted(address=address)
    expect_limited(store.contact(address=address))
    expect_invalid(store.contact(address=address, message=""), "message")


def test_the_limit_of_an_address_holds_under_a_crowd(store):
    address = some_address()
    statuses = [answer.status_code for answer in at_once([lambda: store.contact(address=address) for _ in range(32)])]
    assert sorted(statuses) == [201] * 5 + [429] * 27


def test_limits_do_not_touch_the_rest(store):
    address = some_address()
    for _ in range(6):
        store.contact(address=address)
    assert store.get("/api/product", headers={"X-Forwarded-For": address}).status_code == 200
