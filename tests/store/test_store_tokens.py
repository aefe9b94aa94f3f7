# Which tokens are accepted, and what the others are told (spec/store.md section 3, DECISION S4).
import time

import pytest

from support.issuer import SigningKey, base64url, encoded
from support.store import expect_error

PATH = "/api/cdn-auth"  # it asks for a token and for nothing else


@pytest.fixture(scope="module")
def stranger():
    """A key the issuer never published."""
    return SigningKey()


def ask(store, authorization):
    return store.get(PATH, headers={"Authorization": authorization})


def present(store, token):
    return ask(store, f"Bearer {token}")


def now():
    return int(time.time())


@pytest.mark.parametrize("form", ["Bearer {}", "bearer {}", "BEARER {}", "bEaReR {}", "Bearer   {}"])
def test_the_word_bearer_in_any_case_and_one_space_or_more(store, form):
    assert ask(store, form.format(store.issuer.token())).status_code == 200


@pytest.mark.parametrize("form", [
    "", "Bearer", "{}", "Basic {}", "Token {}", "Bearer{}", "Bearer {} {}", "Bearer,{}",
    "Bearer {} realm=x", "BearerX {}",
])
def test_what_is_no_bearer_token_is_unauthorized(store, form):
    token = store.issuer.token()
    expect_error(ask(store, form.format(*[token] * form.count("{}"))), 401, "UNAUTHORIZED")


def test_no_authorization_is_unauthorized(store):
    expect_error(store.get(PATH), 401, "UNAUTHORIZED")


def test_a_cookie_is_no_token(store):
    token = store.issuer.token()
    expect_error(store.get(PATH, headers={"Cookie": f"__session={token}"}), 401, "UNAUTHORIZED")


ACCEPTED = {
    "no email": lambda t: {"email": None},
    "as version 1": lambda t: {"jti": None, "v": None},
    "only iss and exp": lambda t: dict.fromkeys(["azp", "fva", "iat", "jti", "nbf", "sid", "sub", "v"]),
    "expired within the leeway": lambda t: {"exp": t - 1},
    "nbf within the leeway": lambda t: {"nbf": t + 3},
    "iat within the leeway": lambda t: {"iat": t + 3},
    "fractions of seconds": lambda t: {"exp": t + 60.5, "nbf": t - 0.5},
    "unknown claims": lambda t: {"pla": "u:free", "fea": "", "o": {"id": "org_1"}, "act": {"sub": "x"}},
    "any azp": lambda t: {"azp": "https://elsewhere.example"},
    "any audience": lambda t: {"aud": ["x"]},
    "until the end of time": lambda t: {"exp": 2**63, "nbf": -2**63, "iat": -1e308},
    "until long after it": lambda t: {"exp": 1e308},
}


