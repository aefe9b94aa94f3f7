# Lists by way of the cache: a hit shows the old page, a new product is there at once, and with Redis gone,
# frozen or mad every answer is as ever (spec/store.md section 6, DECISION S15).
import threading
import uuid

import pytest

from support.eventually import eventually
from support.redis import Nonsense, Redis, SlowLine
from support.store import LISTED, data_of

PROMPT = 1.0  # seconds for any answer, whatever Redis does


@pytest.fixture
def mark():
    return uuid.uuid4().hex


@pytest.fixture
def start_cached(start_store, redis):
    """Starts programs that use `redis`."""
    return lambda **settings: start_store(redis_url=redis.url, **settings)


@pytest.fixture
def cached(start_cached):
    return start_cached()


def prices(shop, mark):
    answer = shop.get("/api/product", params={"q": mark})
    assert answer.elapsed.total_seconds() < PROMPT
    return [product["price"] for product in data_of(answer, 200, LISTED)]


def change_price(shop, product, price):
    shop.souk.storage.tamper("UPDATE products SET price = ? WHERE id = ?", price, product)


def test_a_page_is_kept_where_one_process_owns_the_rows_and_never_elsewhere(store, rows, mark):
    product = store.product(name=mark, price=1)["id"]
    assert prices(store, mark) == [1]
    change_price(store, product, 2)
    assert prices(store, mark) == [1 if rows.is_ours_alone else 2]
    store.product()
    assert prices(store, mark) == [2]


def test_every_page_is_kept_by_itself(store, rows, mark):
    first, second = (store.product(name=mark, price=1)["id"] for _ in range(2))
    pages = [{"q": mark}, {"q": mark, "limit": 1}, {"q": mark, "limit": 1, "page": 2}, {"q": mark.upper()}]
    before = [store.products(**page) for page in pages]
    change_price(store, first, 2)
    change_price(store, second, 3)
    after = [store.products(**page) for page in pages]
    assert (after == before) == rows.is_ours_alone
    store.product()
    assert [[p["price"] for p in store.products(**page)] for page in pages] == [[2, 3], [2], [3], [2, 3]]


def test_an_empty_list_is_kept_and_filled_by_the_first_product(store, mark):
    assert prices(store, mark) == []
    store.product(name=mark, price=5)
    assert prices(store, mark) == [5]


def test_a_refused_product_and_a_review_change_nothing_in_the_list(store, mark):
    product = store.product(name=mark, price=5)["id"]
    assert prices(store, mark) == [5]
    store.review(store.caller(), product)
    store.add(store.caller(), product)
    assert prices(store, mark) == [5]


def test_a_list_is_never_stale_while_others_fill_the_cache(store, mark):
    """Readers miss and store pages all the time; whoever created a product must see it in the next list."""
    stop = threading.Event()
    failures = []

    def read():
        try:
            while not stop.is_set():
                store.products(q=mark, limit=100)
        except Exception as failure:  # a thread's failure would vanish
            failures.append(failure)

    readers = [threading.Thread(target=read) for _ in range(6)]
    for reader in readers:
        reader.start()
    try:
        who, made = store.caller(), []
        for _ in range(60):
            made.append(store.product(who, name=mark)["id"])
            assert [product["id"] for product in store.products(q=mark, limit=100)] == made
    finally:
        stop.set()
        for reader in readers:
            reader.join()
    assert not failures, failures[0]


# Redis

def test_pages_are_kept_in_redis_under_the_contracts_keys_for_an_hour(cached, redis, mark):
    q = f"{mark[:8]} %_\\ Ä:*?[x]"
    cached.product(name=f"x {q}")
    all_page = cached.get("/api/product")
    search_page = cached.get("/api/product", params={"q": q, "page": 1, "limit": 7})
    wanted = {"products:all:page:1:limit:20": all_page.text, f"products:search:{q}:page:1:limit:7": search_page.text}
    eventually(lambda: set(redis.keys("products:*")) == set(wanted))
    for key, text in wanted.items():
        assert redis.ask("GET", key) == text
        assert 3590 <= redis.ask("TTL", key) <= 3600
    assert cached.get("/api/product").text == all_page.text


