# The waiting room: spec/flash.md section 6 with decision F13, as seen without script.
from urllib.parse import quote

import pytest

from support.eventually import eventually
from support.flash import FlashClient
from support.page import Page
from support.souk import Souk

SHOP = "https://shop.example"


@pytest.fixture(scope="module")
def room():
    """A waiting room with capacity: the limiter is off."""
    program = Souk.start(rate_limit_rps=0, waiting_room_return_origins=f"{SHOP},http://localhost:5173")
    yield program
    program.close()
    program.discard()


@pytest.fixture(scope="module")
def full_room():
    """A waiting room whose limiter admits one order a second."""
    program = Souk.start(rate_limit_rps=1, waiting_room_return_origins=f"{SHOP},http://localhost:5173")
    yield program
    program.close()
    program.discard()


def page(program, query="", **headers):
    answer = program.http.get(f"{program.waiting_room}/{query}", headers=headers)
    assert answer.status_code == 200
    return Page(answer)


def page_without_capacity(program, query="", wanted=lambda _: True):
    """The page while the bucket is empty: takes the token away right before asking."""
    flash = FlashClient(program)

    def asked():
        while flash.order("nothing").status_code != 302:
            pass
        found = page(program, query)
        return found if found.refresh and found.refresh[0] == 5 and wanted(found) else None
    return eventually(asked, 10, "a page that waits 5 s")


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_any_method_gets_the_page(room, method):
    content = b'{"productId":"a"}' if method in ("POST", "PUT", "PATCH") else None
    answer = room.http.request(method, room.waiting_room + "/", content=content)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-waiting-room"] == "1"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "server" not in answer.headers
    assert 0 < len(answer.content) < 8 * 1024
    assert "Waiting Room" in Page(answer).title


def test_head_gets_the_headers_alone(room):
    answer = room.http.head(room.waiting_room + "/")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["x-waiting-room"] == "1"


def test_a_repeated_order_of_a_redirected_client_gets_the_page(room):
    answer = room.http.post(room.waiting_room, json={"productId": "a", "userId": "u"},
                            headers={"x-idempotency-key": "k"})
    assert answer.status_code == 200 and "Waiting Room" in Page(answer).title


def test_an_unknown_path_is_a_404(room):
    assert room.http.get(room.waiting_room + "/nothing").status_code == 404


def test_the_page_loads_nothing_from_elsewhere(room):
    answer = room.http.get(room.waiting_room + "/")
    for tag, attributes in Page(answer).tags:
        assert "src" not in attributes, (tag, attributes)
        if tag == "link":
            assert attributes.get("href", "").startswith("data:"), attributes
    assert "@import" not in answer.text and "url(http" not in answer.text.replace("'", "").replace('"', "")


def test_the_page_has_a_language_a_heading_and_an_explanation(room):
    found = page(room)
    assert any(tag == "html" and attributes.get("lang") for tag, attributes in found.tags)
    assert sum(tag == "h1" for tag, _ in found.tags) == 1
    assert len(found.visible.split()) >= 10


def test_the_page_knows_where_the_api_is(room):
    """Port of the API on the host name the page was asked under; the script may put it together."""
    answer = room.http.get(room.waiting_room + "/", headers={"Host": "sale.example:4000"})
    assert str(room.api_port) in answer.text


def test_the_page_uses_the_configured_address_of_the_api(start_embedded):
    program = start_embedded(api_url="https://api.sale.example")
    text = program.http.get(program.waiting_room + "/").text
    assert "https://api.sale.example" in text.replace("\\/", "/")


# Without script and without capacity: the page asks again every 5 s.

def test_without_capacity_the_page_refreshes_itself_every_5_seconds(full_room):
    assert page_without_capacity(full_room).refresh[0] == 5


@pytest.mark.parametrize("address", [
    SHOP, f"{SHOP}/", f"{SHOP}/sale?product=iphone-15&step=2#buy", "http://localhost:5173/cart",
])
def test_the_refresh_carries_the_return_address_and_the_product_on(full_room, address):
    query = f"?return={quote(address, safe='')}&productId=iphone-15"
    found = page_without_capacity(full_room, query)
    assert found.refresh_query["return"] == [address]
    assert found.refresh_query["productId"] == ["iphone-15"]


