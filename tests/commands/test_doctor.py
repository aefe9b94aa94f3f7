# `souk doctor`: what it finds, what it says about it, and how it ends.
import json
import socket

from support.command import run
from support.flash import FlashClient
from support.ports import free_port

def settings_of(souk):
    return {n: v for n, v in souk.environment().items() if n.startswith(("FLASH_", "SOUK_"))}


def doctor(cwd, env=None, **settings):
    """The report, and the exit code, which must fit it."""
    ended = run("doctor", "--json", cwd=cwd, env=env, **settings)
    report = json.loads(ended.out)
    assert report["verdict"] in ("ok", "warning", "wrong")
    assert ended.code == (1 if report["verdict"] == "wrong" else 0), ended
    for each in report["checks"]:
        assert each["found"], each
        assert (each["state"] == "ok") == (not each["why"] and not each["mend"]), each
    return report


def check(report, name):
    found = [each for each in report["checks"] if each["check"].startswith(name)]
    assert found, f"no check {name} in {[each['check'] for each in report['checks']]}"
    return found[0]


def free_ports():
    return {"port": free_port(), "waiting_room_port": free_port(), "souk_admin_port": free_port()}


def test_nothing_is_wrong_on_a_machine_that_has_not_started_souk_yet(tmp_path):
    report = doctor(tmp_path, data_dir=tmp_path / "data", **free_ports())
    assert report["verdict"] != "wrong", report
    for name in ("settings", "data directory", "disk space", "sync speed", "clock", "file limit",
                 "port", "database", "order log"):
        check(report, name)
    assert not (tmp_path / "data").exists(), "the doctor only looks"


def test_beside_a_running_program_its_ports_and_data_are_recognised(start_souk):
    souk = start_souk()
    flash = FlashClient(souk)
    flash.stocked("p", 3)
    flash.confirmed(flash.accepted("p"))
    report = doctor(souk.owned, env=settings_of(souk))
    assert report["verdict"] != "wrong", report
    for port in (souk.api_port, souk.waiting_room_port, souk.ops_port):
        assert f"process {souk.pid}" in check(report, f"port {port}")["found"]
    assert f"process {souk.pid}" in check(report, "data directory")["found"]
    for name in ("database", "tables", "serving", "dead letters", "order log"):
        assert check(report, name)["state"] == "ok", report
    flash.accepted("p")


def test_people_get_lines_and_a_count(tmp_path):
    ended = run("doctor", cwd=tmp_path, data_dir=tmp_path / "data", **free_ports())
    assert ended.code == 0
    assert "disk space" in ended.out and ended.out.splitlines()[-1].startswith("0 wrong")