def test_creating_a_product_removes_every_page_and_nothing_else(cached, redis):
    redis.ask("SET", "products", "mine")
    redis.ask("SET", "product:1:details", "mine")
    for limit in range(1, 30):
        cached.products(limit=limit)
    eventually(lambda: len(redis.keys("products:*")) == 29)
    cached.product()
    assert redis.keys("products:*") == []
    assert redis.ask("GET", "products") == redis.ask("GET", "product:1:details") == "mine"
    assert redis.ask("GET", "catalog:gen") is not None


def test_a_hit_is_what_redis_holds(cached, redis, mark):
    product = cached.product(name=mark, price=1)["id"]
    assert prices(cached, mark) == [1]
    eventually(lambda: redis.keys(f"products:search:{mark}:*"))
    change_price(cached, product, 2)
    assert prices(cached, mark) == [1]
    redis.ask("FLUSHALL")
    assert prices(cached, mark) == [2]


@pytest.mark.parametrize("rubbish", ["", "nonsense", "[]", '{"success":true', '{"success":true,"message":"x"}', "\0"])
def test_a_value_that_is_no_page_is_a_miss(cached, redis, mark, rubbish):
    cached.product(name=mark, price=1)
    assert prices(cached, mark) == [1]
    key, = eventually(lambda: redis.keys(f"products:search:{mark}:*"))
    redis.ask("SET", key, rubbish)
    assert prices(cached, mark) == [1]


def test_a_key_of_another_kind_is_a_miss(cached, redis, mark):
    cached.product(name=mark, price=1)
    redis.ask("RPUSH", f"products:search:{mark}:page:1:limit:20", "x")
    assert prices(cached, mark) == [1]


def test_errors_are_not_kept(cached, redis):
    for _ in range(3):
        assert cached.get("/api/product?limit=0").status_code == 422
    assert redis.keys("products:*") == []


def everything_works(shop, mark):
    """One round of all that touches the cache, each answer at once and right."""
    before = prices(shop, mark)
    answer = shop.post("/api/product", {"name": mark, "price": len(before) + 1, "description": "", "category": "c",
                                        "stock": 1, "image_url": ""}, shop.caller())
    assert answer.status_code == 201 and answer.elapsed.total_seconds() < PROMPT
    for _ in range(3):
        assert prices(shop, mark) == [*before, len(before) + 1]
    answer = shop.contact()
    assert answer.status_code == 201 and answer.elapsed.total_seconds() < PROMPT
    assert shop.get("/health").status_code == 200


BABBLE = [b"hello\r\n", b"", b"+OK\r\n", b"$-1\r\n", b"$999999999\r\n", b"*-5\r\n", b":x\r\n", b"\0" * 4096,
          b"-ERR no\r\n", b"*1000000\r\n", b"$5\r\nwrong", b"\r\n"]


def test_redis_gone_frozen_and_back_changes_no_answer(cached, redis, mark):
    everything_works(cached, mark)
    redis.stop()
    everything_works(cached, mark)
    redis.start()
    everything_works(cached, mark)
    redis.freeze()
    everything_works(cached, mark)
    redis.thaw()
    everything_works(cached, mark)
    eventually(lambda: prices(cached, mark) and redis.keys(f"products:search:{mark}:*"), 15, "pages are kept again")


def test_a_server_that_talks_nonsense_changes_no_answer(cached, redis, mark):
    for babble in BABBLE:
        redis.stop()
        with Nonsense(redis.port, babble):
            everything_works(cached, mark)
    redis.start()
    eventually(lambda: prices(cached, mark) and redis.keys(f"products:search:{mark}:*"), 15, "pages are kept again")


@pytest.mark.parametrize("seconds", [0.02, 0.045, 0.06, 0.3])
def test_a_slow_redis_changes_no_answer(start_embedded_store, redis, mark, seconds):
    # The deadline of each call is 50 ms: some of these are within it, some are not.
    with SlowLine(redis) as line:
        shop = start_embedded_store(redis_url=line.url)
        everything_works(shop, mark)
        line.seconds = seconds
        for _ in range(3):
            everything_works(shop, mark)
        line.seconds = 0.0
        everything_works(shop, mark)
        eventually(lambda: prices(shop, mark) and redis.keys(f"products:search:{mark}:*"), 15)


