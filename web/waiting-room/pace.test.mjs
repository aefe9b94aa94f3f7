import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "../load.mjs";

const pace = await load(new URL("pace.ts", import.meta.url));

test("the first wait is between one and three seconds", () => {
    assert.equal(pace.first_wait_ms(0), 1_000);
    assert.equal(pace.first_wait_ms(0.5), 2_000);
    assert.equal(pace.first_wait_ms(1), 3_000);
});

test("each step is half as long again, up to ten seconds", () => {
    const steps = [2_000];
    for (let n = 0; n < 6; ++n) steps.push(pace.longer(steps.at(-1)));

    assert.deepEqual(steps, [2_000, 3_000, 4_500, 6_750, 10_000, 10_000, 10_000]);
});

test("chance makes a wait up to a fifth shorter or longer", () => {
    assert.equal(pace.wait_ms(10_000, 0, 0), 8_000);
    assert.equal(pace.wait_ms(10_000, 0, 0.5), 10_000);
    assert.equal(pace.wait_ms(10_000, 0, 1), 12_000);
});

test("a longer wait asked for by the server wins and is never shortened", () => {
    assert.equal(pace.wait_ms(3_000, 20_000, 0), 20_000);
    assert.equal(pace.wait_ms(3_000, 20_000, 1), 24_000);
    assert.equal(pace.wait_ms(3_000, 1_000, 0.5), 3_000);
    assert.equal(pace.wait_ms(3_000, 1e12, 0), pace.asked_max_ms);
});

test("Retry-After is read as seconds or as a date, and nonsense is ignored", () => {
    const now_ms = Date.parse("2024-01-14T12:00:00Z");

    assert.equal(pace.retry_after_ms("7", now_ms), 7_000);
    assert.equal(pace.retry_after_ms("Sun, 14 Jan 2024 12:00:30 GMT", now_ms), 30_000);
    for (const useless of [null, "", "soon", "-5", "0", "Sun, 14 Jan 2024 11:00:00 GMT"])
        assert.equal(pace.retry_after_ms(useless, now_ms), 0, String(useless));
});
