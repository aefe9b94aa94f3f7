# A client of the operations listener: the console's figures, its live channel, and signing in.
import json
from contextlib import contextmanager

from websockets.sync.client import connect

from support.eventually import eventually

PATIENCE = 15  # seconds


class Console:
    def __init__(self, souk):
        self.souk = souk

    def get(self, path, **options):
        return self.souk.http.get(self.souk.ops + path, **options)

    def post(self, path, json=None, **options):
        return self.souk.http.post(self.souk.ops + path, json=json, **options)

    def json(self, path):
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "application/json; charset=utf-8"
        assert answer.headers["cache-control"] == "no-store"
        return answer.json()

    def overview(self):
        return self.json("/console/overview")

    def flash(self):
        return self.json("/console/flash")

    def sale(self, product):
        """The figures of a product's sale, once the console has them."""
        def shown():
            found = [sale for sale in self.flash()["sales"] if sale["productId"] == product]
            assert len(found) <= 1
            return found and found[0]
        return eventually(shown, PATIENCE, f"the sale of {product} is shown")

    def until(self, check, what):
        """The flash figures as soon as check(figures) is true."""
        def looked():
            figures = self.flash()
            return figures if check(figures) else None
        return eventually(looked, PATIENCE, what)

    def attempt(self, method, path, listener="api", headers=None, body="", service="flash"):
        """One try-it; gives the console's own answer."""
        pairs = [{"name": name, "value": value} for name, value in (headers or {}).items()]
        return self.post("/console/try", {
            "service": service, "listener": listener, "method": method, "path": path,
            "headers": pairs, "body": body})

    @contextmanager
    def live(self, **options):
        url = f"ws://127.0.0.1:{self.souk.ops_port}/console/live"
        with connect(url, open_timeout=PATIENCE, proxy=None, max_size=None, **options) as socket:
            yield lambda: json.loads(socket.recv(timeout=PATIENCE))


def refused(answer, status):
    """A refusal in words for people; gives them."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    body = answer.json()
    assert list(body) == ["error"] and body["error"], body
    return body["error"]
