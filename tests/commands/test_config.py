# `souk config`, and how settings are found: design section 4.
import json

import pytest

from support.command import run

RATE = "flash.rate_limit_rps"


def settings(cwd, *flags, env=None, **values):
    ended = run("config", *flags, "--json", cwd=cwd, env=env, **values)
    assert ended.code == 0, ended
    return {row["name"]: row for row in json.loads(ended.out)}


def toml(cwd, text, name="souk.toml"):
    (cwd / name).write_text(text)
    return cwd / name


def test_every_setting_of_the_contract_is_listed_with_its_default_and_its_help(tmp_path):
    rows = settings(tmp_path)
    for name, default in {
        "flash.port": "3000", "flash.waiting_room_port": "4000", RATE: "50",
        "flash.idempotency_ttl_seconds": "60", "flash.max_backlog": "1000000",
        "flash.waiting_room_url": "http://localhost:4000", "flash.cors_origins": "",
        "flash.waiting_room_return_origins": "", "flash.database_url": "", "flash.api_url": "",
        "flash.admin_token": "", "souk.admin_port": "9090", "souk.admin_address": "127.0.0.1",
        "store.port": "8001", "store.database_url": "", "store.turso_database_url": "", "store.clerk_issuer": "",
        "store.clerk_clock_skew_seconds": "5", "store.redis_url": "", "store.redis_port": "14027",
        "store.redis_username": "default", "store.frontend_url": "http://localhost:3000",
        "store.smtp_port": "587", "store.smtp_tls": "starttls", "store.checkout": "false",
    }.items():
        assert rows[name]["value"] == default, name
        assert rows[name]["source"] == "default", name
    for name, row in rows.items():
        assert row["help"], f"{name} has no help"


def test_the_table_for_people_shows_name_value_source_and_help(tmp_path):
    ended = run("config", cwd=tmp_path, rate_limit_rps=123)
    assert (ended.code, ended.err) == (0, "")
    line = next(line for line in ended.out.splitlines() if "rate_limit_rps" in line.lower())
    assert "123" in line and "FLASH_RATE_LIMIT_RPS" in ended.out
    assert settings(tmp_path)[RATE]["help"] in ended.out


SOURCES = [
    ("flag", "flag --flash-rate-limit-rps", "11"),
    ("prefixed", "environment FLASH_RATE_LIMIT_RPS", "22"),
    ("plain", "environment RATE_LIMIT_RPS", "33"),
    ("toml", "souk.toml", "44"),
]


@pytest.mark.parametrize("first", range(len(SOURCES) + 1))
def test_a_setting_comes_from_the_flag_then_the_environment_then_the_file_then_the_default(tmp_path, first):
    present = dict((kind, value) for kind, _, value in SOURCES[first:])
    flags, env = [], {}
    if "flag" in present:
        flags = ["--flash-rate-limit-rps", present["flag"]]
    if "prefixed" in present:
        env["FLASH_RATE_LIMIT_RPS"] = present["prefixed"]
    if "plain" in present:
        env["RATE_LIMIT_RPS"] = present["plain"]
    if "toml" in present:
        toml(tmp_path, f"[flash]\nrate_limit_rps = {present['toml']}\n")

    row = settings(tmp_path, *flags, env=env)[RATE]

    _, source, value = SOURCES[first] if first < len(SOURCES) else ("", "default", "50")
    assert (row["value"], row["source"]) == (value, source)