def test_a_port_of_another_program_is_wrong(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        ports = free_ports() | {"port": other.getsockname()[1]}
        report = doctor(tmp_path, data_dir=tmp_path / "data", **ports)
    found = check(report, f"port {ports['port']}")
    assert (report["verdict"], found["state"]) == ("wrong", "wrong")
    assert "FLASH_PORT" in found["mend"]


def test_a_wrong_setting_is_wrong(tmp_path):
    report = doctor(tmp_path, rate_limit_rps="many")
    assert report["verdict"] == "wrong"
    assert "FLASH_RATE_LIMIT_RPS" in report["checks"][0]["found"]


def test_production_without_a_token_is_wrong(tmp_path):
    report = doctor(tmp_path, env={"SOUK_ENV": "production"}, data_dir=tmp_path / "data")
    assert report["verdict"] == "wrong"
    for name in ("FLASH_ADMIN_TOKEN", "SOUK_ADMIN_TOKEN"):
        assert any(name in each["found"] for each in report["checks"])


def test_a_token_that_the_operations_listener_does_not_ask_for_is_in_doubt(tmp_path):
    report = doctor(tmp_path, data_dir=tmp_path / "data", admin_token="geheim", **free_ports())
    assert any("SOUK_ADMIN_TOKEN" in each["mend"] for each in report["checks"] if each["state"] == "warning")


def test_a_database_that_is_away_is_wrong(tmp_path):
    report = doctor(tmp_path, data_dir=tmp_path / "data", **free_ports(),
                    database_url="postgres://nobody@127.0.0.1:1/nothing")
    found = check(report, "database")
    assert found["state"] == "wrong"
    assert "PostgreSQL" in found["mend"]


def test_a_database_that_another_log_serves_is_wrong(start_souk):
    souk = start_souk()
    souk.stop()
    souk.storage.tamper("INSERT INTO serving (one, log) VALUES (1, 'elsewhere')")
    report = doctor(souk.owned, env=settings_of(souk))
    found = check(report, "serving")
    assert found["state"] == "wrong" and "elsewhere" in found["found"]
    assert "--flash-take-over" in found["mend"]
    souk.storage.tamper("DELETE FROM serving")


def test_tables_of_a_newer_souk_are_wrong(start_souk):
    souk = start_souk()
    souk.stop()
    souk.storage.tamper("INSERT INTO souk_migrations (number, name, checksum, applied_at) "
                        "SELECT 999, 'later', checksum, applied_at FROM souk_migrations WHERE number = 1")
    assert check(doctor(souk.owned, env=settings_of(souk)), "tables")["state"] == "wrong"


def test_dead_letters_are_a_warning(start_souk):
    souk = start_souk()
    souk.storage.tamper("INSERT INTO dead_letters (log, position, record, reason) VALUES ('l', 1, 'r', 'why')")
    found = check(doctor(souk.owned, env=settings_of(souk)), "dead letters")
    assert found["state"] == "warning" and "--retry" in found["mend"]


def test_only_the_chosen_services_are_looked_at(tmp_path):
    settings = {"data_dir": tmp_path / "data"} | free_ports()
    report = json.loads(run("doctor", "store", "--json", cwd=tmp_path, data_dir=tmp_path / "data").out)
    names = [each["check"] for each in report["checks"]]
    assert any("store API" in name for name in names) and not any("flash" in name for name in names)
    assert not any("order log" in name for name in names)
    assert "store database" in names and "store cache" in names and "store issuer" in names
    assert check(doctor(tmp_path, **settings), "order log")["state"] == "ok"


def test_beside_a_running_shop_all_is_well(start_store):
    shop = start_store()
    report = doctor_of(shop)
    assert report["verdict"] != "wrong", report
    assert f"process {shop.souk.pid}" in check(report, f"port {shop.souk.api_port} (store API)")["found"]
    for name in ("store database", "store tables", "store contact form", "store cache"):
        assert check(report, name)["state"] == "ok", report


def doctor_of(shop, **env):
    ended = run("doctor", "store", "--json", cwd=shop.souk.owned, env=shop.souk.environment() | env)
    return json.loads(ended.out)


def test_redis_and_an_issuer_that_are_away_are_found(start_embedded_store):
    shop = start_embedded_store()
    report = doctor_of(shop, REDIS_URL="127.0.0.1:1", CLERK_ISSUER="http://127.0.0.1:1")
    assert check(report, "store cache")["state"] == "warning"
    assert check(report, "store issuer")["state"] == "wrong"
    assert "CLERK_ISSUER" in check(report, "store issuer")["mend"]


def test_messages_that_were_given_up_are_a_warning(start_embedded_store):
    shop = start_embedded_store()
    shop.contacted()
    shop.souk.storage.tamper("UPDATE contact_messages SET delivery = 'failed'")
    found = check(doctor_of(shop), "store contact form")
    assert found["state"] == "warning" and "--failed" in found["mend"]


def test_redis_is_found_with_its_version(start_embedded_store, redis):
    found = check(doctor_of(start_embedded_store(), REDIS_URL=redis.url), "store cache")
    assert found["state"] == "ok" and found["found"].startswith("Redis 7."), found