def test_a_page_that_redis_kept_through_its_absence_is_not_shown(cached, redis, mark):
    # The new product could not be told to Redis, which still holds the page from before it.
    cached.product(name=mark, price=1)
    assert prices(cached, mark) == [1]
    eventually(lambda: redis.keys(f"products:search:{mark}:*"))
    redis.freeze()
    cached.product(name=mark, price=2)
    assert prices(cached, mark) == [1, 2]
    redis.thaw()
    shown = []
    eventually(lambda: shown.append(prices(cached, mark)) or redis.ask("TTL", f"products:search:{mark}:page:1:limit:20")
               > 0 and len(shown) > 50, 15)
    assert set(map(tuple, shown)) == {(1, 2)}


def test_without_redis_at_the_start_the_service_starts_and_finds_it_later(start_cached, redis, mark):
    redis.stop()
    shop = start_cached()
    everything_works(shop, mark)
    redis.start()
    eventually(lambda: prices(shop, mark) and redis.keys(f"products:search:{mark}:*"), 15)


def test_old_pages_of_an_earlier_life_are_not_shown(start_cached, redis, mark):
    # A kill between the commit and the removal of the pages would otherwise show them for an hour.
    shop = start_cached()
    product = shop.product(name=mark, price=1)["id"]
    assert prices(shop, mark) == [1]
    eventually(lambda: redis.keys(f"products:search:{mark}:*"))
    shop.souk.kill()
    change_price(shop, product, 2)
    shop.souk.launch()
    assert prices(shop, mark) == [2]


def test_a_password_is_used_and_never_told(start_embedded_store, mark):
    guarded = Redis(password="open-sesame").start()
    try:
        shops = [
            start_embedded_store(redis_url=guarded.url),
            start_embedded_store(redis_url="127.0.0.1", redis_port=guarded.port, redis_password="open-sesame"),
            start_embedded_store(redis_url=f"127.0.0.1:{guarded.port}", redis_username="default",
                                 redis_password="open-sesame", redis_port=1),
        ]
        for shop in shops:
            guarded.ask("FLUSHALL")
            eventually(lambda: prices(shop, mark) == [] and guarded.keys(f"products:search:{mark}:*"))
            assert "open-sesame" not in shop.souk.stderr
    finally:
        guarded.destroy()


def test_the_database_of_redis_is_chosen_by_the_address(start_embedded_store, redis, mark):
    shop = start_embedded_store(redis_url=redis.url + "/3")
    assert eventually(lambda: prices(shop, mark) == [] and "db3:keys=" in redis.ask("INFO", "keyspace"))
    assert redis.keys() == []


def test_without_redis_limits_are_counted_in_the_process(start_embedded_store, redis):
    shop, address = start_embedded_store(redis_url=redis.url), "192.0.2.78"
    assert shop.contact(address=address).status_code == 201
    redis.stop()
    statuses = [shop.contact(address=address).status_code for _ in range(7)]
    assert statuses in ([201] * 5 + [429] * 2, [201] * 4 + [429] * 3)


@pytest.mark.engine
def test_two_processes_on_one_database_never_show_a_stale_list(start_postgres_store, redis, mark):
    one = start_postgres_store(redis_url=redis.url)
    two = start_postgres_store(redis_url=redis.url, storage=one.souk.storage, data_dir="")
    made, who = [], one.caller()
    for number in range(80):
        writer, reader = (one, two) if number % 2 else (two, one)
        reader.products(q=mark, limit=100)
        made.append(writer.product(who, name=mark)["id"])
        for shop in (reader, writer):
            assert [product["id"] for product in shop.products(q=mark, limit=100)] == made


@pytest.mark.engine
def test_two_processes_count_contact_messages_together(start_postgres_store, redis):
    one = start_postgres_store(redis_url=redis.url)
    two = start_postgres_store(redis_url=redis.url, storage=one.souk.storage, data_dir="")
    address = "192.0.2.77"
    statuses = [shop.contact(address=address).status_code for shop in (one, two, one, two, one, two, one)]
    assert statuses == [201] * 5 + [429] * 2


@pytest.mark.engine
def test_without_redis_two_processes_on_one_database_keep_no_pages(start_postgres_store, mark):
    one = start_postgres_store()
    two = start_postgres_store(storage=one.souk.storage, data_dir="")
    assert prices(two, mark) == []
    one.product(name=mark, price=9)
    assert prices(two, mark) == [9]
