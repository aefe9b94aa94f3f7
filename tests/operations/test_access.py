# Who may ask the operations listener: design section 4, and the rules of docs/operations.md.
import re
import time

import pytest
from websockets.exceptions import InvalidStatus

from support.console import Console, refused
from support.page import Page

TOKEN = "the-admin-token-of-this-test"

LOOKING = ["/", "/metrics", "/openapi/flash.json", "/openapi/operations.json", "/console/overview",
           "/console/flash", "/console/settings"]
CHANGING = ["/backup", "/flash/sales", "/flash/dead-letters/retry", "/console/try", "/login", "/logout"]


def send(console, path, **headers):
    """A changing request whose body would do; a form for the sign-in."""
    if path == "/login":
        return console.souk.http.post(console.souk.ops + path, data={"token": "x"}, headers=headers)
    return console.post(path, {}, headers=headers)


@pytest.fixture
def console(start_embedded):
    return Console(start_embedded())


@pytest.fixture
def guarded(start_embedded):
    souk = start_embedded(souk_admin_token=TOKEN)
    return Console(souk)


def signed_in(console, token=TOKEN):
    answer = console.souk.http.post(console.souk.ops + "/login", data={"token": token})
    return answer


class TestWithoutToken:
    def test_everything_can_be_seen_under_a_local_name(self, console):
        port = console.souk.ops_port
        for path in LOOKING:
            for host in ("localhost", "127.0.0.1", "[::1]", f"LocalHost:{port}", f"127.0.0.1:{port}"):
                assert console.get(path, headers={"Host": host}).status_code == 200, (path, host)

    @pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil", "", "[::2]"])
    def test_nothing_is_told_under_a_foreign_name(self, console, host):
        for path in [*LOOKING, "/healthz", "/readyz", "/login"]:
            refused(console.get(path, headers={"Host": host}), 403)
        for path in CHANGING:
            refused(send(console, path, Host=host), 403)

    @pytest.mark.parametrize("origin", ["http://evil.example", "null", "", "http://localhost:1",
                                        "http://127.0.0.1", "https://127.0.0.1.evil.example:9090"])
    def test_a_page_of_another_site_changes_nothing(self, console, origin):
        for path in CHANGING:
            refused(send(console, path, Origin=origin), 403)
        assert console.flash()["sales"] == []

    def test_its_own_page_may(self, console):
        for host in ("127.0.0.1", "localhost"):
            here = f"{host}:{console.souk.ops_port}"
            answer = console.post("/flash/sales", {"productId": "p", "quantity": 1},
                                  headers={"Host": here, "Origin": f"http://{here}"})
            assert answer.status_code == 200, answer.text

    @pytest.mark.parametrize("origin", ["http://evil.example", "null"])
    def test_a_page_of_another_site_hears_nothing(self, console, origin):
        with pytest.raises(InvalidStatus) as refusal:
            with console.live(origin=origin):
                pass
        assert refusal.value.response.status_code == 403
        assert b'{"error":"' in refusal.value.response.body

    def test_its_own_page_hears(self, console):
        with console.live(origin=f"http://127.0.0.1:{console.souk.ops_port}") as receive:
            assert receive()["overview"]["state"] == "up"

    def test_there_is_nothing_to_sign_in_to(self, console):
        for answer in (console.get("/login"), signed_in(console)):
            assert (answer.status_code, answer.headers["location"]) == (303, "/")
            assert "set-cookie" not in answer.headers


