# The stand-ins themselves: an issuer whose tokens are what they claim, an SMTP server in every mood, and a
# Redis that stops, freezes and comes back.
import base64
import smtplib
import socket

import httpx
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from support.issuer import JWKS_PATH, Issuer, SigningKey
from support.redis import Nonsense, SlowLine, call
from support.store import at_once

MAIL = "From: a@example.com\r\nSubject: Hi\r\n\r\nFirst\r\n..\r\n"


def verify(key, token):
    signed, _, signature = token.rpartition(".")
    raw = base64.urlsafe_b64decode(signature + "==")
    key.private.public_key().verify(raw, signed.encode(), padding.PKCS1v15(), hashes.SHA256())


def test_tokens_are_signed_by_the_published_key_and_counted_fetches_are_true():
    with Issuer() as issuer:
        key, = httpx.get(issuer.url + JWKS_PATH).json()["keys"]
        assert key["kid"] == issuer.key.kid and issuer.fetches == 1
        verify(issuer.key, issuer.token())
        with pytest.raises(InvalidSignature):
            verify(SigningKey(), issuer.token())
        old = issuer.rotate()
        assert [key["kid"] for key in httpx.get(issuer.url + JWKS_PATH).json()["keys"]] == [issuer.key.kid] != [old.kid]


def test_an_issuer_can_be_down_slow_and_back():
    with Issuer() as issuer:
        issuer.stop()
        with pytest.raises(httpx.ConnectError):
            httpx.get(issuer.url + JWKS_PATH)
        issuer.start()
        issuer.stall()
        with pytest.raises(httpx.ReadTimeout):
            httpx.get(issuer.url + JWKS_PATH, timeout=0.2)
        issuer.go_on()
        assert httpx.get(issuer.url + JWKS_PATH).status_code == 200


def post(smtp):
    with smtplib.SMTP("127.0.0.1", smtp.port, timeout=1) as client:
        client.sendmail("a@example.com", ["b@example.com"], MAIL)


def test_mail_is_taken_as_it_was_sent(smtp):
    post(smtp)
    mail, = smtp.mails
    assert mail.message["subject"] == "Hi" and mail.text == "First\n..\n"
    assert "a@example.com" in mail.sender and "b@example.com" in mail.recipients[0]


@pytest.mark.parametrize("mood, error", [
    ("refuses for good", smtplib.SMTPRecipientsRefused), ("refuses for now", smtplib.SMTPRecipientsRefused),
    ("refuses the text", smtplib.SMTPDataError), ("drops", smtplib.SMTPServerDisconnected),
    ("drops at the end", smtplib.SMTPServerDisconnected), ("stalls", OSError), ("stalls at the end", OSError),
])
def test_moods(smtp, mood, error):
    smtp.mood = mood
    with pytest.raises(error):
        post(smtp)
    assert len(smtp.mails) == (mood == "stalls at the end")


def test_redis_keeps_nothing_over_a_stop_and_everything_over_a_freeze(redis):
    redis.ask("SET", "a", "1")
    redis.freeze()
    with pytest.raises(TimeoutError):
        redis.ask("PING", seconds=0.2)
    redis.thaw()
    assert redis.keys() == ["a"]
    redis.stop()
    with Nonsense(redis.port, b"hello\r\n"), pytest.raises(ConnectionError):
        redis.ask("PING")
    redis.start()
    assert redis.keys() == []


def test_a_slow_line_carries_everything(redis):
    with SlowLine(redis, 0.01) as line:
        def ask():
            with socket.create_connection(("127.0.0.1", line.port), timeout=5) as connection:
                return call(connection.makefile("rwb"), "ECHO", "x" * 100_000)

        assert set(at_once([ask] * 8)) == {"x" * 100_000}