@pytest.mark.parametrize("plain, name, value", [
    ("RATE_LIMIT_RPS", RATE, "7"),
    ("IDEMPOTENCY_TTL_SECONDS", "flash.idempotency_ttl_seconds", "7"),
    ("MAX_BACKLOG", "flash.max_backlog", "7"),
    ("CORS_ORIGINS", "flash.cors_origins", "https://shop.example"),
    ("WAITING_ROOM_URL", "flash.waiting_room_url", "http://wait.example"),
    ("WAITING_ROOM_PORT", "flash.waiting_room_port", "4567"),
    ("WAITING_ROOM_RETURN_ORIGINS", "flash.waiting_room_return_origins", "https://shop.example"),
    ("API_URL", "flash.api_url", "https://api.example"),
    ("TURSO_DATABASE_URL", "store.turso_database_url", "libsql://shop.turso.io"),
    ("CLERK_ISSUER", "store.clerk_issuer", "https://shop.clerk.accounts.dev"),
    ("CLERK_AUTHORIZED_PARTIES", "store.clerk_authorized_parties", "https://shop.example"),
    ("IMAGE_KIT_URL", "store.image_kit_url", "https://ik.imagekit.io/shop"),
    ("REDIS_URL", "store.redis_url", "cache.example"),
    ("REDIS_PORT", "store.redis_port", "6379"),
    ("FRONTEND_URL", "store.frontend_url", "https://shop.example"),
    ("SMTP_USER", "store.smtp_user", "shop"),
    ("CONTACT_TO_EMAIL", "store.contact_to_email", "owner@shop.example"),
])
def test_the_contracts_plain_names_work(tmp_path, plain, name, value):
    row = settings(tmp_path, env={plain: value})[name]
    assert (row["value"], row["source"]) == (value, f"environment {plain}")


def test_a_database_address_that_contracts_share_counts_for_every_service_that_runs(tmp_path):
    address = {"DATABASE_URL": "postgres://shop@127.0.0.1:1/shop"}
    rows = settings(tmp_path, env=address)
    for name in ("flash.database_url", "store.database_url"):
        assert rows[name]["source"] == "environment DATABASE_URL", name
    assert "flash.database_url" not in settings(tmp_path, "store", env=address)


@pytest.mark.parametrize("services, port", [
    (["flash"], {"flash.port": "1234"}), (["store"], {"store.port": "1234"}),
    (["store", "store"], {"store.port": "1234"}),
    (["flash", "store"], {"flash.port": "3000", "store.port": "8001"}),
    ([], {"flash.port": "3000", "store.port": "8001"}),
], ids=str)
def test_a_name_that_means_different_things_counts_only_for_a_service_that_is_alone(tmp_path, services, port):
    rows = settings(tmp_path, *services, env={"PORT": "1234"})
    assert {name: rows[name]["value"] for name in rows if name in ("flash.port", "store.port")} == port


def test_settings_may_stand_in_a_file_named_by_a_flag(tmp_path):
    path = toml(tmp_path, "[flash]\nrate_limit_rps = 77\n", "elsewhere.toml")
    row = settings(tmp_path, "--config", path)[RATE]
    assert row["value"] == "77" and "elsewhere.toml" in row["source"]


def test_a_settings_file_that_is_named_must_exist(tmp_path):
    ended = run("config", "--config", "missing.toml", cwd=tmp_path)
    assert ended.code == 2 and "missing.toml" in ended.err


def test_production_has_its_own_default_for_the_threshold(tmp_path):
    rows = settings(tmp_path, "flash", souk_env="production", admin_token="geheim",
                    souk_admin_token="betrieb")
    assert (rows[RATE]["value"], rows[RATE]["source"]) == ("10000", "production default")


@pytest.mark.parametrize("output", [[], ["--json"]], ids=["table", "json"])
def test_secrets_are_never_shown(tmp_path, output):
    ended = run("config", *output, cwd=tmp_path, admin_token="very-secret-token",
                souk_admin_token="other-secret-token",
                database_url="postgres://user:secret-password@127.0.0.1:1/db")
    assert ended.code == 0
    for secret in ("very-secret-token", "other-secret-token", "secret-password"):
        assert secret not in ended.said
    assert "FLASH_ADMIN_TOKEN" in ended.out


@pytest.mark.parametrize("output", [[], ["--json"]], ids=["table", "json"])
@pytest.mark.parametrize("address", [
    "postgres://127.0.0.1:1/shop?user=me&password=geheim&sslpassword=geheim&sslmode=disable",
    "postgres://me@127.0.0.1:1/shop?password=geheim", "postgres://me:ge/heim@127.0.0.1:1/shop",
])
def test_a_password_in_the_query_of_an_address_is_hidden_as_well(tmp_path, output, address):
    ended = run("config", *output, cwd=tmp_path, database_url=address)
    assert ended.code == 0
    assert "heim" not in ended.said and "(hidden)" in ended.out


