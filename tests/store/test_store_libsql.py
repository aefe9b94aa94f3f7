# A libSQL server in trouble: away, busy, cutting connections, slow, with a token (spec/store.md section 9).
# A write is carried out at most once, and whoever was told of it finds it there.
import pytest

from support.eventually import eventually
from support.store import expect_error, product_body
from support.store_outage import expect_all_there, expect_failures, expect_unhealthy, fill


def test_a_libsql_server_that_goes_and_comes(start_libsql_store):
    shop = start_libsql_store(store_checkout=1)
    things = fill(shop)
    shop.souk.storage.server.stop()
    expect_failures(shop, things[0])
    eventually(lambda: expect_unhealthy(shop), 15)
    shop.souk.storage.server.start()
    eventually(lambda: shop.get("/api/product").status_code == 200, 15)
    expect_all_there(shop, *things)


def test_a_libsql_server_that_is_away_at_the_start(start_libsql_store):
    shop = start_libsql_store(store_checkout=1)
    shop.souk.stop()
    shop.souk.storage.server.stop()
    shop.souk.launch(wait_for="alive")
    expect_failures(shop, shop.caller())
    shop.souk.storage.server.start()
    shop.souk.wait_until("/readyz")
    expect_all_there(shop, *fill(shop))


def test_a_token_for_the_libsql_server_is_sent_and_never_told(start_libsql_store):
    shop = start_libsql_store(token="libsql-secret")
    expect_all_there(shop, *fill(shop))
    assert "libsql-secret" not in shop.souk.stderr


def test_a_wrong_token_for_the_libsql_server_is_a_failure_of_the_database(start_libsql_store):
    shop = start_libsql_store(token="libsql-secret", wait_for="alive", turso_auth_token="wrong")
    expect_error(shop.get("/api/product"), 500, "SERVER_FETCH_ERROR")


@pytest.fixture
def shop(start_libsql_store):
    return start_libsql_store()


@pytest.fixture
def server(shop):
    return shop.souk.storage.server


def count(shop, name):
    return shop.souk.storage.one("SELECT count(*) FROM products WHERE name = ?", name)


def test_a_busy_database_is_asked_again(shop, server):
    who = shop.caller()
    product = shop.product(who)["id"]
    server.switches.busy = 2
    assert shop.add(who, product, 2)["quantity"] == 2
    server.switches.busy = 1
    shop.product(who)


@pytest.mark.parametrize("switch, carried_out", [("drop_before", 0), ("fail", 0), ("drop_after", 1)])
def test_a_write_without_an_answer_is_a_failure_and_never_sent_again(shop, server, switch, carried_out):
    who = shop.caller()
    product = shop.product(who)["id"]
    for number in range(1, 6):
        body = product_body()
        server.set(only=body["name"], **{switch: 1})
        expect_error(shop.post("/api/product", body, who), 500, "DB_CREATE_ERROR")
        assert getattr(server.switches, switch) == 0
        assert count(shop, body["name"]) == carried_out

        server.set(only=who.email, **{switch: 1})
        answer = shop.post("/api/cart", {"product_id": product, "quantity": 1}, who)
        expect_error(answer, 500, "SERVER_ADD_CART_ERROR")
        assert getattr(server.switches, switch) == 0
        assert shop.cart(who).get(product, 0) == number * carried_out


@pytest.mark.parametrize("switch", ["drop_before", "drop_after", "fail"])
def test_reads_go_on_once_the_trouble_is_over(shop, server, switch):
    product = shop.product()["id"]
    setattr(server.switches, switch, 3)
    for _ in range(3):
        assert shop.get(f"/api/product/{product}").status_code in (200, 500)
    setattr(server.switches, switch, 0)
    assert shop.detail(product)["product"]["id"] == product


def test_a_slow_server_is_waited_for_and_others_are_not_held_up(shop, server):
    who = shop.caller()
    server.switches.delay_seconds = 0.5
    product = shop.product(who)["id"]
    assert shop.detail(product)["product"]["id"] == product
    assert shop.get("/").elapsed.total_seconds() < 0.4
    server.switches.delay_seconds = 0.0


def test_streams_that_the_server_has_closed_do_no_harm(shop, server):
    who = shop.caller()
    product = shop.product(who)["id"]
    server.switches.idle_seconds = 0.0
    for number in range(1, 4):
        assert shop.add(who, product, 1)["quantity"] == number
        assert shop.cart(who) == {product: number}