@pytest.mark.parametrize("claims", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_good_tokens(store, claims):
    answer = present(store, store.issuer.token(**claims(now())))
    assert answer.status_code == 200, answer.text


def test_unknown_parameters_of_the_header_are_ignored(store):
    header = {"typ": None, "cty": "x", "oiat": 5, "extra": {"a": [1]}}
    assert present(store, store.issuer.token(header=header)).status_code == 200


def test_one_trailing_slash_of_the_issuer_does_not_matter(store):
    assert present(store, store.issuer.token(iss=store.issuer.url + "/")).status_code == 200


EXPIRED = {
    "long ago": lambda t: {"exp": t - 3600}, "beyond the leeway": lambda t: {"exp": t - 10},
    "in 1970": lambda t: {"exp": 0}, "before 1970": lambda t: {"exp": -5}, "before time": lambda t: {"exp": -2**63},
    "expired and not yet valid": lambda t: {"exp": t - 60, "iat": t - 120, "nbf": t - 120},
}


@pytest.mark.parametrize("claims", EXPIRED.values(), ids=EXPIRED.keys())
def test_expired_tokens(store, claims):
    expect_error(present(store, store.issuer.token(**claims(now()))), 401, "TOKEN_EXPIRED")


def test_a_token_without_an_expiry_is_refused(store):
    answer = present(store, store.issuer.token(exp=None))
    assert answer.json()["error_code"] in ("TOKEN_EXPIRED", "INVALID_TOKEN")
    assert answer.status_code == 401


REFUSED_CLAIMS = {
    "not yet valid": lambda t: {"nbf": t + 60}, "never valid": lambda t: {"nbf": 1e308},
    "issued in the future": lambda t: {"iat": t + 60},
    "another issuer": lambda t: {"iss": "https://other.clerk.accounts.dev"},
    "another port": lambda t: {"iss": "http://127.0.0.1:1"},
    "no issuer": lambda t: {"iss": None},
    "an issuer that is no text": lambda t: {"iss": ["http://127.0.0.1"]},
    "an empty issuer": lambda t: {"iss": ""},
    "an expiry that is text": lambda t: {"exp": str(t + 60)},
    "nbf that is text": lambda t: {"nbf": "now"},
    "iat that is text": lambda t: {"iat": "now"},
}


@pytest.mark.parametrize("claims", REFUSED_CLAIMS.values(), ids=REFUSED_CLAIMS.keys())
def test_tokens_with_wrong_claims(store, claims):
    expect_error(present(store, store.issuer.token(**claims(now()))), 401, "INVALID_TOKEN")


@pytest.mark.parametrize("change", [
    lambda url: url + "//", lambda url: url + "/x", lambda url: "//" + url, lambda url: url.upper(),
    lambda url: url.replace("127.0.0.1", "localhost"), lambda url: " " + url,
])
def test_issuers_that_only_resemble_ours(store, change):
    expect_error(present(store, store.issuer.token(iss=change(store.issuer.url))), 401, "INVALID_TOKEN")


@pytest.mark.parametrize("algorithm", ["none", "HS256", "HS384", "RS384", "RS512", "PS256"])
def test_only_rs256_is_taken_even_with_a_true_signature(store, algorithm):
    expect_error(present(store, store.issuer.token(algorithm=algorithm)), 401, "INVALID_TOKEN")


@pytest.mark.parametrize("header", [
    {"alg": "rs256"}, {"alg": "None"}, {"alg": None}, {"alg": ["RS256"]}, {"alg": 5}, {"kid": None}, {"kid": 5},
    {"kid": ""}, {"kid": "unknown"}, {"kid": {"a": 1}}, {"kid": "x" * 10_000}, {"crit": ["exp"]},
    {"crit": ["b64"], "b64": False},
])
def test_wrong_headers(store, header):
    expect_error(present(store, store.issuer.token(header=header)), 401, "INVALID_TOKEN")


def test_a_signature_by_another_key_under_a_known_kid(store, stranger):
    token = store.issuer.token(key=stranger, header={"kid": store.issuer.key.kid})
    expect_error(present(store, token), 401, "INVALID_TOKEN")


def test_a_key_that_the_token_brings_along_is_not_used(store, stranger):
    header = {"kid": stranger.kid, "jwk": stranger.jwk(), "jku": store.issuer.url + "/.well-known/jwks.json"}
    expect_error(present(store, store.issuer.token(key=stranger, header=header)), 401, "INVALID_TOKEN")


def replaced(token, part, text):
    parts = token.split(".")
    parts[part] = text
    return ".".join(parts)


DAMAGED = {
    "garbage": lambda t: "garbage", "dots": lambda t: "..", "one part": lambda t: t.split(".")[0],
    "two parts": lambda t: t.rpartition(".")[0], "four parts": lambda t: t + ".x",
    "no signature": lambda t: replaced(t, 2, ""), "no payload": lambda t: replaced(t, 1, ""),
    "no header": lambda t: replaced(t, 0, ""), "cut signature": lambda t: t[:-4],
    "padded": lambda t: t + "==", "standard base64": lambda t: replaced(t, 2, "++//" + t.split(".")[2][4:]),
    "other payload": lambda t: replaced(t, 1, encoded({"iss": "x", "exp": 9_999_999_999})),
    "header that is a list": lambda t: replaced(t, 0, encoded([])),
    "header that is no JSON": lambda t: replaced(t, 0, base64url(b"{")),
    "header that is not UTF-8": lambda t: replaced(t, 0, base64url(b'{"alg":"\xff"}')),
    "payload that is a list": lambda t: replaced(t, 1, encoded([])),
    "bytes beyond ASCII": lambda t: "é" + t[1:],
    "very long": lambda t: "a" * 12_000,
}


@pytest.mark.parametrize("damage", DAMAGED.values(), ids=DAMAGED.keys())
def test_damaged_tokens(store, damage):
    token = damage(store.issuer.token())
    answer = store.get(PATH, headers={"Authorization": f"Bearer {token}".encode()})
    expect_error(answer, 401, "INVALID_TOKEN")


@pytest.mark.parametrize("payload", [b"[]", b"{", b"5", b"null", b'"x"', b"\xff"])
def test_a_signed_payload_that_is_no_object(store, payload):
    key = store.issuer.key
    signed = encoded({"alg": "RS256", "kid": key.kid}) + "." + base64url(payload)
    token = f"{signed}.{base64url(key.sign('RS256', signed.encode()))}"
    expect_error(present(store, token), 401, "INVALID_TOKEN")


def test_a_token_that_was_good_ends_at_its_expiry(store):
    # Its second use would be answered by what is remembered of the first.
    token = store.issuer.token(exp=now() - 3)
    deadline = time.monotonic() + 10
    statuses = []
    while not statuses or statuses[-1] == 200:
        assert time.monotonic() < deadline, "it never ended"
        answer = present(store, token)
        statuses.append(answer.status_code)
    expect_error(answer, 401, "TOKEN_EXPIRED")
    assert statuses.count(200) > 2


def test_a_changed_signature_of_a_remembered_token_is_refused(store):
    token = store.issuer.token()
    assert present(store, token).status_code == 200
    head, _, signature = token.rpartition(".")
    other = signature[:10] + ("A" if signature[10] != "A" else "B") + signature[11:]
    expect_error(present(store, f"{head}.{other}"), 401, "INVALID_TOKEN")
    assert present(store, token).status_code == 200


def test_the_last_bits_of_the_signature_are_strict(store):
    # 342 base64 characters carry 2052 bits for 2048: the spare ones must be zero.
    token = store.issuer.token()
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    spare = alphabet[alphabet.index(token[-1]) ^ 1]
    expect_error(present(store, token[:-1] + spare), 401, "INVALID_TOKEN")
