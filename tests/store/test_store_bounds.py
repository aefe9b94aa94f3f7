# What one crowd may take from the others: connections of the database, memory, places; and how long a list may be
# older than its rows when whoever changed them is killed.
import uuid
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from support.eventually import eventually
from support.metrics import families
from support.raw_http import Connection, json_request
from support.store import at_once, data_of, product_body

PROMPT = 2.0  # seconds, of the five for which the database is waited for
CONNECTIONS = 8
LISTS_AT_ONCE = 4
WITHIN = 10.0  # seconds, until somebody else has dropped the lists


@pytest.fixture
def mark():
    return uuid.uuid4().hex


def sum_of(shop, name, **labels):
    text = shop.http.get(shop.souk.ops + "/metrics").text
    return sum(sample.value for family in families(text) for sample in family.samples
               if sample.name == name and labels.items() <= sample.labels.items())


# Lists

def misses(shop):
    return sum_of(shop, "souk_cache_requests_total", outcome="miss")


def connections(shop, waiting=False):
    condition = " AND wait_event_type = 'Lock'" if waiting else ""
    return shop.souk.storage.one("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                                 f" AND pid <> pg_backend_pid(){condition}")


def open_all_connections(shop):
    who = shop.caller()
    at_once([lambda: shop.get("/api/cart", who)] * 64)
    return connections(shop) >= CONNECTIONS


@pytest.mark.engine
def test_a_crowd_of_slow_searches_leaves_the_database_to_others(start_postgres_store, mark):
    shop = start_postgres_store()
    eventually(lambda: open_all_connections(shop), 20)
    before, searches = misses(shop), 12
    with ThreadPoolExecutor(searches) as crowd:
        with psycopg.connect(shop.souk.storage.url) as outsider:
            outsider.execute("LOCK TABLE store.products IN ACCESS EXCLUSIVE MODE")
            asked = [crowd.submit(shop.get, "/api/product", params={"q": f"{mark}{number}"})
                     for number in range(searches)]
            eventually(lambda: misses(shop) - before == searches, 4, "all have come")
            eventually(lambda: connections(shop, waiting=True) == LISTS_AT_ONCE, 4, "so many are read")
            for answer in (shop.contact(), shop.get("/health")):
                assert answer.status_code in (200, 201)
                assert answer.elapsed.total_seconds() < PROMPT
            assert connections(shop, waiting=True) == LISTS_AT_ONCE
        assert [answer.result().status_code for answer in asked] == [200] * searches


# Changes of what lists show

def shown(shop, mark):
    return [(product["price"], product["stock"]) for product in shop.products(q=mark)]


class Writer:
    """A program whose way to Redis can be cut, while Redis goes on for all others."""

    def __init__(self, start, redis):
        self.redis = redis
        redis.ask("ACL", "SETUSER", "writer", "on", ">secret", "~*", "&*", "+@all")
        self.shop = start(redis_url=f"redis://writer:secret@127.0.0.1:{redis.port}", store_checkout=1)

    def cut(self):
        self.redis.ask("ACL", "SETUSER", "writer", "off")
        self.redis.ask("CLIENT", "KILL", "USER", "writer")


@pytest.mark.engine
@pytest.mark.parametrize("change", ["product", "order"])
def test_a_writer_that_is_killed_before_it_drops_the_lists_has_them_dropped_by_others(
        start_postgres_store, redis, mark, change):
    writer = Writer(start_postgres_store, redis)
    one = writer.shop
    two = start_postgres_store(redis_url=redis.url, storage=one.souk.storage, data_dir="")
    who, product = one.caller(), one.product(name=mark, price=1, stock=5)["id"]
    one.add(who, product, 2)
    eventually(lambda: shown(two, mark) == [(1, 5)] and redis.keys(f"products:search:{mark}:*"))

    writer.cut()
    if change == "product":
        one.product(who, name=mark, price=2, stock=5)
    else:
        data_of(one.checkout(who), 200)
    key, = redis.keys(f"products:search:{mark}:*")
    old = redis.ask("GET", key)
    one.souk.kill()
    assert f'"name":"{mark}","price":1' in old and '"stock":5' in old, "the old page is still there"
    eventually(lambda: redis.ask("GET", key) != old, WITHIN, "it is gone")
    wanted = [(1, 5), (2, 5)] if change == "product" else [(1, 3)]
    eventually(lambda: shown(two, mark) == wanted, WITHIN)
    eventually(lambda: two.souk.storage.one("SELECT count(*) FROM jobs WHERE kind = 'lists.drop'") == 0)


# Bodies

def held_bytes(shop):
    return sum_of(shop, "souk_http_body_bytes")


def head_of(request):
    return request[: request.index(b"\r\n\r\n") + 4]


def test_no_body_is_read_for_who_is_not_let_in(store):
    body = product_body(description="x" * 200_000)
    for headers, code in ((), "UNAUTHORIZED"), ([("Authorization", "Bearer nonsense")], "INVALID_TOKEN"):
        request = json_request("POST", "/api/product", body, [*headers, ("Expect", "100-continue")])
        with Connection(store.souk.api) as connection:
            answer = connection.ask(head_of(request))
            assert (answer.status, answer.json()["error_code"]) == (401, code)
            assert connection.is_closed_by_peer()
        with Connection(store.souk.api) as connection:
            whole = json_request("POST", "/api/product", body, headers)
            assert connection.ask(whole).status == 401, "a body that comes all the same is forgotten"
            assert connection.ask(whole).status == 401


def test_who_is_let_in_is_told_to_go_on(store):
    who = store.caller()
    request = json_request("POST", "/api/product", product_body(description="x" * 200_000),
                           [*who.headers.items(), ("Expect", "100-continue")])
    with Connection(store.souk.api) as connection:
        assert connection.ask(head_of(request)).status == 100
        answer = connection.ask(request[len(head_of(request)):])
        assert answer.status in (201, 422)


def test_bodies_share_so_much_memory_and_over_it_they_are_refused(start_embedded_store):
    shop = start_embedded_store(souk_bodies_max_mib=1)
    who = shop.caller()
    request = json_request("POST", "/api/product", product_body(description="x" * 700_000), who.headers.items())
    first, second = Connection(shop.souk.api), Connection(shop.souk.api)
    with first, second:
        first.send(request[:-10])
        eventually(lambda: held_bytes(shop) > 600_000)
        second.send_unless_closed(request[:-10])
        refused = second.read()
        assert (refused.status, refused.json()["error_code"]) == (503, "OVERLOADED")
        assert second.is_closed_by_peer()
        shop.product(who)
        shop.contacted()
        assert first.ask(request[-10:]).status in (201, 422)
        eventually(lambda: held_bytes(shop) == 0)
    shop.product(who)
