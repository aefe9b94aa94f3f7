# How the program starts, refuses to start, and ends: design sections 3 and 4, spec/flash.md section 8.
import signal
import socket
import threading

import httpx
import pytest

from support.eventually import eventually
from support.flash import ORDER_FAILED, SOLD_OUT, SUCCESS, FlashClient, expect, new_key
from support.flash_storage import PostgresFlash
from support.raw_http import Connection, json_request
from support.souk import Souk


def refuses(**settings):
    """Starts a program that must end by itself; gives its exit code and what it wrote."""
    program = Souk(**settings).launch(wait_for=None)
    try:
        return program.expect_exit()
    finally:
        program.kill()
        program.discard()


TOKENS = {"flash_admin_token": "geheim", "souk_admin_token": "betrieb"}


@pytest.mark.parametrize("missing", TOKENS)
@pytest.mark.parametrize("value", [None, ""], ids=["unset", "empty"])
def test_in_production_the_program_does_not_start_without_both_of_its_tokens(missing, value):
    code, said = refuses(souk_env="production", **TOKENS | {missing: value})
    assert code == 2
    assert missing.upper() in said
    assert not any(token.upper() in said for token in TOKENS if token != missing)


def test_in_production_no_sale_is_started_past_the_tokens(start_embedded):
    souk = start_embedded(souk_env="production", **TOKENS)
    sale = {"productId": "p", "quantity": 5}
    assert souk.http.post(souk.api + "/init", json=sale).status_code == 401
    assert souk.http.post(souk.ops + "/flash/sales", json=sale).status_code == 401
    assert souk.http.get(souk.ops + "/metrics").status_code == 401
    for path in ("/healthz", "/readyz"):
        assert souk.http.get(souk.ops + path).status_code == 200
    allowed = {"Authorization": "Bearer betrieb"}
    assert souk.http.post(souk.ops + "/flash/sales", json=sale, headers=allowed).status_code == 200


def test_a_second_program_on_the_same_data_is_refused_and_told_why(start_embedded):
    souk = start_embedded()
    code, said = refuses(data_dir=souk.data_dir)
    assert code == 1
    assert str(souk.data_dir) in said
    assert any(word in said.lower() for word in ("another", "in use", "already", "locked"))
    # The first one is not disturbed.
    flash = FlashClient(souk)
    flash.stocked("p", 1)
    flash.confirmed(flash.accepted("p"))


def test_the_data_is_free_again_when_the_first_program_was_killed(start_embedded):
    souk = start_embedded()
    souk.kill()
    with Souk.start(data_dir=souk.data_dir, rate_limit_rps=0) as second:
        assert FlashClient(second).get("/health").status_code == 200
    second.discard()


@pytest.mark.parametrize("port", ["port", "waiting_room_port", "souk_admin_port"])
def test_a_port_in_use_stops_the_start_with_its_number(start_embedded, port):
    taken = start_embedded().api_port
    code, said = refuses(**{port: taken})
    assert code in (1, 2, 3)
    assert str(taken) in said


@pytest.mark.engine
def test_a_second_program_on_the_same_postgresql_database_serves_nothing_until_the_first_has_ended(postgres):
    storage = PostgresFlash(postgres.start())
    with Souk.start(rate_limit_rps=0, database_url=storage.url) as first:
        FlashClient(first).stocked("p", 5)
        with Souk.start(rate_limit_rps=0, database_url=storage.url, wait_for="alive") as second:
            eventually(lambda: "serves this database" in second.stderr)
            assert second.http.get(second.ops + "/readyz").status_code == 503
            assert FlashClient(second).order("p").status_code == 500
            assert FlashClient(first).stock("p") == 5
            first.stop()
            second.wait_until("/readyz")
            FlashClient(second).confirmed(FlashClient(second).accepted("p"))
        first.restart()
        assert FlashClient(first).stock("p") == 4
    for program in (first, second):
        program.discard()
    storage.discard()


def test_after_a_crash_only_the_same_data_directory_sells_on(postgres):
    """Accepted orders may be in the log of the first and nowhere else."""
    storage = PostgresFlash(postgres.start())
    with Souk.start(rate_limit_rps=0, database_url=storage.url) as first:
        FlashClient(first).stocked("p", 2)
        FlashClient(first).accepted("p")
        first.kill()
        with Souk.start(rate_limit_rps=0, database_url=storage.url, wait_for="alive") as second:
            eventually(lambda: "serves this database" in second.stderr)
            assert FlashClient(second).order("p").status_code == 500
            first.restart()
            assert FlashClient(first).stock("p") == 1
            first.kill()
        with Souk.start(rate_limit_rps=0, database_url=storage.url, flash_take_over="true") as third:
            FlashClient(third).confirmed(FlashClient(third).accepted("p"))
    storage.discard()


