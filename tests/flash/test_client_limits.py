# PER_IP_RPS: one client cannot use the whole budget (spec 11, 16).
from support.flash import FlashClient, expect

TOO_MANY = '{"error":"Too many requests"}'


def order_from(flash, product, address):
    return flash.order(product, headers={"X-Forwarded-For": address})


def test_a_client_over_its_limit_gets_429(start_embedded, product):
    flash = FlashClient(start_embedded(per_ip_rps=1))
    flash.stocked(product, 100)

    answers = [flash.order(product) for _ in range(3)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    expect(refused[0], 429, TOO_MANY)
    assert int(refused[0].headers["retry-after"]) >= 1


def test_clients_behind_a_trusted_proxy_are_told_apart(start_embedded, product):
    flash = FlashClient(start_embedded(per_ip_rps=1))
    flash.stocked(product, 100)

    assert [order_from(flash, product, f"192.0.2.{n}").status_code for n in range(5)] == [200] * 5
    one_network = [order_from(flash, product, f"2001:db8::{n}").status_code for n in range(1, 6)]
    assert one_network[0] == 200 and 429 in one_network
    assert order_from(flash, product, "2001:db8:0:1::1").status_code == 200


def test_the_global_budget_is_not_touched_by_who_is_over_his_own(start_embedded, product):
    flash = FlashClient(start_embedded(per_ip_rps=1, rate_limit_rps=1000))
    flash.stocked(product, 100)

    before = flash.get("/capacity").json()["remaining"]
    assert before > 0
    statuses = {flash.order(product).status_code for _ in range(10)}
    assert statuses <= {200, 429}


def test_it_is_off_unless_set(flash, product):
    flash.stocked(product, 50)
    assert [flash.order(product).status_code for _ in range(50)] == [200] * 50
