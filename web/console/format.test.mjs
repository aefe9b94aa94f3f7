import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "../load.mjs";

const format = await load(new URL("format.ts", import.meta.url));

function says(name, table) {
    for (const [value, words] of table) assert.equal(format[name](value), words, `${name}(${value})`);
}

test("counts have their thousands apart", () => {
    says("count", [
        [0, "0"],
        [999, "999"],
        [1_234_567, "1,234,567"],
    ]);
    assert.equal(format.counted(1, "order"), "1 order");
    assert.equal(format.counted(0, "order"), "0 orders");
    assert.equal(format.counted(2, "match", "matches"), "2 matches");
});

test("rates are short, and a rare request is not called none", () => {
    says("rate", [
        [0, "0"],
        [0.01, "< 0.1"],
        [0.5, "0.5"],
        [9.96, "10"],
        [12.34, "12.3"],
        [99.96, "100"],
        [812.4, "812"],
        [120_000, "120,000"],
    ]);
});

test("shares are in percent, and a single failure among many is not called none", () => {
    says("share", [
        [0, "0 %"],
        [0.0004, "< 0.1 %"],
        [0.0123, "1.2 %"],
        [0.5, "50 %"],
        [1, "100 %"],
    ]);
});

test("milliseconds keep the digits that matter and become seconds when there are many", () => {
    says("milliseconds", [
        [0, "0 ms"],
        [0.004, "< 0.01 ms"],
        [0.123, "0.12 ms"],
        [1.94, "1.9 ms"],
        [42.25, "42.3 ms"],
        [999, "999 ms"],
        [1_500, "1.5 s"],
    ]);
});

test("bytes come in the largest unit that fits", () => {
    says("bytes", [
        [0, "0 B"],
        [1_023, "1,023 B"],
        [1_536, "1.5 KiB"],
        [37_000_000, "35.3 MiB"],
        [48e9, "44.7 GiB"],
        [2 ** 53, "8,192 TiB"],
    ]);
});

test("durations name their two largest units", () => {
    says("duration", [
        [0, "0 s"],
        [0.44, "0.4 s"],
        [9.99, "10 s"],
        [59.9, "59 s"],
        [60, "1 min"],
        [125, "2 min 5 s"],
        [3_600, "1 h"],
        [7_384, "2 h 3 min"],
        [86_400 * 3 + 3_600 * 4 + 59, "3 d 4 h"],
        [86_400 + 59, "1 d"],
    ]);
});

test("times are of this device's clock", () => {
    const time = new Date(2026, 10, 1, 9, 5, 7);

    assert.equal(format.clock(time), "09:05:07");
    assert.equal(format.date_and_clock(time), "2026-11-01 09:05:07");
});
