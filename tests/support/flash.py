# A client of the flash contract, and the contract's exact answers.
import uuid

from support.eventually import eventually

SUCCESS = '{"status":"success","msg":"Order accepted"}'
DUPLICATE = '{"status":"ignored","msg":"Duplicate request"}'
SOLD_OUT = '{"status":"sold_out","msg":"Inventory empty"}'
LIMIT_REACHED = '{"status":"limit_reached","msg":"Order limit per user reached"}'
ORDER_FAILED = '{"status":"error","msg":"Order processing failed"}'
MISSING_KEY = '{"error":"Missing Idempotency Key"}'
INVALID_KEY = '{"error":"Invalid Idempotency Key"}'
CANCELLED = '{"status":"cancelled","msg":"Order cancelled"}'
CANCELLED_ALREADY = '{"status":"ignored","msg":"Order already cancelled"}'
NOT_CANCELLABLE = '{"status":"not_cancellable","msg":"Order already confirmed"}'
ORDER_NOT_FOUND = '{"error":"Order not found"}'
PRODUCT_NOT_FOUND = '{"error":"Product not found"}'

JSON_TYPE = "application/json; charset=utf-8"


def new_key():
    return str(uuid.uuid4())


def expect(answer, status, body):
    """Status and body, byte for byte, and the media type of every JSON answer."""
    assert (answer.status_code, answer.text) == (status, body)
    assert answer.headers["content-type"] == JSON_TYPE
    return answer


class FlashClient:
    def __init__(self, souk):
        self.souk = souk
        self.http = souk.http

    def init(self, product, quantity, **options):
        body = {"productId": product, "quantity": quantity}
        return self.http.post(self.souk.api + "/init", json=body, **options)

    def stocked(self, product, quantity):
        """/init that must succeed."""
        answer = self.init(product, quantity)
        expect(answer, 200,
               f'{{"status":"ok","msg":"Stock initialized for {product} to {quantity}"}}')
        return product

    def order(self, product, key=None, user="user-12345", **options):
        headers = {"x-idempotency-key": key or new_key()} | options.pop("headers", {})
        body = {"productId": product, "userId": user}
        return self.http.post(self.souk.api + "/order", json=body, headers=headers, **options)

    def accepted(self, product, key=None, user="user-12345"):
        """An order that must succeed; gives its id."""
        return expect(self.order(product, key, user), 200, SUCCESS).headers["x-order-id"]

    def get(self, path, **options):
        return self.http.get(self.souk.api + path, **options)

    def post(self, path, **options):
        return self.http.post(self.souk.api + path, **options)

    def status(self, order):
        return self.get(f"/status/{order}")

    def state(self, order):
        answer = self.status(order)
        assert answer.status_code == 200, answer.text
        return answer.json()["state"]

    def stock(self, product):
        answer = self.get(f"/inventory/{product}")
        assert answer.status_code == 200, answer.text
        return answer.json()["stock"]

    def cancel(self, order, **options):
        return self.post(f"/cancel/{order}", **options)

    def capacity(self):
        answer = self.get("/capacity")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def confirmed(self, order, seconds=15):
        """Waits until the worker has written the order."""
        eventually(lambda: self.state(order) == "confirmed", seconds, f"order {order} confirmed")
        return order
