# The list of products and the search in it (spec/store.md 5.3, DECISIONS S7 and S8).
import uuid

import pytest

from support.store import LISTED, data_of, expect_error, expect_invalid

BIG = 2**63 - 1


@pytest.fixture
def mark():
    """A word no other test uses."""
    return uuid.uuid4().hex


def made(store, names, **fields):
    who = store.caller()
    return [store.product(who, name=name, **fields) for name in names]


def names(products):
    return [product["name"] for product in products]


def found(store, q, **query):
    return names(store.products(q=q, **query))


def test_products_come_in_the_order_of_their_ids_and_whole(store, mark):
    wanted = made(store, [f"{mark} {letter}" for letter in "cab"])
    assert store.products(q=mark) == wanted


def test_pages_are_cut_where_asked(store, mark):
    wanted = [f"{mark} {number}" for number in range(7)]
    made(store, wanted)
    assert found(store, mark, limit=3) == wanted[:3]
    assert found(store, mark, limit=3, page=2) == wanted[3:6]
    assert found(store, mark, limit=3, page=3) == wanted[6:]
    assert found(store, mark, limit=3, page=4) == []
    assert found(store, mark, limit=7, page=1) == wanted
    assert found(store, mark, limit=1, page=7) == wanted[6:]


def test_twenty_a_page_unless_asked_and_a_hundred_at_most(store, mark):
    wanted = [f"{mark} {number}" for number in range(101)]
    made(store, wanted)
    assert found(store, mark) == found(store, mark, page=1, limit=20) == wanted[:20]
    assert found(store, mark, limit=100) == wanted[:100]
    assert found(store, mark, limit=100, page=2) == wanted[100:]


def test_without_q_every_product_is_listed_page_after_page(store, mark):
    last = made(store, [mark])[0]
    seen, page = [], 1
    while part := store.products(page=page, limit=100):
        seen += [product["id"] for product in part]
        page += 1
    assert seen == sorted(seen) and len(seen) == len(set(seen))
    assert seen[-1] >= last["id"] and last["id"] in seen
    assert store.products(limit=1)[0]["id"] == seen[0]


def test_an_empty_q_is_no_q(store):
    store.product()
    assert store.get("/api/product?q=").text == store.get("/api/product").text


def test_a_search_that_finds_nothing_is_an_empty_list(store, mark):
    answer = store.get("/api/product", params={"q": mark})
    assert answer.text == f'{{"success":true,"message":"{LISTED}","data":[]}}'


def test_a_page_past_the_end_is_empty(store):
    assert data_of(store.get("/api/product?page=1000000&limit=100"), 200, LISTED) == []


def test_names_and_descriptions_are_searched_and_nothing_else(store, mark):
    made(store, [f"by name {mark}"])
    made(store, ["by description"], description=f"…{mark}…")
    made(store, ["by category"], category=mark[:32])
    made(store, ["by image"], image_url=f"https://ik.example/{mark}")
    assert found(store, mark) == [f"by name {mark}", "by description"]


def test_any_part_of_a_word_is_found_in_any_case(store, mark):
    name = f"Deluxe-{mark.upper()}-Espresso"
    made(store, [name])
    for q in (mark, mark.upper(), mark.title(), mark[3:20].upper(), f"{mark}-eSpReSsO", f"deluxe-{mark}", f"E-{mark}-E",
              name):
        assert found(store, q) == [name], q


@pytest.mark.parametrize("q", ["a", "zq", "é", "%", "_", "\\", "'", '"', "*", "(", "-", " "])
def test_one_and_two_letters_are_searched_as_well(store, mark, q):
    name = f"zqé%_\\'\"*(- a {mark}"
    made(store, [name])
    page, seen = 1, []
    while part := store.products(q=q, limit=100, page=page):
        for product in part:
            assert q.lower() in (product["name"] + "\n" + product["description"]).lower()
        seen += names(part)
        page += 1
    assert name in seen


