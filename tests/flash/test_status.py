# GET /status and GET /inventory: spec/flash.md sections 7.1 to 7.3.
import re
import time

import pytest

from support.flash import (DUPLICATE, ORDER_NOT_FOUND, PRODUCT_NOT_FOUND, FlashClient, expect, new_key)

INVALID_ID = '{"error":"Invalid order id"}'
UNKNOWN_UUID = "018d0000-0000-7000-8000-000000000000"


def exact_status(text, order, product, state):
    """The whole body, byte for byte, except the two times, which are given back."""
    found = re.fullmatch(
        re.escape(f'{{"status":"ok","orderId":"{order}","productId":"{product}","state":"{state}",')
        + r'"acceptedAt":(\d{13}),"updatedAt":(\d{13})\}', text)
    assert found, text
    return int(found[1]), int(found[2])


def test_an_order_is_pending_until_its_row_is_committed_and_then_confirmed(start_souk):
    souk = start_souk()
    flash = FlashClient(souk)
    flash.stocked("p", 5)
    with souk.storage.orders_stay_pending():
        order = flash.accepted("p")
        pending = flash.status(order)
        assert pending.headers["cache-control"] == "no-store"
        accepted_at, updated_at = exact_status(pending.text, order, "p", "pending")
        assert accepted_at == updated_at
        assert abs(time.time() * 1000 - accepted_at) < 60_000

    flash.confirmed(order, 30)
    confirmed = flash.status(order)
    accepted_again, updated_at = exact_status(confirmed.text, order, "p", "confirmed")
    assert accepted_again == accepted_at <= updated_at


def test_an_order_is_found_by_its_id_and_by_its_key_alike(flash, product):
    key = new_key()
    flash.stocked(product, 1)
    order = flash.confirmed(flash.accepted(product, key))
    by_id, by_key = flash.status(order), flash.status(key)
    assert by_id.status_code == by_key.status_code == 200
    assert by_id.text == by_key.text
    assert by_key.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("key", ["a/b", "100%", "a?b=c", "x#y", "!$&'()*+,;=:@"])
def test_a_key_with_reserved_characters_is_found_percent_encoded(flash, product, key):
    key += product
    flash.stocked(product, 1)
    order = flash.accepted(product, key)
    encoded = "".join(f"%{ord(letter):02x}" for letter in key)
    answer = flash.status(encoded)
    assert answer.status_code == 200 and answer.json()["orderId"] == order


def test_the_answer_does_not_tell_who_ordered(flash, product):
    flash.stocked(product, 1)
    order = flash.accepted(product, user="somebody-private")
    assert "userId" not in flash.status(order).json()
    assert "somebody-private" not in flash.status(order).text


@pytest.mark.parametrize("order", [UNKNOWN_UUID, "nobody-used-this-key", "x" * 255, "%41%42"])
def test_an_unknown_id_is_a_404(flash, order):
    expect(flash.status(order), 404, ORDER_NOT_FOUND)


@pytest.mark.parametrize("order", ["x" * 256, "x" * 1000, "a%00b", "a%0ab", "%1f", "a%7f"])
def test_an_id_that_is_too_long_or_holds_control_characters_is_a_400(flash, order):
    expect(flash.status(order), 400, INVALID_ID)


def test_sold_out_and_refused_keys_have_no_order(flash, product):
    key = new_key()
    flash.order(product, key)
    expect(flash.status(key), 404, ORDER_NOT_FOUND)


def test_a_duplicate_leaves_the_order_as_it_was(flash, product):
    key = new_key()
    flash.stocked(product, 2)
    order = flash.confirmed(flash.accepted(product, key))
    before = flash.status(order).text
    expect(flash.order(product, key), 200, DUPLICATE)
    assert flash.status(order).text == before


def test_the_inventory_is_the_current_count_of_the_gate(flash, product):
    flash.stocked(product, 3)
    for stock in (3, 2, 1, 0, 0):
        answer = flash.get(f"/inventory/{product}")
        expect(answer, 200, f'{{"status":"ok","productId":"{product}","stock":{stock}}}')
        flash.order(product)


def test_reading_the_inventory_changes_nothing(flash, product):
    flash.stocked(product, 3)
    assert [flash.stock(product) for _ in range(10)] == [3] * 10


@pytest.mark.parametrize("product_id", ["never-initialised", "x" * 128, "%C3%A9"])
def test_the_inventory_of_a_product_never_initialised_is_a_404(flash, product_id):
    expect(flash.get(f"/inventory/{product_id}"), 404, PRODUCT_NOT_FOUND)
