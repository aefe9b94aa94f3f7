import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "../load.mjs";

const { pause_ms } = await load(new URL("pause.ts", import.meta.url));

test("each pause is twice the one before, up to ten seconds", () => {
    const pauses = [0, 1, 2, 3, 4, 5, 6, 1_000].map((tries) => pause_ms(tries, 0.5));

    assert.deepEqual(pauses, [500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000, 10_000]);
});

test("chance makes a pause up to a fifth shorter or longer", () => {
    assert.equal(pause_ms(9, 0), 8_000);
    assert.equal(pause_ms(9, 1), 12_000);
});
