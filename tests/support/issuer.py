# An identity issuer on the loopback interface: a JWKS endpoint with switches for everything that can be
# wrong with one, and tokens with any header, claims and signature.
import base64
import hashlib
import hmac
import json
import time
import uuid

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from support.http_stand_in import HttpStandIn

JWKS_PATH = "/.well-known/jwks.json"


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def encoded(document):
    return base64url(json.dumps(document, separators=(",", ":")).encode())


def number(value):
    return base64url(value.to_bytes((value.bit_length() + 7) // 8, "big"))


class SigningKey:
    def __init__(self, bits=2048, kid=None):
        self.kid = kid or f"ins_{uuid.uuid4().hex}"
        self.private = rsa.generate_private_key(public_exponent=65537, key_size=bits)

    def jwk(self, **changes):
        """As the issuer publishes it; a change to None takes the member away."""
        public = self.private.public_key().public_numbers()
        members = {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.kid, "n": number(public.n),
                   "e": number(public.e)} | changes
        return {name: value for name, value in members.items() if value is not None}

    def public_pem(self):
        return self.private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)

    def sign(self, algorithm, data):
        """The signature that the named algorithm makes; HS256 takes the public key for the secret."""
        if algorithm == "none":
            return b""
        if algorithm.startswith("HS"):
            return hmac.digest(self.public_pem(), data, getattr(hashlib, "sha" + algorithm[2:]))
        digest = getattr(hashes, "SHA" + algorithm[2:])()
        if algorithm.startswith("PS"):
            salted = padding.PSS(padding.MGF1(digest), padding.PSS.DIGEST_LENGTH)
            return self.private.sign(data, salted, digest)
        return self.private.sign(data, padding.PKCS1v15(), digest)


class Issuer(HttpStandIn):
    def __init__(self, key=None):
        super().__init__()
        self.key = key or SigningKey()
        self.published = [self.key.jwk()]
        self.wrong = None  # (status, headers, body) instead of the key set

    def answer(self, request):
        if request.path != JWKS_PATH:
            return 404, {}, b""
        if self.wrong is not None:
            return self.wrong
        document = json.dumps({"keys": self.published}).encode()
        return 200, {"Content-Type": "application/json"}, document

    @property
    def fetches(self):
        return sum(request.path == JWKS_PATH for request in self.requests)

    def rotate(self):
        """A new key takes the place of the old one; gives the old one."""
        old, self.key = self.key, SigningKey()
        self.published = [self.key.jwk()]
        return old

    def publish_too(self, key, **changes):
        self.published.append(key.jwk(**changes))
        return key

    def token(self, email="ada@example.com", *, key=None, header=None, algorithm="RS256", **claims):
        """A session token; `header` and `claims` are put over the usual ones, None takes one away."""
        key = key or self.key
        head = {"alg": algorithm, "typ": "JWT", "kid": key.kid, "oiat": 1700000000} | (header or {})
        signed = f"{encoded(present(head))}.{encoded(present(self.claims(email) | claims))}"
        return f"{signed}.{base64url(key.sign(algorithm, signed.encode()))}"

    def claims(self, email):
        now = int(time.time())
        return {
            "azp": "http://localhost:3000", "email": email, "exp": now + 3600, "fva": [0, -1], "iat": now,
            "iss": self.url, "jti": uuid.uuid4().hex, "nbf": now - 10, "sid": f"sess_{uuid.uuid4().hex}",
            "sub": f"user_{uuid.uuid4().hex}", "v": 2,
        }


def present(members):
    return {name: value for name, value in members.items() if value is not None}
