# POST /init: spec/flash.md section 2.1 with decisions F1, F2 and F3.
import threading

import pytest

from support.eventually import eventually
from support.flash import DUPLICATE, SOLD_OUT, SUCCESS, FlashClient, expect, new_key
from support.raw_http import ask, request_bytes
from support.souk import Souk

JSON = ("Content-Type", "application/json")


def post_init(souk, body):
    return ask(souk.api, request_bytes("POST", "/init", [JSON], body))


@pytest.mark.parametrize("quantity", [0, 1, 100, 2147483647])
def test_a_product_is_stocked_and_the_answer_names_what_was_received(flash, product, quantity):
    answer = flash.init(product, quantity)
    expect(answer, 200,
           f'{{"status":"ok","msg":"Stock initialized for {product} to {quantity}"}}')
    assert flash.stock(product) == quantity


def test_the_example_of_the_contract_answers_as_written(flash):
    expect(flash.init("iphone-15", 100), 200,
           '{"status":"ok","msg":"Stock initialized for iphone-15 to 100"}')


@pytest.mark.parametrize("body, error", [
    ('{}', "Missing productId"),
    ('{"quantity":1}', "Missing productId"),
    ('{"quantity":"x"}', "Missing productId"),
    ('{"productId":"","quantity":1}', "Invalid productId"),
    ('{"productId":5,"quantity":1}', "Invalid productId"),
    ('{"productId":null,"quantity":1}', "Invalid productId"),
    ('{"productId":["a"],"quantity":1}', "Invalid productId"),
    ('{"productId":"a b","quantity":1}', "Invalid productId"),
    ('{"productId":"a\\"b","quantity":1}', "Invalid productId"),
    ('{"productId":"a\\nb","quantity":1}', "Invalid productId"),
    ('{"productId":"a\\u0000b","quantity":1}', "Invalid productId"),
    ('{"productId":"a\\u007fb","quantity":1}', "Invalid productId"),
    ('{"productId":"caf\\u00e9","quantity":1}', "Invalid productId"),
    ('{"productId":"café","quantity":1}', "Invalid productId"),
    ('{"productId":"' + "x" * 129 + '","quantity":1}', "Invalid productId"),
    ('{"productId":"a b"}', "Invalid productId"),
    ('{"productId":"a"}', "Missing quantity"),
    ('{"productId":"a","quantity":"1"}', "Invalid quantity"),
    ('{"productId":"a","quantity":1.5}', "Invalid quantity"),
    ('{"productId":"a","quantity":true}', "Invalid quantity"),
    ('{"productId":"a","quantity":null}', "Invalid quantity"),
    ('{"productId":"a","quantity":[]}', "Invalid quantity"),
    ('{"productId":"a","quantity":{}}', "Invalid quantity"),
    ('{"productId":"a","quantity":-1}', "Invalid quantity"),
    ('{"productId":"a","quantity":2147483648}', "Invalid quantity"),
    ('{"productId":"a","quantity":99999999999999999999999999}', "Invalid quantity"),
])
def test_a_wrong_field_is_named_in_a_400(souk, body, error):
    answer = post_init(souk, body)
    assert (answer.status, answer.text) == (400, f'{{"error":"{error}"}}')
    assert answer.header("content-type") == "application/json; charset=utf-8"


@pytest.mark.parametrize("product", ["x", "x" * 128, "A.b_c:d~!", "a/b", "50%", "a?b#c&d=e"])
def test_a_product_id_is_any_visible_ascii_up_to_128_bytes(flash, product):
    flash.stocked(product, 3)
    path = "".join(f"%{ord(letter):02X}" for letter in product)
    expect(flash.get(f"/inventory/{path}"), 200,
           f'{{"status":"ok","productId":"{product}","stock":3}}')
    flash.accepted(product)


def test_an_init_that_is_refused_leaves_the_stock_alone(flash, product):
    flash.stocked(product, 7)
    assert flash.init(product, -1).status_code == 400
    assert flash.stock(product) == 7


def test_fields_the_contract_does_not_know_are_ignored(souk, product):
    answer = post_init(souk, f'{{"note":{{"a":[1]}},"productId":"{product}","quantity":2}}')
    assert answer.status == 200


def test_quantity_zero_means_sold_out_at_once(flash, product):
    flash.stocked(product, 0)
    expect(flash.order(product), 409, SOLD_OUT)


def test_a_second_init_sets_the_counter_and_does_not_add_to_it(flash, product):
    flash.stocked(product, 5)
    flash.accepted(product)
    flash.stocked(product, 3)
    assert flash.stock(product) == 3


