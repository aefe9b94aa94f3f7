# Contact messages on their way to the owner: by mail, by Resend, by webhook; refused, stalled, dropped, and
# tried again (spec/store.md 5.9). Time is not waited for: jobs are made due in their table.
import time
import uuid

import pytest

from support.eventually import eventually
from support.smtp import FROM, OWNER, Smtp
from support.souk import Programs
from support.store import Shop, Store
from support.store_fixtures import STORE_ENGINES, new_store_storage
from support.webhook import Webhook

RETRIES = [60, 300, 1800, 7200]
FOR_NOW = ["refuses for now", "drops", "drops at the end"]
FOR_GOOD = {"refuses for good": "550 5.1.1 no such user here", "refuses the text": "554 5.7.1 we do not like it"}
ROW = "SELECT delivery, attempts, last_error, next_attempt_at FROM contact_messages WHERE id = ?"


@pytest.fixture(scope="module", params=STORE_ENGINES)
def mailing(request, issuer):
    """One program for this file and engine, with a mail server; what each test sends is its own."""
    with Smtp() as smtp, Programs() as programs:
        storage = programs.own(new_store_storage(request.param, request))
        program = Store(clerk_issuer=issuer.url, **smtp.settings, **storage.settings)
        shop = Shop(programs.launch(program, storage), issuer)
        shop.smtp = smtp
        yield shop


@pytest.fixture
def post(mailing):
    """The same, in a good mood."""
    mailing.smtp.mood = "takes"
    return mailing


def row(shop, message):
    return shop.souk.storage.query(ROW, message)[0]


def mails_with(smtp, mark):
    return [mail for mail in list(smtp.mails) if mark in mail.message.as_string() or mark in mail.text]


def delivery(shop, message, wanted, attempts=None):
    """Waits until the row says so."""
    def said():
        found = row(shop, message)
        assert found[0] == wanted and attempts in (None, found[1]), found
        return found

    return eventually(lambda: said(), 15, f"message {message} {wanted}")


def attempted(shop, message, attempts):
    """Waits for the end of an attempt that did not succeed; gives the row."""
    def said():
        found = row(shop, message)
        assert found[1] == attempts and found[2], found
        return found

    return eventually(lambda: said(), 15, f"message {message} attempted {attempts} times")


def at_rest(shop):
    """Nobody works on a job: the message is told of an attempt before the job is."""
    return shop.souk.storage.one("SELECT count(*) FROM jobs WHERE lease_owner IS NOT NULL") == 0


def make_due(shop, leases_of_the_dead=False):
    """As if the time had come. The program would find out by itself; a robot's message, which is not stored,
    makes it look at once."""
    if not leases_of_the_dead:
        eventually(lambda: at_rest(shop), 15, "no job is worked on")
    shop.souk.storage.tamper("UPDATE jobs SET due_at_ms = 0, lease_owner = NULL WHERE state = 'waiting'")
    shop.contacted(website="https://spam.example")


def test_a_message_reaches_the_owner_as_plain_text(post):
    text = "First line.\r\n.\r\n.. dots\nFrom here\n" + "long " * 300 + "\nÄ 日本 🚀"
    mark = uuid.uuid4().hex
    sent = post.contacted(name="Zoë Müller", email=f"zoe-{mark}@example.com", subject="Grüße 🚀", message=text)
    found = delivery(post, sent["id"], "sent", 1)
    assert not found[2] and found[3] is None
    mail, = mails_with(post.smtp, mark)
    message = mail.message
    assert FROM in mail.sender and len(mail.recipients) == 1 and OWNER in mail.recipients[0]
    assert message["from"].addresses[0].addr_spec == FROM
    assert message["to"].addresses[0].addr_spec == OWNER
    assert message["reply-to"].addresses[0].addr_spec == f"zoe-{mark}@example.com"
    assert "Grüße 🚀" in message["subject"]
    assert message.get_content_type() == "text/plain" and not message.is_multipart()
    assert message["message-id"] and message["date"]
    assert text.replace("\r\n", "\n") in mail.text and "Zoë Müller" in mail.text


def test_what_a_visitor_writes_stays_inside_its_header(post):
    mark = uuid.uuid4().hex
    sent = post.contacted(name='"><b>", Bcc: x@y.z', email=f"a+{mark}@example.com", subject="Bcc: evil@e.com, <x>")
    delivery(post, sent["id"], "sent")
    mail, = mails_with(post.smtp, mark)
    assert mail.message["bcc"] is None and len(mail.recipients) == 1
    assert len(mail.message["reply-to"].addresses) == 1


def test_each_message_is_sent_once(post):
    mark = uuid.uuid4().hex
    ids = [post.contacted(message=f"{number} {mark}")["id"] for number in range(12)]
    for message in ids:
        delivery(post, message, "sent", 1)
    assert len(mails_with(post.smtp, mark)) == 12