SPECIAL = [
    "100%", "%", "_", "a_b", "\\", "\\\\", "\\%", "%%", "__", "'", "''", '"', '""', "*", "a*", "^a", "(", ")", "a)",
    ":",
    "name:", "-", "+", "--", ";", "$1", "?", "NULL", "\t", "\n", "<b>", "&amp;", "%41", "[a-z]", "ß", "Ω", "日本語", "🚀",
    "AND", "OR", "NOT", "NEAR(a b)", 'a" OR "b', "{}", "a b  c",
]


@pytest.mark.parametrize("special", SPECIAL)
def test_every_character_stands_for_itself(store, mark, special):
    name = f"{mark}{special}end"
    made(store, [name, f"{mark}other", f"{mark}xyzend", f"{mark} end"])
    assert found(store, f"{mark}{special}") == [name]
    assert found(store, f"{mark}{special}e") == [name]
    assert found(store, f"{special}{mark}") == []


def test_a_q_of_several_words_is_one_text(store, mark):
    made(store, [f"{mark} red chair", f"{mark} chair red"])
    assert found(store, f"{mark} red chair") == [f"{mark} red chair"]
    assert found(store, f"red {mark}") == []


def test_plus_and_percent_20_are_spaces(store, mark):
    made(store, [f"{mark} red", f"{mark}+red"])
    for written in (f"{mark}+red", f"{mark}%20red"):
        assert names(data_of(store.get(f"/api/product?q={written}"))) == [f"{mark} red"]
    assert names(data_of(store.get(f"/api/product?q={mark}%2Bred"))) == [f"{mark}+red"]


def test_spaces_around_q_belong_to_it(store, mark):
    made(store, [f"{mark} x"])
    assert found(store, f"{mark} ") == [f"{mark} x"]
    assert found(store, f" {mark}") == []


@pytest.mark.parametrize("q", ["x" * 200, "🚀" * 200])
def test_200_characters_may_be_searched(store, q):
    assert data_of(store.get("/api/product", params={"q": q}), 200, LISTED) == []


@pytest.mark.parametrize("q", ["x" * 201, "🚀" * 201])
def test_201_are_too_many(store, q):
    expect_invalid(store.get("/api/product", params={"q": q}), "q")


@pytest.mark.parametrize("written", ["%FF", "%C3", "%ED%A0%80", "%00", "a%00b", "%", "%zz"])
def test_a_q_that_is_no_text_is_never_a_failure(store, written):
    answer = store.get(f"/api/product?q={written}")
    if answer.status_code != 200:
        expect_error(answer, 422, "VALIDATION_ERROR")


@pytest.mark.parametrize("field, value", [
    *(("page", value) for value in ("0", "-1", "abc", "1.5", "1.0", "1e2", "0x1", "", " 1", "true", "--1", "１")),
    *(("limit", value) for value in ("0", "-1", "101", "1000", "abc", "1.5", "", "20a", "-9223372036854775808")),
    ("page", str(BIG)), ("page", str(BIG // 20 + 2)), ("page", "9" * 30), ("limit", "9" * 30), ("page", "-" + "9" * 30),
])
def test_page_and_limit_out_of_bounds_are_named(store, field, value):
    expect_invalid(store.get("/api/product", params={field: value}), field)


@pytest.mark.parametrize("page, limit", [(BIG, 1), (BIG // 20, 20), (BIG // 100, 100), (1, 100), (1, 1)])
def test_the_last_page_and_limit_within_bounds(store, page, limit):
    answer = store.get("/api/product", params={"page": page, "limit": limit})
    assert len(data_of(answer, 200, LISTED)) <= limit


def test_unknown_parameters_are_ignored(store):
    store.product()
    assert store.get("/api/product?sort=price&offset=5").text == store.get("/api/product").text


def test_nobody_needs_to_sign_in_and_a_bad_token_does_not_matter(store):
    answer = store.get("/api/product", headers={"Authorization": "Bearer nonsense"})
    assert answer.status_code == 200
