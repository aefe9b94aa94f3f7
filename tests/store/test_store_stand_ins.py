# The stand-ins themselves: an issuer whose tokens are what they claim, an SMTP server in every mood, a
# Redis that stops, freezes and comes back, and a libSQL server that refuses what the protocol forbids.
import base64
import smtplib
import socket

import httpx
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from support.issuer import JWKS_PATH, Issuer, SigningKey
from support.libsql_server import LibsqlServer
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


# libSQL

@pytest.fixture
def libsql(tmp_path):
    with LibsqlServer(tmp_path / "libsql.db") as server:
        yield server


def execute(sql, *args):
    return {"type": "execute", "stmt": {"sql": sql, "args": list(args)}}


def ask_libsql(server, *requests, baton=None, **headers):
    return httpx.post(server.url + "/v2/pipeline", json={"baton": baton, "requests": list(requests)}, headers=headers)


def only_result(answer):
    assert answer.status_code == 200, answer.text
    result, = answer.json()["results"]
    return result


def expect_refused(answer, code):
    result = only_result(answer)
    assert (result["type"], result["error"]["code"]) == ("error", code), result
    assert result["error"]["message"]


def expect_malformed(answer, words):
    assert answer.status_code == 400 and words in answer.json()["message"], answer.text


def test_libsql_integers_are_texts_in_both_directions(libsql):
    most = {"type": "integer", "value": str(2**63 - 1)}
    result = only_result(ask_libsql(libsql, execute("SELECT ?1", most)))
    assert result["response"]["result"]["rows"] == [[most]]
    for bare in (5, 5.0, True, "5x", "", str(2**63), None):
        expect_malformed(ask_libsql(libsql, execute("SELECT ?1", {"type": "integer", "value": bare})), "no value")


def test_libsql_takes_a_baton_once(libsql):
    first = ask_libsql(libsql, execute("CREATE TEMP TABLE mine (a)")).json()["baton"]
    answer = ask_libsql(libsql, execute("SELECT count(*) FROM mine"), baton=first)
    assert only_result(answer)["type"] == "ok"
    assert answer.json()["baton"] not in (None, first)
    expect_malformed(ask_libsql(libsql, execute("SELECT 1"), baton=first), "baton was used")
    expect_malformed(ask_libsql(libsql, execute("SELECT 1"), baton="invented"), "baton was used")


def test_libsql_ends_a_stream_by_close_and_by_idleness_with_what_was_not_committed(libsql):
    opened = ask_libsql(libsql, execute("CREATE TABLE kept (a)"), {"type": "close"}, execute("SELECT 1"))
    assert opened.json()["baton"] is None
    assert [result["type"] for result in opened.json()["results"]] == ["ok", "ok", "error"]
    idle = ask_libsql(libsql, execute("BEGIN IMMEDIATE"), execute("INSERT INTO kept VALUES (1)")).json()["baton"]
    libsql.switches.idle_seconds = 0.0
    expect_malformed(ask_libsql(libsql, execute("COMMIT"), baton=idle), "expired")
    rows = only_result(ask_libsql(libsql, execute("SELECT count(*) FROM kept")))["response"]["result"]["rows"]
    assert rows == [[{"type": "integer", "value": "0"}]]


def test_libsql_ends_every_stream_when_it_is_stopped(libsql):
    opened = ask_libsql(libsql, execute("CREATE TABLE kept (a)"), execute("BEGIN IMMEDIATE")).json()["baton"]
    libsql.stop()
    with pytest.raises(httpx.ConnectError):
        ask_libsql(libsql, execute("SELECT 1"))
    libsql.start()
    expect_malformed(ask_libsql(libsql, execute("COMMIT"), baton=opened), "expired")
    assert only_result(ask_libsql(libsql, execute("INSERT INTO kept VALUES (1)")))["type"] == "ok"


def test_libsql_refuses_two_statements_in_one_and_carries_out_neither(libsql):
    expect_refused(ask_libsql(libsql, execute("CREATE TABLE one (a); CREATE TABLE two (a)")), "SQL_MANY_STATEMENTS")
    for table in ("one", "two"):
        expect_refused(ask_libsql(libsql, execute(f"SELECT * FROM {table}")), "SQLITE_ERROR")


def test_libsql_refuses_arguments_that_nothing_asks_for(libsql):
    text = {"type": "text", "value": "x"}
    expect_refused(ask_libsql(libsql, execute("SELECT ?1", text, text)), "ARGS_INVALID")


@pytest.mark.parametrize("request_", [{}, {"type": "dance"}, {"type": "execute"}, "execute", None])
def test_libsql_knows_only_the_requests_of_the_protocol(libsql, request_):
    assert ask_libsql(libsql, request_).status_code == 400


def test_libsql_asks_for_its_token(tmp_path):
    with LibsqlServer(tmp_path / "libsql.db", token="secret") as server:
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "secret"}):
            assert ask_libsql(server, execute("SELECT 1"), **headers).status_code == 401
        welcome = ask_libsql(server, execute("SELECT 1"), Authorization="Bearer secret")
        assert only_result(welcome)["type"] == "ok"
        assert server.counters()["pipelines"] == 1


def test_libsql_in_trouble_carries_out_what_its_switches_say(libsql):
    def insert():
        return ask_libsql(libsql, execute("INSERT INTO kept VALUES ('meant')"), {"type": "close"})

    def count():
        result = only_result(ask_libsql(libsql, execute("SELECT count(*) FROM kept")))
        return int(result["response"]["result"]["rows"][0][0]["value"])

    ask_libsql(libsql, execute("CREATE TABLE kept (a)"), {"type": "close"})
    libsql.set(only="meant", drop_before=1)
    assert count() == 0
    with pytest.raises(httpx.RemoteProtocolError):
        insert()
    libsql.set(fail=1, status=503)
    assert insert().status_code == 503 and count() == 0
    libsql.set(drop_after=1)
    with pytest.raises(httpx.RemoteProtocolError):
        insert()
    assert count() == 1 and insert().status_code == 200 and count() == 2