@pytest.mark.parametrize("mood", FOR_NOW)
def test_trouble_with_mail_never_changes_the_answer_and_is_tried_again(post, mood):
    post.smtp.mood = mood
    mark = uuid.uuid4().hex
    answer = post.contact(message=mark)
    assert answer.status_code == 201 and answer.elapsed.total_seconds() < 2
    message = answer.json()["data"]["id"]
    found = attempted(post, message, 1)
    assert found[0] == "pending"
    assert 30 <= found[3] / 1000 - time.time() <= 90
    post.smtp.mood = "takes"
    make_due(post)
    delivery(post, message, "sent", 2)
    assert len(mails_with(post.smtp, mark)) == 1


@pytest.mark.parametrize("mood, words", FOR_GOOD.items())
def test_a_refusal_for_good_is_told_to_the_owner_and_tried_again_like_any_failure(post, mood, words):
    # A policy or a full mailbox can be mended, so that "for good" is what the server says, not what is believed.
    post.smtp.mood = mood
    mark = uuid.uuid4().hex
    answer = post.contact(message=mark)
    assert answer.status_code == 201 and answer.elapsed.total_seconds() < 2
    message = answer.json()["data"]["id"]
    state, attempts, why, next_at = attempted(post, message, 1)
    assert (state, attempts) == ("pending", 1) and words in why
    assert 30 <= next_at / 1000 - time.time() <= 90
    post.smtp.mood = "takes"
    make_due(post)
    delivery(post, message, "sent", 2)
    assert len(mails_with(post.smtp, mark)) == 1


def test_after_the_fifth_attempt_it_has_failed(post):
    post.smtp.mood = "refuses for now"
    message = post.contacted()["id"]
    for attempt, seconds in enumerate(RETRIES, 1):
        found = attempted(post, message, attempt)
        assert found[0] == "pending"
        assert seconds * 0.5 <= found[3] / 1000 - time.time() <= seconds * 1.5
        make_due(post)
    found = delivery(post, message, "failed", 5)
    assert found[2] and found[3] is None


def test_a_stalling_server_holds_up_neither_answers_nor_other_messages(post):
    post.smtp.mood = "stalls"
    for _ in range(3):
        answer = post.contact()
        assert answer.status_code == 201 and answer.elapsed.total_seconds() < 2
    post.smtp.mood = "takes"
    mark = uuid.uuid4().hex
    delivery(post, post.contacted(message=mark)["id"], "sent")
    post.smtp.let_go()


def test_a_message_that_waits_outlives_a_kill(post):
    post.smtp.mood = "refuses for now"
    mark = uuid.uuid4().hex
    message = post.contacted(message=mark)["id"]
    attempted(post, message, 1)
    eventually(lambda: at_rest(post), 15, "no job is worked on")
    post.souk.kill()
    post.souk.launch()
    assert row(post, message)[:2] == ("pending", 1)
    post.smtp.mood = "takes"
    make_due(post)
    delivery(post, message, "sent")
    assert len(mails_with(post.smtp, mark)) == 1


def test_a_kill_while_the_mail_is_taken_may_repeat_it_under_the_same_id(post):
    # At least once: nobody can know whether the server kept it. A receiver can tell by the Message-ID.
    post.smtp.mood = "stalls at the end"
    mark = uuid.uuid4().hex
    message = post.contacted(message=mark)["id"]
    eventually(lambda: mails_with(post.smtp, mark))
    post.souk.kill()
    post.smtp.mood = "takes"
    post.souk.launch()
    make_due(post, leases_of_the_dead=True)
    delivery(post, message, "sent")
    assert len({mail.message["message-id"] for mail in mails_with(post.smtp, mark)}) == 1
    assert len(mails_with(post.smtp, mark)) == 2


@pytest.mark.slow
def test_a_stalling_server_does_not_hold_up_the_end_of_the_program(start_embedded_store, smtp):
    smtp.mood = "stalls"
    shop = start_embedded_store(**smtp.settings)
    message = shop.contacted()["id"]
    eventually(lambda: smtp.connections)
    shop.souk.stop()
    smtp.mood = "takes"
    shop.souk.launch()
    make_due(shop, leases_of_the_dead=True)
    delivery(shop, message, "sent")


def test_with_the_server_away_the_message_waits(start_embedded_store, smtp):
    smtp.stop()
    shop = start_embedded_store(**smtp.settings)
    message = shop.contacted()["id"]
    assert attempted(shop, message, 1)[0] == "pending"
    smtp.start()
    make_due(shop)
    delivery(shop, message, "sent", 2)


def test_user_and_password_are_sent_where_they_are_set(start_embedded_store, smtp):
    shop = start_embedded_store(**smtp.settings, smtp_user="shop", smtp_password="open sesame")
    delivery(shop, shop.contacted()["id"], "sent")
    assert smtp.mails[0].user == "\0shop\0open sesame"
    assert "open sesame" not in shop.souk.stderr


