# What the operations listener says of store: its dependencies, and its figures.
import pytest

from support.eventually import eventually
from support.issuer import Issuer
from support.metrics import families
from support.store import ORDERED, data_of


def readiness(shop):
    answer = shop.http.get(shop.souk.ops + "/readyz")
    states = {dependency["name"]: dependency["state"] for dependency in answer.json()["dependencies"]}
    return answer.status_code, states


def figures(shop):
    """(name, sorted labels) to value, of every sample."""
    answer = shop.http.get(shop.souk.ops + "/metrics")
    return {(sample.name, tuple(sorted(sample.labels.items()))): sample.value
            for family in families(answer.text) for sample in family.samples}


def grown(shop, before, name, **labels):
    key = (name, tuple(sorted(labels.items())))
    return figures(shop)[key] - before.get(key, 0)


def test_every_dependency_is_named_and_up(store):
    status, states = readiness(store)
    assert status == 200 and states["store database"] == states["store tokens"] == "up"


def test_without_cache_or_issuer_it_is_degraded_and_ready(start_embedded_store, redis):
    with Issuer() as issuer:
        shop = start_embedded_store(by=issuer, redis_url=redis.url)
        eventually(lambda: readiness(shop) == (
            200, {"store database": "up", "store tokens": "up", "store cache": "up"}), 15)
        issuer.stop()
        redis.stop()
        shop.products()
        eventually(lambda: readiness(shop)[1]["store cache"] == "degraded", 15)
        assert readiness(shop)[0] == 200
        assert shop.get("/health").json()["status"] == "degraded"
        shop.souk.restart()
        eventually(lambda: readiness(shop) == (
            200, {"store database": "up", "store tokens": "degraded", "store cache": "degraded"}), 15)


def test_what_is_done_is_counted(store):
    who, product = store.caller(), store.product(stock=5)["id"]
    before = figures(store)
    store.product(who)
    store.review(who, product)
    store.add(who, product)
    store.contacted()
    data_of(store.checkout(who), 200, ORDERED)
    for name in ("products_created", "reviews_created", "cart_changes", "contacts", "checkouts"):
        assert grown(store, before, f"souk_store_{name}_total") == 1, name


def test_hits_and_misses_of_the_list_are_counted_and_shown(start_embedded_store):
    shop = start_embedded_store()
    before = figures(shop)
    for _ in range(5):
        shop.products()
    for outcome, count in (("hit", 4), ("miss", 1)):
        assert grown(shop, before, "souk_cache_requests_total", cache="products", outcome=outcome) == count
    cache = shop.get("/health").json()["cache"]
    assert (cache["hits"], cache["misses"], cache["total"], cache["hit_rate_pct"]) == (4, 1, 5, 80)


@pytest.mark.parametrize("path, status", [("/", "2xx"), ("/api/cart", "4xx")])
def test_requests_are_counted_by_route_and_status(store, path, status):
    before = figures(store)
    for _ in range(3):
        store.get(path)
    labels = {"method": "GET", "route": path, "service": "store", "status": status}
    assert grown(store, before, "souk_http_requests_total", **labels) == 3


def test_nothing_secret_is_written(start_embedded_store, redis):
    secrets = {"image_kit_private_key": "secret-of-imagekit", "clerk_secret_key": "secret-of-clerk",
               "groq_api_key": "secret-of-groq", "redis_password": "secret-of-redis"}
    shop = start_embedded_store(redis_url=f"redis://127.0.0.1:{redis.port}", **secrets)
    who = shop.caller()
    shop.get("/api/cdn-auth", who)
    shop.contacted(message="secret-of-a-visitor", email="secret-visitor@example.com")
    shop.souk.stop()
    assert "secret" not in shop.souk.stderr
    assert who.token not in shop.souk.stderr and who.email not in shop.souk.stderr
