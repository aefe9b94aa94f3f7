import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "../load.mjs";

const { read_route, write_route } = await load(new URL("route.ts", import.meta.url));

test("an address names a page and what is shown on it", () => {
    assert.deepEqual(read_route("#/flash"), { page: "flash", rest: [] });
    assert.deepEqual(read_route("#/api/flash/post-order"), { page: "api", rest: ["flash", "post-order"] });
});

test("no address and an unknown one are the overview", () => {
    for (const hash of ["", "#", "#/", "#/nowhere/at-all", "#main"])
        assert.deepEqual(read_route(hash), { page: "overview", rest: [] }, hash);
});

test("what was written is read back, whatever it holds", () => {
    const hash = write_route("api", "a/b", "100 %");

    assert.equal(hash, "#/api/a%2Fb/100%20%25");
    assert.deepEqual(read_route(hash), { page: "api", rest: ["a/b", "100 %"] });
});

test("a stray % typed by hand is left as it is", () => {
    assert.deepEqual(read_route("#/api/50%"), { page: "api", rest: ["50%"] });
});
