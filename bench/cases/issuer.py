"""`store`'s first token: the time to fetch an issuer's keys and verify, while none is known yet."""

from __future__ import annotations

import base64
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from statistics import median

from cases.shop import PRIVATE_KEY, ask, request_bytes
from harness import http
from harness.plan import Bench
from harness.processes import BenchError, Souk

STARTS = 5
PAUSE_SECONDS = 1.1     # after a fetch that failed the next is a second away
EMAIL = "bench@example.com"


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def number(value: int) -> str:
    return base64url(value.to_bytes((value.bit_length() + 7) // 8, "big"))


class Issuer:
    """A JWKS endpoint on the loopback interface, which answers 503 until it is opened."""

    def __init__(self) -> None:
        from cryptography.hazmat.primitives.asymmetric import rsa

        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.is_open = False
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = issuer.keys() if issuer.is_open else b""
                self.send_response(200 if issuer.is_open else 503)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *unused) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self) -> Issuer:
        return self

    def __exit__(self, *unused) -> None:
        self.server.shutdown()
        self.server.server_close()

    def keys(self) -> bytes:
        public = self.key.public_key().public_numbers()
        key = {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "bench", "n": number(public.n), "e": number(public.e)}
        return json.dumps({"keys": [key]}).encode()

    def token(self, subject: str) -> str:
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import padding

        now = int(time.time())
        claims = {"iss": self.url, "sub": subject, "email": EMAIL, "iat": now, "exp": now + 3_600}
        head = {"alg": "RS256", "kid": "bench", "typ": "JWT"}
        signed = ".".join(base64url(json.dumps(part).encode()) for part in (head, claims))
        signature = self.key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{signed}.{base64url(signature)}"


def first_and_next_ms(bench: Bench) -> tuple[float, float]:
    """One start of the program: its first token, and the next one, whose key is known by then."""
    with Issuer() as issuer:
        settings = {"IMAGE_KIT_PRIVATE_KEY": PRIVATE_KEY, "CLERK_ISSUER": issuer.url}
        with Souk(bench.souk, bench.fresh_data("store-issuer"), services=("store",), settings=settings) as souk:
            time.sleep(PAUSE_SECONDS)
            issuer.is_open = True
            took = []
            for subject in ("first", "next"):
                request = request_bytes("GET", "/api/cdn-auth", issuer.token(subject))
                began = time.monotonic()
                answer = ask(souk.store_port, request)
                took.append((time.monotonic() - began) * 1000)
                if http.status_of(answer) != 200:
                    raise BenchError(f"the {subject} token of an issuer: {answer[:300]!r}")
            return took[0], took[1]


def run(bench: Bench) -> None:
    bench.say("the first token of an issuer")
    pairs = [first_and_next_ms(bench) for _ in range(STARTS)]
    first, after = (median(column) for column in zip(*pairs))
    bench.report.add("store", "first token of an issuer, no key known", f"{first:.2f} ms with its fetch, the next token "
                     f"{after:.2f} ms; one request on a new connection, median of {STARTS} starts")
