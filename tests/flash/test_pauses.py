# Operators are told what held orders up: histograms of every step, and a line with the cause.
import json
import os
import signal
import threading

from support.eventually import eventually
from support.flash import FlashClient
from support.metrics import total

STANDSTILL_SECONDS = 0.3


def told_pauses(souk):
    lines = [line for line in souk.stderr.splitlines() if '"pause_ms"' in line]
    return [json.loads(line) for line in lines]


def test_steps_of_the_disk_and_lag_of_the_loops_are_counted(souk, product):
    flash = FlashClient(souk)
    flash.init(product, 3)
    flash.order(product)

    text = souk.http.get(souk.ops + "/metrics").text
    for name in ("souk_flash_log_insert_seconds", "souk_flash_log_commit_seconds", "souk_loop_lag_seconds"):
        assert total(text, "histogram", name + "_count") >= 1, name
    eventually(lambda: total(souk.http.get(souk.ops + "/metrics").text, "histogram",
                             "souk_db_commit_seconds_count") >= 1)


def test_a_loop_that_did_not_run_is_named(start_embedded):
    souk = start_embedded()
    os.kill(souk.pid, signal.SIGSTOP)
    threading.Event().wait(STANDSTILL_SECONDS)
    os.kill(souk.pid, signal.SIGCONT)

    eventually(lambda: any("did not run for" in line["message"] and line["pause_ms"] > 200
                           for line in told_pauses(souk)))


def test_the_bound_can_be_set(start_embedded):
    souk = start_embedded(souk_log_pause_ms=60000)
    os.kill(souk.pid, signal.SIGSTOP)
    threading.Event().wait(STANDSTILL_SECONDS)
    os.kill(souk.pid, signal.SIGCONT)
    souk.stop()

    assert told_pauses(souk) == []