class TestWithToken:
    def test_health_is_for_everybody_and_details_are_not(self, guarded):
        assert guarded.get("/healthz").json() == {"status": "alive"}
        ready = guarded.get("/readyz").json()
        assert {each["detail"] for each in ready["dependencies"]} == {""}
        known = guarded.get("/readyz", headers={"Authorization": f"Bearer {TOKEN}"}).json()
        assert all(each["detail"] for each in known["dependencies"])

    @pytest.mark.parametrize("sent", [None, "", "Bearer", "Bearer wrong", TOKEN, f"Basic {TOKEN}",
                                      f"Bearer {TOKEN[:-1]}", f"Bearer {TOKEN}x"])
    def test_nothing_else_is_told_or_done_without_it(self, guarded, sent):
        headers = {} if sent is None else {"Authorization": sent}
        for path in LOOKING[1:]:
            refused(guarded.get(path, headers=headers), 401)
        for path in CHANGING[:4]:
            refused(send(guarded, path, **headers), 401)
        with pytest.raises(InvalidStatus) as refusal:
            with guarded.live(additional_headers=headers):
                pass
        assert refusal.value.response.status_code == 401

    def test_the_token_opens_everything_under_any_name(self, guarded):
        headers = {"Authorization": f"Bearer {TOKEN}", "Host": "ops.example"}
        for path in LOOKING:
            assert guarded.get(path, headers=headers).status_code == 200
        answer = guarded.post("/flash/sales", {"productId": "p", "quantity": 1}, headers=headers)
        assert answer.status_code == 200
        with guarded.live(additional_headers={"Authorization": f"Bearer {TOKEN}"}) as receive:
            assert receive()["flash"]["isOpen"]

    def test_a_foreign_origin_is_refused_with_the_token_as_well(self, guarded):
        for path in CHANGING:
            answer = send(guarded, path, Authorization=f"Bearer {TOKEN}", Origin="http://evil.example")
            refused(answer, 403)

    def test_the_page_leads_to_the_form(self, guarded):
        answer = guarded.get("/")
        assert (answer.status_code, answer.headers["location"]) == (303, "/login")

    def test_the_right_token_signs_in_for_twelve_hours(self, guarded):
        answer = signed_in(guarded)
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        cookie = answer.headers["set-cookie"]
        value, *attributes = cookie.split("; ")
        found = re.fullmatch(r"souk_session=(\d+)\.[0-9a-f]{64}", value)
        assert found and abs(int(found[1]) - time.time() - 12 * 3600) < 60
        assert sorted(attributes) == ["HttpOnly", "Max-Age=43200", "Path=/", "SameSite=Strict"]
        # The client keeps the cookie from here on.
        for path in LOOKING:
            assert guarded.get(path).status_code == 200
        answer = guarded.post("/flash/sales", {"productId": "p", "quantity": 1})
        assert answer.status_code == 200
        with guarded.live(additional_headers={"Cookie": "other=1; " + value}) as receive:
            assert receive()["flash"]["isOpen"]
        answer = guarded.get("/login")
        assert (answer.status_code, answer.headers["location"]) == (303, "/")

    def test_signing_out_drops_the_cookie(self, guarded):
        signed_in(guarded)
        answer = guarded.post("/logout")
        assert (answer.status_code, answer.headers["location"]) == (303, "/login")
        assert "souk_session=;" in answer.headers["set-cookie"]
        assert "Max-Age=0" in answer.headers["set-cookie"]
        refused(guarded.get("/console/overview"), 401)

    def test_a_cookie_is_nothing_that_can_be_made_or_stretched(self, guarded):
        cookie = signed_in(guarded).cookies["souk_session"]
        guarded.souk.http.cookies.clear()
        until, seal = cookie.split(".")
        for made in (f"{int(until) + 1}.{seal}", f"{until}.", f"{until}.{'0' * 64}", seal, "", ".",
                     f"0{until}.{seal}", f"{until}.{seal}0", f"{until}.{seal.upper()}", f"-1.{seal}"):
            refused(guarded.get("/metrics", headers={"Cookie": f"souk_session={made}"}), 401)
        for name in ("souk_sessio", "xsouk_session", "SOUK_SESSION"):
            refused(guarded.get("/metrics", headers={"Cookie": f"{name}={cookie}"}), 401)
        good = {"Cookie": f"a=b;  souk_session={cookie} ; c"}
        assert guarded.get("/metrics", headers=good).status_code == 200

    def test_another_token_ends_every_session(self, guarded):
        cookie = signed_in(guarded).cookies["souk_session"]
        souk = guarded.souk
        souk.settings["souk_admin_token"] = TOKEN + "2"
        souk.http.cookies.clear()
        souk.restart()
        refused(guarded.get("/metrics", headers={"Cookie": f"souk_session={cookie}"}), 401)


class TestTheForm:
    def test_it_needs_no_script_and_names_its_field(self, guarded):
        answer = guarded.get("/login")
        assert answer.status_code == 200
        page = Page(answer)
        tags = dict(page.tags)
        assert tags["form"] == {"method": "post", "action": "/login"}
        assert "script" not in tags
        assert tags["label"]["for"] == tags["input"]["id"]
        assert (tags["input"]["name"], tags["input"]["type"]) == ("token", "password")
        assert tags["input"]["aria-invalid"] == "false"

    def test_nothing_but_its_own_style_may_run(self, guarded):
        answer = guarded.get("/login")
        nonce = dict(Page(answer).tags)["style"]["nonce"]
        policy = answer.headers["content-security-policy"]
        assert f"style-src 'nonce-{nonce}'" in policy
        for rule in ("default-src 'none'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"):
            assert rule in policy
        assert "unsafe" not in policy
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert dict(Page(guarded.get("/login")).tags)["style"]["nonce"] != nonce

    @pytest.mark.parametrize("form", [{"token": "wrong"}, {"token": ""}, {"tokens": TOKEN}, {"token": TOKEN + " "}])
    def test_a_wrong_token_is_said_beside_the_field(self, guarded, form):
        answer = guarded.souk.http.post(guarded.souk.ops + "/login", data=form)
        assert answer.status_code == 401
        assert "set-cookie" not in answer.headers
        page = Page(answer)
        field = dict(page.tags)["input"]
        assert field["aria-invalid"] == "true"
        assert "problem" in field["aria-describedby"].split()
        assert "This is not the admin token." in page.visible

    def test_what_was_sent_is_not_shown_again(self, guarded):
        answer = guarded.souk.http.post(guarded.souk.ops + "/login", data={"token": "<script>secret"})
        assert "secret" not in answer.text

    def test_guesses_are_held_up_and_the_owner_gets_in_meanwhile(self, guarded):
        answers = [signed_in(guarded, f"guess {i}") for i in range(15)]
        codes = [answer.status_code for answer in answers]
        assert codes[:10] == [401] * 10
        assert 429 in codes[10:]
        late = answers[codes.index(429)]
        assert "retry-after" in late.headers
        assert "too many" in Page(late).visible
        assert guarded.souk.stderr.count("wrong admin token") == codes.count(401)
        for i in range(3):
            assert signed_in(guarded, TOKEN).status_code == 303
            guarded.souk.http.cookies.clear()
            assert signed_in(guarded, f"guess again {i}").status_code == 429
        bearer = {"Authorization": f"Bearer {TOKEN}"}
        assert guarded.get("/console/overview", headers=bearer).status_code == 200

    @pytest.mark.parametrize("kind", ["application/json", "text/plain", "multipart/form-data; boundary=x"])
    def test_it_takes_forms_only(self, guarded, kind):
        answer = guarded.souk.http.post(guarded.souk.ops + "/login", content=b"token=x", headers={"Content-Type": kind})
        refused(answer, 415)


def test_a_listener_that_others_can_reach_asks_for_a_token(start_embedded):
    souk = start_embedded(souk_admin_address="0.0.0.0", wait_for=None)
    code, said = souk.expect_exit()
    assert code == 2 and "SOUK_ADMIN_TOKEN" in said
