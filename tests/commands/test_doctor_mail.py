# `souk doctor` and the mail server: what it finds, what it advises, and that it mails nothing.
import json

import pytest

from support.certificate import distrusted_server
from support.command import run
from support.ports import free_port

STARTTLS = {"smtp_tls": "starttls"}
IMPLICIT = {"smtp_tls": "implicit"}
LOGIN = {"smtp_user": "shop", "smtp_password": "a password that nobody guesses"}


@pytest.fixture
def found(tmp_path):
    """A function that gives the doctor's finding on mail with these settings."""
    def look(**settings):
        environment = {name.upper(): str(value) for name, value in settings.items()}
        ended = run("doctor", "store", "--json", cwd=tmp_path, data_dir=tmp_path / "data", env=environment)
        report = json.loads(ended.out)
        finding, = [each for each in report["checks"] if each["check"] == "store mail"]
        assert ended.code == (1 if report["verdict"] == "wrong" else 0), ended
        assert settings.get("smtp_password", "no such text") not in ended.said
        return finding
    return look


def wrong(finding, in_found, in_mend):
    assert finding["state"] == "wrong", finding
    assert in_found in finding["found"] and in_mend in finding["mend"], finding
    assert "contact form" in finding["why"]


def test_without_mail_there_is_nothing_to_ask(found):
    assert found()["state"] == "ok"
    assert "none" in found()["found"]


def test_a_key_of_resend_is_not_tried(found):
    finding = found(resend_api_key="re_secret", smtp_from_email="shop@example.com")
    assert finding["state"] == "ok" and "Resend" in finding["found"] and "re_secret" not in str(finding)


def test_a_server_that_answers_is_fine_and_gets_no_mail(found, smtp):
    finding = found(**smtp.settings, **LOGIN)
    assert finding["state"] == "ok" and str(smtp.port) in finding["found"] and "shop" in finding["found"]
    assert smtp.commands == ["EHLO", "AUTH", "NOOP", "QUIT"]
    assert smtp.mails == []


def test_nobody_there(found):
    wrong(found(smtp_host="127.0.0.1", smtp_port=free_port(), smtp_tls="none", smtp_from_email="shop@example.com"),
          "127.0.0.1", "SMTP_PORT")


def test_a_server_that_never_greets(found, smtp):
    smtp.mood = "stalls"
    wrong(found(**smtp.settings), str(smtp.port), "SMTP_TLS")


def test_a_wrong_password(found, smtp):
    smtp.password = "another one"
    wrong(found(**smtp.settings, **LOGIN), "535 5.7.8 wrong user or password", "SMTP_PASSWORD")


def test_a_server_without_starttls(found, smtp):
    wrong(found(**smtp.settings | STARTTLS | LOGIN), "STARTTLS", "SMTP_TLS")
    assert "AUTH" not in smtp.commands, "the password was said in the clear"


@pytest.mark.parametrize("tls", [STARTTLS, IMPLICIT], ids=lambda tls: tls["smtp_tls"])
def test_a_certificate_that_nobody_trusts(found, smtp, tls):
    smtp.tls = distrusted_server()
    smtp.is_implicit = tls is IMPLICIT
    wrong(found(**smtp.settings | tls | LOGIN), "self-signed certificate", "update-ca-certificates")
    assert "AUTH" not in smtp.commands


def test_tls_where_none_is_spoken(found, smtp):
    wrong(found(**smtp.settings | IMPLICIT), str(smtp.port), "465")

