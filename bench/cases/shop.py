"""A shop to measure `store` with: its products, reviews and people, made through the API."""

from __future__ import annotations

import base64
import itertools
import json
import os
import socket
import threading
import time
from pathlib import Path
from typing import Iterable

from harness import http
from harness.processes import BenchError, Souk

CLERKS = 32                 # connections that fill the shop, all at once
WORDS = ("amber", "brass", "cedar", "denim", "ember", "flint", "grove", "hazel", "ivory", "jade", "kite", "linen",
         "maple", "nickel", "olive", "pearl", "quartz", "raven", "slate", "tweed")
PRIVATE_KEY = "private_key_of_a_benchmark"


def request_bytes(method: str, path: str, token: str = "", body: object = None) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost"]
    content = b"" if body is None else json.dumps(body, separators=(",", ":")).encode()
    if token:
        lines.append(f"Authorization: Bearer {token}")
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


def ask(port: int, request: bytes) -> bytes:
    """One answer exactly as it is sent."""
    with socket.create_connection(("127.0.0.1", port), http.SECONDS_MAX) as connection:
        connection.sendall(request)
        return http.read_answer(connection)


def product(number: int) -> dict:
    word = itertools.islice(itertools.cycle(WORDS), number % 20, None)
    name = f"{next(word)} {WORDS[number // 20 % 20]} lamp {number}"
    return {"name": name, "price": 100 + number % 9_900, "description": f"Turned by hand, number {number} of its kind.",
            "category": WORDS[number % 7], "stock": number % 500, "image_url": f"https://img.example/{number}.jpg"}


def send_all(port: int, requests: Iterable[bytes], wanted: int) -> None:
    """Over many connections at once, each answer with the status it must have."""
    shared, lock, failures = iter(requests), threading.Lock(), []

    def work() -> None:
        try:
            with socket.create_connection(("127.0.0.1", port), http.SECONDS_MAX) as connection:
                while not failures:
                    with lock:
                        request = next(shared, None)
                    if request is None:
                        return
                    connection.sendall(request)
                    answer = http.read_answer(connection)
                    if http.status_of(answer) != wanted:
                        raise BenchError(f"filling the shop: {answer[:300]!r}")
        except (OSError, BenchError) as problem:
            failures.append(problem)

    clerks = [threading.Thread(target=work) for _ in range(CLERKS)]
    for clerk in clerks:
        clerk.start()
    for clerk in clerks:
        clerk.join()
    if failures:
        raise failures[0]


def fill(souk: Souk, token: str, products: int, reviewed: int, reviews: int) -> None:
    """Products 1 to `products`; the first `reviewed` of them have reviews."""
    send_all(souk.store_port, (request_bytes("POST", "/api/product", token, product(i + 1)) for i in range(products)),
             201)
    review = {"title": "As described", "rating": 4, "content": "Arrived in two days, well packed, and it works."}
    send_all(souk.store_port, (request_bytes("POST", "/api/review", token, review | {"product_id": i % reviewed + 1})
                               for i in range(reviewed * reviews)), 200)


def token_of(souk: Souk, email: str) -> str:
    return souk.command("store", "token", "--email", email)


def other_tokens(souk: Souk, token: str, count: int) -> list[str]:
    """Tokens of as many people, signed with the same key: `souk store token` would take minutes for them."""
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import padding

    key_file = Path(souk.data) / "secrets" / "AUTH_LOCAL_KEY"
    key = serialization.load_pem_private_key(key_file.read_bytes(), None)
    head, claims, _ = token.split(".")
    known = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
    tokens = []
    for number in range(count):
        own = json.dumps(known | {"sub": f"user_{number}", "email": f"user-{number}@example.com",
                                  "exp": int(time.time()) + 3_600}).encode()
        signed = f"{head}.{base64.urlsafe_b64encode(own).rstrip(b'=').decode()}"
        signature = key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        tokens.append(f"{signed}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}")
    return tokens


def random_pages(count: int, pages: int) -> list[str]:
    """Paths of lists that are all different, in no order."""
    spread = os.urandom(4 * count)
    order = sorted(range(count), key=lambda i: spread[4 * i:4 * i + 4])
    return [f"/api/product?page={i % pages + 1}&limit={20 + i // pages}" for i in order]
