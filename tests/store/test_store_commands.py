# `souk store token`, and `souk store contact list` and `resend`.
import base64
import json
import stat

import pytest

from support.command import run
from support.eventually import eventually
from support.issuer import Issuer
from support.store import expect_error


@pytest.fixture
def local(start_embedded_store):
    """A program without an issuer, as on a developer's machine."""
    return start_embedded_store(by=None)


def minted(shop, *words):
    ended = shop.souk.command("store", "token", *words)
    assert (ended.code, ended.err) == (0, ""), ended
    return {"Authorization": f"Bearer {ended.out.strip()}"}


def claims_of(headers):
    payload = headers["Authorization"].split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


# souk store token

def test_a_minted_token_is_accepted_by_the_running_program(local):
    headers = minted(local, "--email", "you@example.com", "--name", "You")
    body = {"name": "Mug", "price": 1200, "description": "", "category": "Kitchen", "stock": 3, "image_url": ""}
    made = local.post("/api/product", body, headers=headers)
    assert made.status_code == 201, made.text
    owner = made.json()["data"]["owner_id"]
    assert local.souk.storage.query("SELECT name, email FROM users WHERE id = ?", owner) == [("You", "you@example.com")]
    assert claims_of(headers)["email"] == "you@example.com"


def test_a_token_may_be_minted_before_the_first_start_and_outlives_restarts(local):
    local.souk.stop()
    headers = minted(local, "--email", "you@example.com")
    for _ in range(2):
        local.souk.restart()
        assert local.get("/api/cart", headers=headers).status_code == 200


def test_the_key_is_readable_by_its_owner_alone(local):
    minted(local, "--email", "you@example.com")
    secrets = local.souk.data_dir / "secrets"
    for file in secrets.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file


def test_a_token_of_another_data_directory_is_refused(local, start_embedded_store):
    other = start_embedded_store(by=None)
    headers = minted(other, "--email", "you@example.com")
    expect_error(local.get("/api/cart", headers=headers), 401, "INVALID_TOKEN")


def test_it_is_not_accepted_once_there_is_an_issuer_and_not_minted_either(local):
    headers = minted(local, "--email", "you@example.com")
    local.souk.stop()
    with Issuer() as issuer:
        local.souk.settings["clerk_issuer"] = issuer.url
        local.souk.launch()
        expect_error(local.get("/api/cart", headers=headers), 401, "INVALID_TOKEN")
        ended = local.souk.command("store", "token", "--email", "you@example.com")
        assert ended.code == 1 and "CLERK_ISSUER" in ended.err and ended.out == ""


def test_tokens_of_an_issuer_are_not_accepted_without_its_setting(local, issuer):
    expect_error(local.get("/api/cart", headers={"Authorization": f"Bearer {issuer.token()}"}), 401, "INVALID_TOKEN")


def test_in_production_no_token_is_minted_and_an_issuer_is_required(local):
    local.souk.stop()
    local.souk.settings |= {"env": "production", "souk_admin_token": "admin-secret-0123456789"}
    ended = local.souk.command("store", "token", "--email", "you@example.com")
    assert ended.code != 0 and ended.out == ""
    local.souk.launch(wait_for=None)
    code, said = local.souk.expect_exit()
    assert code != 0 and "CLERK_ISSUER" in said


@pytest.mark.parametrize("words", [[], ["--email"], ["--email", ""], ["--name", "You"], ["--mail", "x@y.z"]])
def test_a_token_without_an_email_is_a_usage_error(local, words):
    ended = local.souk.command("store", "token", *words)
    assert ended.code == 2 and ended.out == ""


# souk store contact

def listed(shop, *words):
    ended = shop.souk.command("store", "contact", "list", "--json", *words)
    assert (ended.code, ended.err) == (0, ""), ended
    return json.loads(ended.out)


def resent(shop, *words):
    return shop.souk.command("store", "contact", "resend", *words)


@pytest.fixture(params=[True, False], ids=["running", "stopped"])
def state(request):
    """Whether the program runs beside the command."""
    return request.param


def test_messages_are_listed_newest_first(start_store, state):
    shop = start_store()
    first = shop.contacted(name="Ada", email="ada@example.com", subject="One", message="Hello")["id"]
    second = shop.contacted(name="Zoë", subject=None)["id"]
    if not state:
        shop.souk.stop()
    rows = listed(shop)
    assert [row["id"] for row in rows] == [second, first]
    shown = rows[1]
    assert (shown["name"], shown["email"], shown["subject"], shown["message"]) == (
        "Ada", "ada@example.com", "One", "Hello")
    assert (shown["delivery"], shown["attempts"]) == ("disabled", 0)
    assert [row["id"] for row in listed(shop, "--limit", "1")] == [second]
    table = shop.souk.command("store", "contact", "list").out
    assert "ada@example.com" in table and "One" in table
    if not state:
        shop.souk.launch()


def test_without_messages_there_is_nothing_to_list(start_embedded_store):
    shop = start_embedded_store()
    assert listed(shop) == []
    assert "No messages" in shop.souk.command("store", "contact", "list").out


def delivery(shop, message):
    return shop.souk.storage.one("SELECT delivery FROM contact_messages WHERE id = ?", message)


def test_a_message_from_before_there_was_mail_can_be_sent(start_store, smtp, state):
    shop = start_store()
    message = shop.contacted()["id"]
    shop.souk.stop()
    shop.souk.settings |= smtp.settings
    if state:
        shop.souk.launch()
    ended = resent(shop, message)
    assert ended.code == 0, ended
    if not state:
        shop.souk.launch()
    eventually(lambda: delivery(shop, message) == "sent", 15)
    assert len(smtp.mails) == 1
    assert [row["delivery"] for row in listed(shop)] == ["sent"]


def test_what_has_failed_can_be_sent_again_all_at_once(start_embedded_store, smtp):
    smtp.mood = "refuses for good"
    shop = start_embedded_store(**smtp.settings)
    messages = [shop.contacted()["id"] for _ in range(3)]

    def given_up():
        shop.souk.storage.tamper("UPDATE jobs SET due_at_ms = 0 WHERE state = 'waiting'")
        shop.contacted(website="https://spam.example")  # not stored, but the program looks at its jobs
        return all(delivery(shop, message) == "failed" for message in messages)

    eventually(given_up, 30)
    assert {row["delivery"] for row in listed(shop, "--state", "failed")} == {"failed"}
    smtp.mood = "takes"
    ended = resent(shop, "--failed")
    assert ended.code == 0 and "3" in ended.out, ended
    for message in messages:
        eventually(lambda: delivery(shop, message) == "sent", 15)
    assert len(smtp.mails) == 3


def test_an_unknown_message_cannot_be_sent(start_embedded_store, smtp, state):
    shop = start_embedded_store(**smtp.settings)
    if not state:
        shop.souk.stop()
    ended = resent(shop, 999)
    assert ended.code == 1 and "999" in ended.err
    if not state:
        shop.souk.launch()


@pytest.mark.parametrize("words", [
    ["list", "--limit", "0"], ["list", "--state", "lost"], ["resend", "x"], ["resend"], ["erase"], [],
])
def test_wrong_words_are_a_usage_error(tmp_path, words):
    assert run("store", "contact", *words, cwd=tmp_path, data_dir=tmp_path / "data").code == 2
