# store in the console: its figures agree with what happened, messages are sent again, and two services share one program.
import jsonschema
import pytest
from openapi_spec_validator import validate

from support.console import Console, refused
from support.eventually import eventually
from support.metrics import total
from support.store import Both


@pytest.fixture
def both():
    with Both.start(flash_rate_limit_rps=0) as souk:
        yield souk
    souk.discard()


def figures(console):
    return console.json("/console/store")


def known(console):
    """The figures, once the tables have been looked at."""
    return eventually(lambda: (found := figures(console))["tables"] and found, 15, "the tables are known")


def test_lists_and_products_are_counted(start_store):
    shop = start_store()
    console = Console(shop.souk)
    before = known(console)
    shop.product()
    for _ in range(3):
        shop.products(q="nothing of this name")

    def agrees():
        found = figures(console)
        lists = {name: found["lists"][name] - before["lists"][name] for name in ("hits", "misses")}
        return (lists["hits"] + lists["misses"] == 3 and found["created"]["products"] == 1
                and found["tables"]["products"] == before["tables"]["products"] + 1)
    eventually(agrees, 15, "the figures agree")
    assert figures(console)["isOpen"] is True


def test_what_is_told_is_what_is_described(start_embedded_store):
    console = Console(start_embedded_store().souk)
    document = console.json("/openapi/operations.json")
    validate(document)
    schema = document["paths"]["/console/store"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    for look in (figures, known):
        jsonschema.validate(look(console), schema, cls=jsonschema.Draft202012Validator)
    refused(console.get("/console/flash"), 404)
    refused(console.get("/openapi/flash.json"), 404)


class TestMessages:
    @pytest.fixture
    def shop(self, start_embedded_store):
        shop = start_embedded_store()
        shop.first = shop.contacted(subject="One")["id"]
        shop.second = shop.contacted(subject="Two")["id"]
        shop.souk.storage.tamper("UPDATE contact_messages SET delivery = 'failed', attempts = 5, last_error = 'full'")
        return shop

    def test_those_that_were_given_up_are_shown_and_sent_again(self, shop):
        console = Console(shop.souk)
        found = eventually(lambda: (f := known(console))["tables"]["outbox"]["failed"] == 2 and f, 15, "both are shown")
        rows = found["tables"]["failedMessages"]
        assert [row["id"] for row in rows] == [shop.second, shop.first]
        assert (rows[1]["subject"], rows[1]["attempts"], rows[1]["lastError"]) == ("One", 5, "full")

        assert console.post("/store/contacts/resend", {"id": shop.first}).json() == {"queued": 1}
        eventually(lambda: known(console)["tables"]["outbox"]["failed"] == 1, 15, "one is under way")
        assert console.post("/store/contacts/resend", {}).json() == {"queued": 1}
        assert console.post("/store/contacts/resend", {}).json() == {"queued": 0}

    def test_an_unknown_one_is_a_404_that_names_it(self, shop):
        assert "999" in refused(Console(shop.souk).post("/store/contacts/resend", {"id": 999}), 404)

    @pytest.mark.parametrize("body", [{"id": "1"}, {"id": 1.5}, {"id": 10**30}, [], 7, None], ids=str)
    def test_a_bad_request_is_refused_in_words(self, shop, body):
        refused(Console(shop.souk).post("/store/contacts/resend", body), 400)


def test_confirmations_of_orders_are_sent_again_where_there_is_mail(start_embedded_store, smtp):
    without, with_mail = Console(start_embedded_store().souk), Console(start_embedded_store(**smtp.settings).souk)
    assert "SMTP_HOST" in refused(without.post("/store/orders/resend", {}), 503)
    assert with_mail.post("/store/orders/resend", {}).json() == {"queued": 0}
    assert "999" in refused(with_mail.post("/store/orders/resend", {"id": 999}), 404)
    refused(with_mail.post("/store/orders/resend", {"id": "1"}), 400)


def test_without_redis_and_issuer_it_is_degraded_and_still_ready(start_embedded_store):
    shop = start_embedded_store(redis_url="127.0.0.1:1", clerk_issuer="http://127.0.0.1:1")
    console = Console(shop.souk)
    ready = console.get("/readyz")
    assert ready.status_code == 200 and ready.json()["status"] == "ready"
    states = {each["name"]: each["state"] for each in ready.json()["dependencies"]}
    assert states["store database"] == "up"
    assert states["store cache"] == states["store tokens"] == "degraded"
    overview = console.overview()
    assert (overview["state"], overview["services"][0]["state"]) == ("degraded", "degraded")
    text = console.get("/metrics").text
    assert 'souk_dependency_up{dependency="cache",service="store"} 0' in text
    assert 'souk_dependency_up{dependency="database",service="store"} 1' in text


def test_two_services_stand_beside_each_other(both):
    console = Console(both)
    overview = console.overview()
    assert [service["name"] for service in overview["services"]] == ["flash", "store"]
    assert {service["state"] for service in overview["services"]} == {"up"}
    assert [each["address"] for each in overview["services"][1]["listeners"]] == [f"[::]:{both.api_port}"]
    for service in ("flash", "store"):
        validate(console.json(f"/openapi/{service}.json"))
        assert console.get(f"/console/{service}").status_code == 200
    with console.live() as receive:
        assert {"overview", "flash", "store"} <= set(receive())
    answer = console.attempt("GET", "/api/product", service="store")
    assert answer.json()["status"] == 200, answer.text
    assert both.http.get(f"http://127.0.0.1:{both.flash_port}/health").status_code == 200
    assert total(console.get("/metrics").text, "gauge", "souk_dependency_up") >= 4


def test_each_service_keeps_its_own_tables_and_both_end_together(both):
    both.restart()
    assert {"flash.db", "flash-log.db", "store.db"} <= {path.name for path in both.data_dir.iterdir()}


def test_a_service_that_does_not_run_leaves_nothing(start_embedded_store):
    shop = start_embedded_store()
    assert not [path.name for path in shop.souk.data_dir.iterdir() if path.name.startswith("flash")]
