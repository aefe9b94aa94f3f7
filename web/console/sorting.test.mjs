import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "../load.mjs";

const { sorted } = await load(new URL("sorting.ts", import.meta.url));

const value = (row) => row;

test("numbers are sorted by size, either way", () => {
    assert.deepEqual(sorted([2, 10, 1], value, "ascending"), [1, 2, 10]);
    assert.deepEqual(sorted([2, 10, 1], value, "descending"), [10, 2, 1]);
});

test("names are sorted as people do, with their numbers by size", () => {
    assert.deepEqual(sorted(["/b", "/a10", "/a9"], value, "ascending"), ["/a9", "/a10", "/b"]);
});

test("rows without a value stay last either way", () => {
    assert.deepEqual(sorted([null, 2, null, 1], value, "ascending"), [1, 2, null, null]);
    assert.deepEqual(sorted([null, 2, null, 1], value, "descending"), [2, 1, null, null]);
});

test("equal rows keep their order, and the rows given are not touched", () => {
    const rows = [
        { id: "x", size: 1 },
        { id: "y", size: 1 },
    ];

    assert.deepEqual(
        sorted(rows, (row) => row.size, "descending").map((row) => row.id),
        ["x", "y"],
    );
    assert.notEqual(sorted(rows, (row) => row.size, "descending"), rows);
});
