import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "../../load.mjs";

const { product_mistake, quantity_mistake } = await load(new URL("sale_rules.ts", import.meta.url));

test("a product id is visible ASCII without spaces and quotes", () => {
    for (const fine of ["iphone-15", "x", "A.b_c/d~!#[]", "y".repeat(128)]) assert.equal(product_mistake(fine), "", fine);
    for (const wrong of ["", "two words", 'a"b', "a'b", "a`b", "größe", "tab\t", "y".repeat(129)])
        assert.notEqual(product_mistake(wrong), "", wrong);
});

test("a quantity is a whole number that the service takes", () => {
    for (const fine of ["0", "100", " 7 ", "2147483647"]) assert.equal(quantity_mistake(fine), "", fine);
    for (const wrong of ["", "  ", "-1", "1.5", "1e3", "many", "2147483648", "0x10"])
        assert.notEqual(quantity_mistake(wrong), "", wrong);
});