def test_sigterm_ends_an_idle_program_with_code_0(start_embedded):
    souk = start_embedded()
    souk.stop()
    assert souk.process.returncode == 0


def test_sigterm_lets_requests_under_way_finish(start_embedded):
    """A request whose body is still arriving when the signal comes is answered all the same."""
    souk = start_embedded()
    flash = FlashClient(souk)
    flash.stocked("p", 1)
    key = new_key()
    request = json_request("POST", "/order", {"productId": "p", "userId": "u"}, [("x-idempotency-key", key)])
    with Connection(souk.api) as connection:
        connection.send(request[:-10])
        # The server must have seen the beginning before it is told to stop.
        eventually(lambda: _received_everything(souk.api_port))
        souk.process.send_signal(signal.SIGTERM)
        connection.send(request[-10:])
        answer = connection.read()
    assert (answer.status, answer.text) == (200, SUCCESS)
    assert souk.process.wait(12) == 0
    souk.restart()
    eventually(lambda: souk.storage.order_count("p") == 1)


def _received_everything(port):
    """True when no accepted connection of this server has unread bytes in its receive queue."""
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in open(table).readlines()[1:]:
            fields = line.split()
            local_port = int(fields[1].rpartition(":")[2], 16)
            unread = int(fields[4].rpartition(":")[2], 16)
            if local_port == port and unread != 0:
                return False
    return True


def test_sigterm_in_the_middle_of_traffic_answers_what_it_accepted(start_embedded):
    souk = start_embedded()
    flash = FlashClient(souk)
    flash.stocked("p", 100_000)
    accepted, running = [], threading.Event()

    def buy():
        with httpx.Client(trust_env=False, timeout=15) as http:
            while True:
                try:
                    answer = http.post(souk.api + "/order", json={"productId": "p", "userId": "u"},
                                       headers={"x-idempotency-key": new_key()})
                except httpx.TransportError:
                    return  # the listener is gone
                assert answer.status_code == 200, answer.text
                accepted.append(answer.headers["x-order-id"])
                if len(accepted) >= 50:
                    running.set()

    buyers = [threading.Thread(target=buy) for _ in range(4)]
    for buyer in buyers:
        buyer.start()
    assert running.wait(20)
    souk.stop()
    for buyer in buyers:
        buyer.join()

    souk.restart()
    for order in accepted[-10:]:
        flash.confirmed(order)
    rows = {order for (order,) in souk.storage.query("SELECT id FROM orders")}
    assert set(accepted) <= rows