def test_an_order_is_confirmed_to_its_buyer_by_mail(start_embedded_store, smtp):
    shop = start_embedded_store(store_checkout=1, **smtp.settings)
    who, product = shop.caller(), shop.product(name="Walnut desk", price=29900)["id"]
    shop.add(who, product, 2)
    answer = shop.checkout(who)
    assert answer.status_code == 200 and answer.elapsed.total_seconds() < 2
    eventually(lambda: smtp.mails, 15)
    mail, = smtp.mails
    assert mail.message["to"].addresses[0].addr_spec == who.email
    assert "Walnut desk" in mail.text and str(answer.json()["data"]["order_id"]) in mail.message.as_string()


# HTTP

def test_a_webhook_is_told_everything(start_store, webhook):
    shop = start_store(contact_webhook_url=webhook.url + "/hook")
    body = {"name": "Zoë", "email": "zoe@example.com", "subject": "Hi", "message": "Ä\n🚀"}
    made = shop.contacted(body=body)
    delivery(shop, made["id"], "sent", 1)
    assert webhook.received == [{"id": made["id"], **body, "created_at": made["created_at"]}]
    request, = webhook.requests
    assert (request.method, request.path) == ("POST", "/hook")
    assert request.headers["content-type"].startswith("application/json")


@pytest.mark.parametrize("status", [500, 503, 429, 400, 302])
def test_a_webhook_that_says_no_is_asked_again(start_embedded_store, webhook, status):
    webhook.status = status
    shop = start_embedded_store(contact_webhook_url=webhook.url)
    message = shop.contacted()["id"]
    assert str(status) in attempted(shop, message, 1)[2]
    webhook.status = 204
    make_due(shop)
    delivery(shop, message, "sent", 2)
    assert webhook.received[0] == webhook.received[1]


def test_a_webhook_in_trouble_does_not_repeat_the_mail(start_embedded_store, smtp, webhook):
    webhook.status = 500
    shop = start_embedded_store(contact_webhook_url=webhook.url, **smtp.settings)
    message = shop.contacted()["id"]
    attempted(shop, message, 1)
    webhook.status = 200
    make_due(shop)
    delivery(shop, message, "sent", 2)
    assert len(smtp.mails) == 1 and len(webhook.received) == 2


def test_mail_in_trouble_does_not_keep_the_webhook_waiting_nor_repeat_it(start_embedded_store, smtp, webhook):
    smtp.mood = "refuses for good"
    shop = start_embedded_store(contact_webhook_url=webhook.url, **smtp.settings)
    message = shop.contacted()["id"]
    assert "550" in attempted(shop, message, 1)[2]
    assert len(webhook.received) == 1
    smtp.mood = "takes"
    make_due(shop)
    delivery(shop, message, "sent", 2)
    assert len(smtp.mails) == 1 and len(webhook.received) == 1


@pytest.mark.slow
def test_a_stalling_webhook_holds_up_no_answer(start_embedded_store, webhook):
    webhook.stall()
    shop = start_embedded_store(contact_webhook_url=webhook.url)
    for _ in range(3):
        assert shop.contact().elapsed.total_seconds() < 2
    eventually(lambda: webhook.requests)
    shop.souk.stop()


def test_resend_is_used_where_its_key_is_set(start_embedded_store):
    with Webhook() as resend:
        shop = start_embedded_store(resend_api_key="re_secret", resend_api_url=resend.url, smtp_from_email=FROM,
                                    contact_to_email=OWNER)
        made = shop.contacted(name="Zoë", email="zoe@example.com", subject="Hi", message="Ä 🚀")
        delivery(shop, made["id"], "sent", 1)
        request, = resend.requests
        assert (request.method, request.path) == ("POST", "/emails")
        assert request.headers["authorization"] == "Bearer re_secret"
        document, = resend.received
        assert document["from"] == FROM and document["to"] in (OWNER, [OWNER])
        assert document["reply_to"] in ("zoe@example.com", ["zoe@example.com"])
        assert "Hi" in document["subject"] and "Ä 🚀" in document["text"] and "html" not in document
        assert "re_secret" not in shop.souk.stderr


def test_resend_in_trouble_is_asked_again_with_the_same_key(start_embedded_store):
    with Webhook() as resend:
        resend.status = 503
        shop = start_embedded_store(resend_api_key="re_secret", resend_api_url=resend.url, smtp_from_email=FROM,
                                    contact_to_email=OWNER)
        message = shop.contacted()["id"]
        attempted(shop, message, 1)
        resend.status = 200
        make_due(shop)
        delivery(shop, message, "sent", 2)
        keys = {request.headers.get("idempotency-key") for request in resend.requests}
        assert len(keys) == 1 and None not in keys
