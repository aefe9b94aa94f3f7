import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "../load.mjs";

const { way_back } = await load(new URL("way_back.ts", import.meta.url));
const here = "http://rooms.example:4000/?productId=a";

test("the allowed return address comes before the referring page", () => {
    const target = way_back("https://shop.example/phone?x=1", "https://blog.example/", here);

    assert.equal(target, "https://shop.example/phone?x=1");
});

test("without a return address it is the referring page", () => {
    assert.equal(way_back("", "https://shop.example/", here), "https://shop.example/");
});

test("this page is never its own way back", () => {
    assert.equal(way_back("", "http://rooms.example:4000/?productId=b", here), undefined);
    assert.equal(way_back("", "http://rooms.example:4000/other", here), "http://rooms.example:4000/other");
});

test("only web addresses are followed", () => {
    for (const bad of ["", "/relative", "javascript:alert(1)", "data:text/html,x", "about:blank"])
        assert.equal(way_back(bad, bad, here), undefined, bad);
});
