# How the program starts, refuses to start, and ends: design sections 3 and 4, spec/flash.md section 8.
import signal
import threading

import httpx
import pytest

from support.eventually import eventually
from support.flash import SUCCESS, FlashClient, new_key
from support.raw import connect, post_bytes, read_answer
from support.souk import Souk
from support.storage import PostgresStorage


def refuses(**settings):
    """Starts a program that must end by itself; gives its exit code and what it wrote."""
    program = Souk(**settings).launch(wait_for=None)
    try:
        return program.expect_exit()
    finally:
        program.kill()
        program.discard()


def test_in_production_the_service_does_not_start_without_an_admin_token():
    code, said = refuses(souk_env="production")
    assert code == 2
    assert "ADMIN_TOKEN" in said


def test_in_production_an_empty_admin_token_is_no_token():
    code, said = refuses(souk_env="production", admin_token="")
    assert code == 2
    assert "ADMIN_TOKEN" in said


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
    storage = PostgresStorage(postgres.start())
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
    storage = PostgresStorage(postgres.start())
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
    request = post_bytes("/order", b'{"productId":"p","userId":"u"}',
                         ["Content-Type: application/json", f"x-idempotency-key: {key}"])
    with connect(souk.api_port) as connection:
        connection.sendall(request[:-10])
        # The server must have seen the beginning before it is told to stop.
        eventually(lambda: _received_everything(souk.api_port))
        souk.process.send_signal(signal.SIGTERM)
        connection.sendall(request[-10:])
        answer = read_answer(connection, "POST")
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
    with connect(souk.api_port) as connection:
        connection.sendall(b"POST /order HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
        eventually(lambda: _received_everything(souk.api_port))
        souk.process.send_signal(signal.SIGTERM)
        # Two equal signals at once would become one; the first has been seen when nobody listens.
        eventually(lambda: not _listens(souk.api_port))
        assert souk.running, "the program did not wait for the request under way"
        souk.process.send_signal(signal.SIGTERM)
        souk.process.wait(5)


def _listens(port):
    try:
        connect(port).close()
        return True
    except ConnectionRefusedError:
        return False


def test_the_data_directory_is_made_with_all_its_parents(tmp_path):
    with Souk.start(data_dir=tmp_path / "a" / "b" / "c") as souk:
        assert (tmp_path / "a" / "b" / "c" / "flash.db").exists()
        assert (tmp_path / "a" / "b" / "c" / "flash-log.db").exists()
    souk.discard()
