# A system that gives no more threads, as at a limit of processes: what needs one fails, nothing ends, and when
# there are threads again all works.
import pytest

from support.eventually import eventually
from support.preload import Preload


LEASED = "SELECT count(*) FROM jobs WHERE lease_owner IS NOT NULL"


@pytest.fixture
def refusal(tmp_path, monkeypatch):
    refused = Preload("refused_threads", tmp_path, monkeypatch)
    yield refused
    refused.off()


def test_a_shop_without_new_threads_answers_and_goes_on_afterwards(start_embedded_store, smtp, refusal):
    shop = start_embedded_store(**smtp.settings)
    who = shop.caller()
    product = shop.product(who)["id"]
    refusal.on()

    shop.add(who, product, 2)
    assert shop.cart(who) == {product: 2}
    message = shop.contacted()["id"]
    eventually(lambda: delivery(shop, message) == ("pending", 1))  # the first mail needs a thread
    assert not smtp.mails

    refusal.off()
    eventually(lambda: shop.souk.storage.query(LEASED) == [(0,)])
    shop.souk.storage.tamper("UPDATE jobs SET due_at_ms = 0 WHERE state = 'waiting'")
    eventually(lambda: delivery(shop, message) == ("sent", 2), 15)
    assert len(smtp.mails) == 1


def delivery(shop, message):
    return shop.souk.storage.query(f"SELECT delivery, attempts FROM contact_messages WHERE id = {message}")[0]


@pytest.mark.parametrize("service", ["flash", "store"])
def test_it_ends_in_order_though_no_thread_can_be_started(request, refusal, service):
    fixture = request.getfixturevalue("start_embedded" if service == "flash" else "start_embedded_store")
    started = fixture()
    souk = started if service == "flash" else started.souk
    refusal.on()

    souk.stop()

    assert "stopped" in souk.stderr.splitlines()[-1], souk.stderr


def test_a_start_without_any_thread_says_so(start_embedded_store, refusal):
    refusal.on()
    souk = start_embedded_store(wait_for=None).souk

    code, said = souk.expect_exit()

    assert code == 1
    assert "Resource temporarily unavailable" in said