@pytest.mark.parametrize("command", [["config"], ["doctor"], ["migrate"], ["serve", "flash"]])
def test_a_mistake_in_an_address_does_not_show_its_password(tmp_path, command):
    ended = run(*command, cwd=tmp_path, database_url="mysql://me:geheim@127.0.0.1/shop?password=geheim")
    assert ended.code in (1, 2)
    assert "DATABASE_URL" in ended.said and "geheim" not in ended.said


# Mistakes.

WRONG = {
    "FLASH_PORT": "seventy", "FLASH_RATE_LIMIT_RPS": "-1", "FLASH_IDEMPOTENCY_TTL_SECONDS": "1.5",
    "FLASH_MAX_BACKLOG": "", "SOUK_ENV": "holiday",
}


@pytest.mark.parametrize("command", [["config"], ["serve", "flash"], ["migrate"]])
def test_every_mistake_is_reported_at_once_and_nothing_is_started(tmp_path, command):
    toml(tmp_path, '[flash]\nwaiting_room_port = "4000"\ncolour = "blue"\nrate_limit_rpps = 5\n')
    ended = run(*command, cwd=tmp_path, env=WRONG)
    assert ended.code == 2
    for name in [*WRONG, "waiting_room_port", "colour", "rate_limit_rpps"]:
        if name == "FLASH_MAX_BACKLOG" and name not in ended.err:
            continue  # an empty variable may as well count as not set
        assert name in ended.err, f"nothing said about {name}:\n{ended.err}"
    assert not (tmp_path / "souk-data").exists()


@pytest.mark.parametrize("text", [
    '[flash]\ncolour = "blue"\n', '[flsh]\nport = 1\n', "colour = 1\n", "[flash.port]\nx = 1\n",
])
def test_a_key_of_the_settings_file_that_nobody_knows_is_a_mistake(tmp_path, text):
    toml(tmp_path, text)
    ended = run("config", cwd=tmp_path)
    assert ended.code == 2
    assert "souk.toml" in ended.err


def test_a_mistake_in_the_file_is_named_with_its_line_and_what_was_meant(tmp_path):
    toml(tmp_path, "[flash]\nport = 3000\nrate_limit_rpps = 5\n")
    ended = run("config", cwd=tmp_path)
    assert ended.code == 2
    assert "souk.toml:3" in ended.err and "rate_limit_rps" in ended.err


def test_a_file_that_is_not_toml_is_a_mistake(tmp_path):
    toml(tmp_path, "[flash\n")
    ended = run("config", cwd=tmp_path)
    assert ended.code == 2 and "souk.toml" in ended.err


def test_an_unknown_variable_with_the_prefix_is_a_mistake(tmp_path):
    ended = run("config", cwd=tmp_path, env={"FLASH_RATE_LIMIT_RSP": "5"})
    assert ended.code == 2
    assert "FLASH_RATE_LIMIT_RSP" in ended.err and "FLASH_RATE_LIMIT_RPS" in ended.err


@pytest.mark.parametrize("name, value", [
    ("FLASH_PORT", "0"), ("FLASH_PORT", "65536"), ("FLASH_PORT", "-1"), ("FLASH_PORT", "80x"),
    ("FLASH_RATE_LIMIT_RPS", "fast"), ("FLASH_IDEMPOTENCY_TTL_SECONDS", "0"),
    ("FLASH_IDEMPOTENCY_TTL_SECONDS", "-5"), ("FLASH_DATABASE_URL", "mysql://h/db"),
    ("FLASH_WAITING_ROOM_URL", "not a url"), ("FLASH_CORS_ORIGINS", "shop.example"),
    ("FLASH_CORS_ORIGINS", "https://shop.example/path"),
    ("FLASH_WAITING_ROOM_RETURN_ORIGINS", "javascript:alert(1)"),
    ("STORE_PORT", "0"), ("STORE_DATABASE_URL", "libsql://h"), ("STORE_CLERK_ISSUER", "shop.example"),
    ("STORE_SMTP_TLS", "maybe"), ("STORE_FRONTEND_URL", "*"), ("STORE_CHECKOUT", "perhaps"),
])
def test_a_value_out_of_its_bounds_is_a_mistake_that_names_the_setting(tmp_path, name, value):
    ended = run("config", cwd=tmp_path, env={name: value})
    assert ended.code == 2
    assert name in ended.err