# With capacity: back to where the visitor came from, if that is allowed.

@pytest.mark.parametrize("address", [
    SHOP, f"{SHOP}/", f"{SHOP}/sale?product=iphone-15&step=2#buy", "http://localhost:5173/cart",
])
def test_with_capacity_the_page_goes_to_the_allowed_return_address_at_once(room, address):
    assert page(room, f"?return={quote(address, safe='')}").refresh == (0, address)


def test_a_page_that_waited_goes_back_as_soon_as_there_is_capacity(full_room):
    query = f"?return={quote(SHOP + '/sale', safe='')}"
    waiting = page_without_capacity(full_room, query)
    again = "?" + waiting.refresh[1].partition("?")[2]
    eventually(lambda: page(full_room, again).refresh == (0, SHOP + "/sale"))


DISALLOWED = [
    "https://evil.example/", "https://shop.example.evil.example/", "https://shop.example@evil.example/",
    "//evil.example/", "https:evil.example", "http://shop.example/?evil.example",
    "https://shop.example:8443/?evil.example", "https://evil.example/https://shop.example/",
    "javascript:alert('evil.example')", "data:text/html,evil.example", "/evil.example",
    "https://shop.example\\@evil.example/", "https://shop.example%2eevil.example/",
    "https://evil.example#https://shop.example", " https://evil.example", "https://shop.example\tevil.example",
]


@pytest.mark.parametrize("address", DISALLOWED)
def test_a_disallowed_return_address_is_never_named_and_never_followed(room, address):
    answer = room.http.get(f"{room.waiting_room}/?return={quote(address, safe='')}")
    assert answer.status_code == 200
    assert "evil.example" not in answer.text
    found = Page(answer)
    assert found.refresh is None or found.refresh[0] > 0


@pytest.mark.parametrize("address", ["https://evil.example/", "https://shop.example@evil.example/"])
def test_a_disallowed_return_address_is_not_carried_on_either(full_room, address):
    found = page_without_capacity(full_room, f"?return={quote(address, safe='')}")
    assert "return" not in found.refresh_query


def test_without_any_allowed_origin_no_return_address_is_followed(start_embedded):
    program = start_embedded()
    answer = program.http.get(f"{program.waiting_room}/?return={quote(SHOP, safe='')}")
    assert "shop.example" not in answer.text


@pytest.mark.parametrize("query", [
    "?return=" + quote(SHOP + '/"><script>alert(1)</script>', safe=""),
    "?return=" + quote(SHOP + "/'</script><script>alert(1)</script>", safe=""),
    "?productId=" + quote('"><script>alert(1)</script>', safe=""),
    "?productId=" + quote("</script><script>alert(1)</script>", safe=""),
])
def test_nothing_of_the_query_becomes_markup(room, full_room, query):
    plain = sum(tag == "script" for tag, _ in page(room).tags)
    for program in (room, full_room):
        answer = program.http.get(f"{program.waiting_room}/{query}")
        assert "<script>alert(1)" not in answer.text
        assert sum(tag == "script" for tag, _ in Page(answer).tags) == plain
        assert len(answer.content) < 8 * 1024


@pytest.mark.parametrize("query", ["?" + "a" * 2000, "?return=%", "?return=%zz", "?productId=%00", "?&&=&"])
def test_a_strange_query_still_gets_the_page(room, query):
    assert "Waiting Room" in page(room, query).title


# Sold out.

def says_sold_out(program, query):
    """The page's state, which decides what its style sheet shows."""
    states = [attributes["data-state"] for _, attributes in page(program, query).tags
              if "data-state" in attributes]
    assert len(states) == 1
    return states[0] == "sold_out"


def test_the_page_says_sold_out_when_the_product_of_the_query_is(room, product):
    flash = FlashClient(room)
    flash.stocked(product, 1)
    assert not says_sold_out(room, f"?productId={product}")
    flash.accepted(product)
    assert says_sold_out(room, f"?productId={product}")
    flash.stocked(product, 1)
    assert not says_sold_out(room, f"?productId={product}")


@pytest.mark.parametrize("query", ["", "?productId=", "?productId=never-initialised"])
def test_the_page_does_not_say_sold_out_when_it_does_not_know(room, query):
    assert not says_sold_out(room, query)
