# What outlives the program, and a database that is away (spec/store.md section 10).
import pytest

from support.eventually import eventually
from support.ports import free_port
from support.store import at_once, data_of, expect_error, product_body, review_body
from support.store_outage import expect_all_there, expect_failures, expect_unhealthy, fill
from support.store_storage import PostgresStore


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_everything_is_there_after_the_end_of_the_program(start_store, end):
    shop = start_store()
    things = fill(shop)
    getattr(shop.souk, end)()
    shop.souk.launch()
    expect_all_there(shop, *things)
    assert shop.get("/").json()["uptime_seconds"] < 30


@pytest.fixture
def start_away(start_postgres_store, postgres):
    """A function that starts a store whose PostgreSQL a test may stop; it runs again afterwards."""
    yield lambda **settings: start_postgres_store(store_checkout=1, **settings)
    postgres.thaw()
    postgres.start()


@pytest.mark.engine
def test_without_its_database_the_service_starts_says_so_and_heals_by_itself(postgres, start_away):
    storage = PostgresStore(postgres.start())
    postgres.stop()
    shop = start_away(storage=storage, wait_for="alive")
    who = shop.caller()
    expect_failures(shop, who)
    eventually(lambda: expect_unhealthy(shop), 15)
    assert shop.get("/").json()["status"] == "ok"
    assert shop.get("/api/cart").status_code == 401
    assert shop.get("/api/product?limit=0").status_code == 422
    assert shop.souk.http.get(shop.souk.ops + "/readyz").status_code == 503

    postgres.start()
    shop.souk.wait_until("/readyz")
    expect_all_there(shop, *fill(shop))
    assert shop.get("/health").status_code == 200


@pytest.mark.engine
def test_a_database_that_goes_and_comes_is_told_by_the_endpoints_codes(postgres, start_away):
    shop = start_away()
    things = fill(shop)
    postgres.kill()
    eventually(lambda: expect_failures(shop, things[0]), 15)
    eventually(lambda: expect_unhealthy(shop), 15)
    postgres.start()
    shop.souk.wait_until("/readyz")
    eventually(lambda: shop.get("/api/product").status_code == 200, 15)
    expect_all_there(shop, *things)


ROWS = """SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM products), (SELECT count(*) FROM reviews),
    (SELECT count(*) FROM cart), (SELECT count(*) FROM contact_messages), (SELECT count(*) FROM orders)"""


@pytest.mark.slow
def test_writes_that_cannot_be_stored_leave_nothing_behind(start_embedded_store):
    """Somebody holds the write lock for longer than the five seconds that the program waits for it."""
    shop = start_embedded_store(store_checkout=1)
    who, other = shop.caller(), shop.caller()
    product = shop.product(who)["id"]
    shop.add(who, product, 2)
    before = shop.souk.storage.query(ROWS)
    with shop.souk.storage.write_lock():
        answers = at_once([
            lambda: shop.post("/api/product", product_body(), other),
            lambda: shop.post("/api/cart", {"product_id": product, "quantity": 2}, other),
            lambda: shop.post("/api/review", review_body(product), other),
            lambda: shop.contact(),
            lambda: shop.checkout(who),
            lambda: shop.get("/api/product"),
        ])
    for answer, code in zip(answers, ["DB_CREATE_ERROR", "SERVER_ADD_CART_ERROR", "REVIEW_PROCESSING_ERROR",
                                      "CONTACT_PROCESSING_ERROR", "CHECKOUT_ERROR"]):
        expect_error(answer, 500, code)
        assert 4.5 < answer.elapsed.total_seconds() < 10
    assert answers[-1].status_code == 200 and answers[-1].elapsed.total_seconds() < 4
    assert shop.souk.storage.query(ROWS) == before
    assert shop.cart(other) == {} and shop.cart(who) == {product: 2}
    assert shop.add(other, product, 1)["quantity"] == 1
    assert data_of(shop.checkout(who), 200)["item_count"] == 2


@pytest.mark.parametrize("form", ["file:{}", "{}"])
def test_a_turso_address_that_is_a_file_is_that_file(start_embedded_store, tmp_path, form):
    file = tmp_path / "own.db"
    shop = start_embedded_store(turso_database_url=form.format(file))
    shop.product(name="Survivor")
    assert file.exists()
    shop.souk.restart()
    assert [product["name"] for product in shop.products()] == ["Survivor"]


def test_a_second_program_on_that_file_is_refused_and_told_why(start_embedded_store, tmp_path):
    shop = start_embedded_store(turso_database_url=f"file:{tmp_path}/own.db")
    ended = shop.souk.command("serve", "store", "--data-dir", tmp_path / "other", "--store-port", free_port(),
                              "--admin-port", free_port())
    assert ended.code == 1
    assert str(tmp_path) in ended.said and "in use" in ended.said
    shop.product(name="Undisturbed")


@pytest.mark.engine
@pytest.mark.slow
def test_a_database_that_does_not_answer_is_a_failure_within_seconds_and_comes_back(postgres, start_away):
    shop = start_away()
    things = fill(shop)
    postgres.freeze()
    answer = shop.get("/api/product")
    expect_error(answer, 500, "SERVER_FETCH_ERROR")
    assert answer.elapsed.total_seconds() < 10
    eventually(lambda: expect_unhealthy(shop), 20)
    assert shop.get("/").elapsed.total_seconds() < 1
    postgres.thaw()
    eventually(lambda: shop.get("/health").status_code == 200, 20)
    expect_all_there(shop, *things)