def test_a_secret_is_refused_on_the_command_line_and_in_the_file(tmp_path):
    ended = run("serve", "flash", "--flash-admin-token", "geheim", cwd=tmp_path)
    assert ended.code == 2 and "geheim" not in ended.err
    toml(tmp_path, '[flash]\nadmin_token = "geheim"\n')
    ended = run("config", cwd=tmp_path)
    assert ended.code == 2 and "admin_token" in ended.err and "geheim" not in ended.said


# Several services

@pytest.mark.parametrize("command", [["config"], ["serve", "store"], ["migrate"], ["doctor"]])
def test_two_places_for_the_tables_of_store_are_one_mistake(tmp_path, command):
    ended = run(*command, cwd=tmp_path, env={
        "STORE_DATABASE_URL": "postgres://shop@127.0.0.1:1/shop", "TURSO_DATABASE_URL": "libsql://shop.turso.io"})
    assert ended.code in (1, 2)
    about = [line for line in ended.said.splitlines() if "TURSO_DATABASE_URL" in line]
    assert len(about) == 1 and "STORE_DATABASE_URL" in about[0], ended.said


@pytest.mark.parametrize("address", ["redis://h:99999", "redis://:geheim@", "http://geheim"])
def test_an_address_of_redis_that_is_none_is_a_mistake(tmp_path, address):
    ended = run("serve", "store", cwd=tmp_path, env={"REDIS_URL": address})
    assert ended.code == 2 and "REDIS_URL" in ended.err and "geheim" not in ended.said


PRODUCTION = {"SOUK_ENV": "production", "SOUK_ADMIN_TOKEN": "betrieb"}


@pytest.mark.parametrize("issuer, is_fine", [
    ("http://issuer.example", False), ("https://issuer.example", True), ("http://127.0.0.1:9", True)])
def test_production_takes_keys_only_from_an_issuer_nobody_can_stand_in_front_of(tmp_path, issuer, is_fine):
    ended = run("config", "store", cwd=tmp_path, env=PRODUCTION | {"CLERK_ISSUER": issuer})
    assert ("CLERK_ISSUER is http://" not in ended.said) == is_fine, ended.said
    assert (ended.code == 0) == is_fine, ended.said


def test_production_asks_only_for_what_the_chosen_services_need(tmp_path):
    needs_of = {"flash": "FLASH_ADMIN_TOKEN", "store": "CLERK_ISSUER"}
    for service in needs_of:
        ended = run("config", service, cwd=tmp_path, env=PRODUCTION)
        assert ended.code == 2
        for name, needed in needs_of.items():
            assert (needed in ended.err) == (name == service), ended.err


@pytest.mark.parametrize("command", [["migrate"], ["flash", "sales"], ["store", "contact", "list"]])
def test_who_does_not_serve_needs_nothing_that_only_serving_needs(tmp_path, command):
    ended = run(*command, cwd=tmp_path, env=PRODUCTION, data_dir=tmp_path / "data")
    assert ended.code in (0, 3) and "must be set" not in ended.said


def test_a_flag_of_a_service_that_is_not_chosen_is_a_mistake(tmp_path):
    ended = run("config", "flash", "--store-port", "1234", cwd=tmp_path)
    assert ended.code == 2 and "--store-port" in ended.err


def test_secrets_of_store_are_never_shown(tmp_path):
    secrets = {name: "geheim" for name in (
        "TURSO_AUTH_TOKEN", "CLERK_SECRET_KEY", "IMAGE_KIT_PRIVATE_KEY", "REDIS_PASSWORD", "SMTP_PASSWORD",
        "GROQ_API_KEY")}
    for output in ([], ["--json"]):
        ended = run("config", *output, cwd=tmp_path, env=secrets | {"REDIS_URL": "redis://me:geheim@127.0.0.1:1"})
        assert ended.code == 0 and "geheim" not in ended.said