def test_a_second_sigterm_ends_the_program_at_once(start_embedded):
    souk = start_embedded()
    with Connection(souk.api) as connection:
        connection.send(b"POST /order HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
        eventually(lambda: _received_everything(souk.api_port))
        souk.process.send_signal(signal.SIGTERM)
        # Two equal signals at once would become one; the first has been seen when nobody listens.
        eventually(lambda: not _listens(souk.api_port))
        assert souk.running, "the program did not wait for the request under way"
        souk.process.send_signal(signal.SIGTERM)
        souk.process.wait(5)


def _listens(port):
    try:
        socket.create_connection(("127.0.0.1", port), 15).close()
        return True
    except ConnectionRefusedError:
        return False


def test_the_data_directory_is_made_with_all_its_parents(tmp_path):
    with Souk.start(data_dir=tmp_path / "a" / "b" / "c") as souk:
        assert (tmp_path / "a" / "b" / "c" / "flash.db").exists()
        assert (tmp_path / "a" / "b" / "c" / "flash-log.db").exists()
    souk.discard()


def stops_selling(souk, product):
    """Waits until it has noticed; then orders and sales get 500, and the checks say so."""
    flash = FlashClient(souk)
    eventually(lambda: "another program serves flash on this database now" in souk.stderr, 15)
    expect(flash.order(product), 500, ORDER_FAILED)
    assert flash.init(product, 5).status_code == 500
    assert flash.get("/health").status_code == 503


def test_a_program_whose_database_another_log_serves_now_stops_selling(start_souk, product):
    """As after a take-over by force that nothing kept out."""
    souk = start_souk()
    flash = FlashClient(souk)
    flash.stocked(product, 5)
    flash.confirmed(flash.accepted(product))
    mine = souk.storage.one("SELECT log FROM serving")
    souk.storage.tamper("UPDATE serving SET log = 'another'")

    stops_selling(souk, product)
    souk.restart(wait_for="alive")
    eventually(lambda: "serves this database" in souk.stderr)
    assert FlashClient(souk).order(product).status_code == 500

    souk.storage.tamper("UPDATE serving SET log = ?", mine)
    souk.wait_until("/readyz")
    assert flash.stock(product) == 4
    flash.confirmed(flash.accepted(product))


@pytest.mark.engine
def test_of_two_programs_after_a_restart_of_postgresql_the_faster_one_sells_and_nothing_twice(postgres):
    storage = PostgresFlash(postgres.start())
    settings = {"rate_limit_rps": 0, "database_url": storage.url}
    with Souk.start(**settings) as first:
        FlashClient(first).stocked("p", 20)
        for order in [FlashClient(first).accepted("p") for _ in range(5)]:
            FlashClient(first).confirmed(order)
        with Souk.start(**settings, flash_take_over="true", wait_for="alive") as second:
            eventually(lambda: "another program serves" in second.stderr)
            assert FlashClient(second).order("p").status_code == 500, "the claim is not for taking"
            first.process.send_signal(signal.SIGSTOP)  # the slower one
            postgres.stop()
            postgres.start()
            second.wait_until("/readyz")
            accepted = [FlashClient(second).accepted("p") for _ in range(5)]

            first.process.send_signal(signal.SIGCONT)
            stops_selling(first, "p")
            while (answer := FlashClient(second).order("p")).status_code == 200:
                accepted.append(answer.headers["x-order-id"])
            assert (answer.status_code, answer.text) == (409, SOLD_OUT)
            assert len(accepted) == 15
            for order in accepted:
                FlashClient(second).confirmed(order)
            assert (storage.order_count("p"), storage.product_stock("p")) == (20, 0)
            assert storage.one("SELECT count(*) FROM orders WHERE state <> 'confirmed'") == 0
            first.stop()
    for program in (first, second):
        program.discard()
    storage.discard()


@pytest.mark.engine
@pytest.mark.slow
def test_a_take_over_by_force_in_the_middle_of_a_rush_sells_nothing_twice(postgres):
    """Both run when PostgreSQL comes back; whoever gets it, every accepted order has a unit."""
    storage = PostgresFlash(postgres.start())
    settings = {"rate_limit_rps": 0, "database_url": storage.url}
    accepted, over = [], threading.Event()

    def buy(souk):
        with httpx.Client(trust_env=False, timeout=15) as http:
            while not over.is_set():
                answer = http.post(souk.api + "/order", json={"productId": "p", "userId": "u"},
                                   headers={"x-idempotency-key": new_key()})
                if answer.status_code == 200:
                    accepted.append(answer.headers["x-order-id"])
                elif answer.status_code == 409:
                    return

    with Souk.start(**settings) as first, \
            Souk.start(**settings, flash_take_over="true", wait_for="alive") as second:
        eventually(lambda: "another program serves" in second.stderr)
        FlashClient(first).stocked("p", 100_000)
        buyers = [threading.Thread(target=buy, args=(souk,)) for souk in (first, second)]
        for buyer in buyers:
            buyer.start()
        eventually(lambda: len(accepted) > 50)
        postgres.stop()
        postgres.start()
        winner = eventually(lambda: next((souk for souk in (first, second) if all(
            souk.http.get(at).status_code == 200 for at in (souk.ops + "/readyz", souk.api + "/health")
        )), None), 30)
        so_far = len(accepted)
        eventually(lambda: len(accepted) > so_far + 50, 30, "it sells on")
        over.set()
        for buyer in buyers:
            buyer.join()
        eventually(lambda: storage.order_count("p") == len(accepted), 30)
        assert sorted(accepted) == sorted(id for (id,) in storage.query("SELECT id FROM orders"))
        assert FlashClient(winner).stock("p") == storage.product_stock("p") == 100_000 - len(accepted)
    for program in (first, second):
        program.discard()
    storage.discard()
