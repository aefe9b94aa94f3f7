import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "../../load.mjs";

const openapi = await load(new URL("openapi.ts", import.meta.url));

const order = {
    type: "object",
    properties: {
        productId: { type: "string", minLength: 1, maxLength: 128, description: "product to buy" },
        many: { type: "integer", minimum: 0, maximum: 5 },
        lines: { type: "array", items: { type: "object", properties: { id: { type: "string" } }, required: ["id"] } },
    },
    required: ["productId"],
};

const document = {
    openapi: "3.1.0",
    info: { title: "Souk flash", version: "0.1.0", summary: "Orders" },
    paths: {
        "/order/{orderId}": {
            post: {
                summary: "Buy",
                "x-listener": "api",
                security: [{ bearer: [] }],
                parameters: [
                    { name: "orderId", in: "path", required: true, schema: { type: "string" } },
                    { name: "colour", in: "query", schema: { enum: ["red", "blue"] }, description: "which" },
                ],
                requestBody: { content: { "application/json": { schema: order } } },
                responses: { default: { description: "refused" }, 200: { description: "fine" }, 400: {} },
            },
        },
        "/": { get: { summary: "The room", "x-listener": "waiting room", responses: { 200: {} } } },
    },
};

const description = openapi.read_document(document);
const [buy, room] = description.operations;

test("a document is taken apart into its operations", () => {
    assert.equal(description.title, "Souk flash");
    assert.deepEqual(
        description.operations.map(({ key, method, path, listener, needs_token }) => [key, method, path, listener, needs_token]),
        [
            ["post-order-orderId", "POST", "/order/{orderId}", "api", true],
            ["get", "GET", "/", "waiting room", false],
        ],
    );
    assert.deepEqual(
        buy.answers.map((answer) => answer.status),
        ["200", "400", "default"],
    );
    assert.deepEqual([room.parameters, room.body], [[], undefined]);
});

test("operations are grouped by the listener they are reached on", () => {
    assert.deepEqual(openapi.by_listener(description.operations), [
        ["api", [buy]],
        ["waiting room", [room]],
    ]);
});

test("the fields of a body are listed with their type in words, those inside others under both names", () => {
    assert.deepEqual(
        openapi.fields(buy.body.schema).map(({ name, type, required }) => [name, type, required]),
        [
            ["productId", "string, 1 to 128 characters", true],
            ["many", "integer, 0 to 5", false],
            ["lines", "list of object", false],
            ["lines[].id", "string", true],
        ],
    );
    assert.equal(openapi.type_in_words(buy.parameters[1].schema), "one of red, blue");
    assert.equal(openapi.type_in_words({ type: "string", format: "uuid" }), "string (uuid)");
    assert.equal(openapi.type_in_words({ type: "integer", minimum: 1_000 }), "integer, at least 1,000");
    assert.equal(openapi.type_in_words({}), "anything");
});

test("an example fits the schema, and what the schema gives itself comes first", () => {
    assert.deepEqual(openapi.example(order), { productId: "example", many: 1, lines: [{ id: "example" }] });
    assert.equal(openapi.example({ type: "integer", maximum: 0 }), 0);
    assert.equal(openapi.example({ enum: ["red", "blue"] }), "red");
    assert.equal(openapi.example({ type: "string", example: "iphone-15" }), "iphone-15");
    assert.equal(openapi.example({ anyOf: [{ type: "boolean" }, { type: "string" }] }), true);
    assert.equal(openapi.example(undefined), undefined);
});

test("the path of a try has its values escaped and no empty query", () => {
    assert.equal(openapi.filled_path(buy, { "path orderId": "a/b c" }), "/order/a%2Fb%20c");
    assert.equal(openapi.filled_path(buy, { "path orderId": "1", "query colour": "r&b" }), "/order/1?colour=r%26b");
    assert.equal(openapi.filled_path(buy, {}), "/order/");
});

test("JSON is shown indented, anything else as it came", () => {
    assert.equal(openapi.pretty('{"a":1}'), '{\n  "a": 1\n}');
    assert.equal(openapi.pretty("<html>"), "<html>");
});
