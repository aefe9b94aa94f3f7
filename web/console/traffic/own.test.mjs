import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "../../load.mjs";

const { own, sum } = await load(new URL("own.ts", import.meta.url));

const route = (service, requestsPerSecond, errorShare) => ({ service, requestsPerSecond, errorShare });

test("a service's routes are its own", () => {
    const routes = [route("flash", 1, 0), route("store", 2, 0), route("store", 3, 0)];
    assert.deepEqual(own(routes, "store"), routes.slice(1));
    assert.deepEqual(own(routes, "watch"), []);
});

test("routes are summed, their errors by how busy they are", () => {
    assert.deepEqual(sum([route("store", 30, 0), route("store", 10, 0.5)]), { requestsPerSecond: 40, errorShare: 0.125 });
});

test("nothing sums up to nothing", () => {
    assert.deepEqual(sum([]), { requestsPerSecond: 0, errorShare: 0 });
    assert.deepEqual(sum([route("store", 0, 0)]), { requestsPerSecond: 0, errorShare: 0 });
});
