"""The requests of flash as bytes, for the client of raw_http.py."""

from __future__ import annotations

from collections.abc import Iterable

from support.raw_http import Address, ask, json_request, request_bytes


def order_request(
    product: str, key: str, user: str = "user-1", headers: Iterable[tuple[str, str]] = ()
) -> bytes:
    document = {"productId": product, "userId": user}
    return json_request("POST", "/order", document, [("x-idempotency-key", key), *headers])


def init_request(product: str, quantity: int) -> bytes:
    return json_request("POST", "/init", {"productId": product, "quantity": quantity})


def init(address: Address | str, product: str, quantity: int) -> None:
    answer = ask(address, init_request(product, quantity))
    assert answer.status == 200, f"/init {product} {quantity}: {answer}"


def stock(address: Address | str, product: str) -> int:
    answer = ask(address, request_bytes("GET", f"/inventory/{product}"))
    assert answer.status == 200, f"/inventory/{product}: {answer}"
    return int(answer.json()["stock"])