def test_the_product_row_is_written_before_or_soon_after_the_answer(flash, storage, product):
    flash.stocked(product, 42)
    eventually(lambda: storage.query("SELECT stock FROM products WHERE id = ?", product) == [(42,)])


def test_after_a_sell_out_every_unit_of_the_next_sale_is_persisted(flash, storage, product):
    flash.stocked(product, 30)
    first = [flash.accepted(product) for _ in range(30)]
    expect(flash.order(product), 409, SOLD_OUT)

    flash.stocked(product, 20)
    second = [flash.accepted(product) for _ in range(20)]
    expect(flash.order(product), 409, SOLD_OUT)

    eventually(lambda: storage.order_count(product) == 50, 20)
    for order in first + second:
        flash.confirmed(order)
    assert storage.product_stock(product) == 0
    assert storage.one("SELECT count(DISTINCT epoch) FROM orders WHERE product_id = ?", product) == 2


def test_orders_of_the_old_sale_do_not_consume_units_of_the_new_one(flash, storage, product):
    flash.stocked(product, 100)
    for _ in range(60):
        flash.accepted(product)
    flash.stocked(product, 10)
    assert flash.stock(product) == 10

    eventually(lambda: storage.order_count(product) == 60, 20)
    assert storage.product_stock(product) == 10
    for _ in range(10):
        flash.accepted(product)
    expect(flash.order(product), 409, SOLD_OUT)
    eventually(lambda: storage.order_count(product) == 70 and storage.product_stock(product) == 0)


def test_the_history_of_orders_is_kept_by_init(flash, storage, product):
    flash.stocked(product, 1)
    order = flash.confirmed(flash.accepted(product))
    flash.stocked(product, 1)
    assert flash.state(order) == "confirmed"
    assert storage.one("SELECT id FROM orders WHERE product_id = ?", product) == order


def test_a_key_of_the_old_sale_is_still_a_duplicate_in_the_new_one(flash, product):
    key = new_key()
    flash.stocked(product, 1)
    order = flash.accepted(product, key)
    flash.stocked(product, 1)
    assert expect(flash.order(product, key), 200, DUPLICATE).headers["x-order-id"] == order
    assert flash.stock(product) == 1


def test_an_init_in_the_middle_of_traffic_splits_it_into_two_whole_sales(flash, storage, product):
    flash.stocked(product, 40)
    answers, started = [], threading.Barrier(5)

    def buy():
        started.wait()
        for _ in range(30):
            answers.append(flash.order(product).text)

    buyers = [threading.Thread(target=buy) for _ in range(4)]
    for buyer in buyers:
        buyer.start()
    started.wait()
    flash.stocked(product, 25)
    for buyer in buyers:
        buyer.join()

    assert set(answers) <= {SUCCESS, SOLD_OUT} and len(answers) == 120
    accepted = answers.count(SUCCESS)
    eventually(lambda: storage.order_count(product) == accepted, 20)
    second = storage.one(
        "SELECT count(*) FROM orders WHERE product_id = ? AND epoch ="
        " (SELECT epoch FROM products WHERE id = ?)", product, product)
    assert accepted - second <= 40 and second <= 25
    assert flash.stock(product) == storage.product_stock(product) == 25 - second


@pytest.mark.parametrize("authorization", [
    None, "", "Bearer", "Bearer wrong", "Bearer geheim2", "Basic geheim", "geheim",
])
def test_with_an_admin_token_init_is_refused_without_it(token_souk, authorization):
    flash = FlashClient(token_souk)
    headers = {"Authorization": authorization} if authorization is not None else {}
    expect(flash.init("guarded", 1, headers=headers), 401, '{"error":"Unauthorized"}')
    assert flash.get("/inventory/guarded").status_code == 404


def test_who_has_no_token_learns_nothing_about_the_fields(token_souk):
    answer = FlashClient(token_souk).post("/init", json={})
    expect(answer, 401, '{"error":"Unauthorized"}')


def test_with_the_admin_token_init_works_and_orders_need_none(token_souk, product):
    flash = FlashClient(token_souk)
    answer = flash.init(product, 1, headers={"Authorization": "Bearer geheim"})
    assert answer.status_code == 200
    flash.accepted(product)


@pytest.fixture(scope="module")
def token_souk():
    program = Souk.start(admin_token="geheim", rate_limit_rps=0)
    yield program
    program.close()
    program.discard()


def test_the_admin_token_may_come_from_a_file(start_embedded, tmp_path, product):
    secret = tmp_path / "token"
    secret.write_text("from-a-file\n")
    flash = FlashClient(start_embedded(admin_token_file=secret))
    assert flash.init(product, 1).status_code == 401
    good = flash.init(product, 1, headers={"Authorization": "Bearer from-a-file"})
    assert good.status_code == 200
