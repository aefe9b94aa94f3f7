import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "../load.mjs";

const { extended, summary } = await load(new URL("history.ts", import.meta.url));

const old = { seconds: [10, 11, 12], accepted: [1, 2, 3] };

test("a newer sample comes after the others, and the old history stays as it was", () => {
    const longer = extended(old, { seconds: [13], accepted: [4] });

    assert.deepEqual(longer, { seconds: [10, 11, 12, 13], accepted: [1, 2, 3, 4] });
    assert.deepEqual(old, { seconds: [10, 11, 12], accepted: [1, 2, 3] });
});

test("a second that comes again replaces the earlier one", () => {
    assert.deepEqual(extended(old, { seconds: [12], accepted: [9] }), { seconds: [10, 11, 12], accepted: [1, 2, 9] });
});

test("what has become too old is dropped, also after a gap", () => {
    assert.deepEqual(extended(old, { seconds: [13], accepted: [4] }, 3), { seconds: [11, 12, 13], accepted: [2, 3, 4] });
    assert.deepEqual(extended(old, { seconds: [99], accepted: [4] }, 3), { seconds: [99], accepted: [4] });
});

test("a clock that was set back forgets the seconds that have not come yet", () => {
    assert.deepEqual(extended(old, { seconds: [11], accepted: [7] }), { seconds: [10, 11], accepted: [1, 7] });
});

test("nothing new changes nothing", () => {
    assert.equal(extended(old, { seconds: [], accepted: [] }), old);
});

test("a line is summed up as its newest, lowest and highest value", () => {
    assert.deepEqual(summary([4, 1, 9, 2]), { now: 2, lowest: 1, highest: 9 });
    assert.equal(summary([]), undefined);
});
