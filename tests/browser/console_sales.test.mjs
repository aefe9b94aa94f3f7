// The flash page: a sale as it moves, starting and resetting one, dead letters.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto"; // Not a global in Node 18.
import { after, before, test } from "node:test";
import {
    axe_findings,
    cell,
    control,
    fact,
    focused,
    launch,
    open_console,
    order,
    orders,
    sale_row,
    screenshot,
    shows,
    start_sale,
    until,
} from "./console_support.mjs";

let browser;
before(async () => {
    browser = await launch();
});
after(() => browser?.close());

function product_field(page) {
    return page.getByLabel("Product", { exact: true });
}

function units_field(page) {
    return page.getByLabel("Units", { exact: true });
}

test("a sale is seen moving while orders come in", async () => {
    await start_sale("moving", 10);
    const page = await open_console(browser, "#/flash");
    const row = sale_row(page, "moving");
    await shows(cell(row, "Left"), "10 of 10");

    await orders("moving", 4);
    await shows(cell(row, "Left"), "6 of 10");
    await shows(cell(row, "Accepted"), "4");
    assert.equal(await page.getByRole("meter", { name: "Units left of moving" }).evaluate((meter) => meter.value), 6);

    const key = randomUUID();
    assert.deepEqual([await order("moving", key), await order("moving", key)], [200, 200]);
    await shows(cell(row, "Duplicates"), "1");

    const statuses = await orders("moving", 7);
    assert.deepEqual(statuses.slice(-2), [409, 409]);
    await shows(cell(row, "Left"), "0 of 10 · sold out");
    await shows(cell(row, "Sold out"), "2");
    await shows(fact(page, "Accepted"), "10 since start");
    await shows(fact(page, "Backlog"), "no order waits");
    assert.deepEqual(page.faults, []);
    await page.context().close();
});

test("orders per second are seen while they last", async () => {
    await start_sale("busy", 1_000_000);
    const page = await open_console(browser, "#/flash");
    let is_over = false;
    const crowd = (async () => {
        while (!is_over) await order("busy");
    })();

    await until("a rate", async () => /[1-9]/.test(await fact(page, "Accepted").locator(".value").textContent()));
    await until("a rate of the sale", async () => /[1-9]/.test(await cell(sale_row(page, "busy"), "Accepted/s").textContent()));
    is_over = true;
    await crowd;

    assert.deepEqual(page.faults, []);
    await page.context().close();
});

test("a sale is started by the form, and what was typed wrong is said next to its field", async () => {
    const page = await open_console(browser, "#/flash");
    await page.getByRole("button", { name: "Start sale" }).click();
    await page.getByText("Name the product, for example iphone-15.").waitFor();
    assert.equal(await focused(page), "product");

    await product_field(page).fill("two words");
    await units_field(page).fill("1.5");
    await page.keyboard.press("Enter");
    await page.getByText("without spaces and quotes").waitFor();
    await page.getByText("A whole number, for example 100.").waitFor();
    assert.equal(await product_field(page).getAttribute("aria-invalid"), "true");
    assert.deepEqual(await axe_findings(page), []);
    await screenshot(page, "console-flash-mistakes");

    await product_field(page).fill("by-form");
    await units_field(page).fill("12");
    await page.getByRole("button", { name: "Start sale" }).click();

    await page.getByText("by-form is on sale with 12 units.").waitFor();
    await shows(cell(sale_row(page, "by-form"), "Left"), "12 of 12");
    assert.equal(await order("by-form"), 200);
    assert.deepEqual(page.faults, []);
    await page.context().close();
});

test("a reset is asked about first, and only a yes resets", async () => {
    await start_sale("kept", 5);
    await orders("kept", 2);
    const page = await open_console(browser, "#/flash");
    const row = sale_row(page, "kept");
    await shows(cell(row, "Left"), "3 of 5");
    await row.getByRole("button", { name: "Reset… the sale of kept" }).click();
    await units_field(page).fill("50");
    await page.getByRole("button", { name: "Reset sale…" }).click();

    const dialog = page.getByRole("dialog", { name: "Reset the sale of kept?" });
    await dialog.waitFor();
    await shows(dialog, "has 3 units left and has accepted 2 orders");
    await shows(dialog, "begins a new sale with 50 units");
    assert.deepEqual(await axe_findings(page), []);
    await screenshot(page, "console-flash-reset");
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    assert.equal(await focused(page), "Reset sale…");
    await shows(cell(row, "Left"), "3 of 5");

    await page.keyboard.press("Enter");
    await dialog.getByRole("button", { name: "Reset the sale" }).click();
    await page.getByText("kept is on sale with 50 units.").waitFor();
    await shows(cell(row, "Left"), "50 of 50");
    await shows(cell(row, "Sale"), "no. 2");
    assert.deepEqual(page.faults, []);
    await page.context().close();
});

test("a sale without a recent change is not listed, and its reset is asked about all the same", async () => {
    for (let n = 0; n <= 200; ++n) await start_sale(`many-${n}`, 1);
    const page = await open_console(browser, "#/flash");
    await page.getByText("without a recent change").waitFor();
    assert.equal(await sale_row(page, "many-0").count(), 0);

    await product_field(page).fill("many-0");
    await units_field(page).fill("2");
    await page.getByRole("button", { name: "Start sale" }).click();
    await page.getByRole("dialog", { name: "Reset the sale of many-0?" }).waitFor();
    await page.getByRole("button", { name: "Keep the sale" }).click();

    await product_field(page).fill("never-sold");
    await page.keyboard.press("Enter");
    await page.getByText("never-sold is on sale with 2 units.").waitFor();
    assert.deepEqual(page.faults, []);
    await page.context().close();
});

test("what the server refuses is said where it happened", async () => {
    const page = await open_console(browser, "#/flash");
    await page.route("**/flash/sales", (route) =>
        route.fulfill({ status: 503, contentType: "application/json", body: '{"error":"The database does not answer."}' }),
    );
    await product_field(page).fill("refused");
    await units_field(page).fill("1");
    await page.keyboard.press("Enter");

    await page.getByRole("alert").filter({ hasText: "The database does not answer." }).waitFor();
    assert.equal(await product_field(page).inputValue(), "refused");
    await page.context().close();
});

const id = "01890000-0000-7000-8000-000000000001";

test("dead letters are shown with their reason and tried again", async () => {
    await start_sale("buried", 5);
    await control("bury", 41, `order ${id} product buried user somebody key k-1 epoch 1 accepted_at 1700000000000`, "the database refused it");
    await control("bury", 42, "the order id is no UUID: 1 2 3", "cannot be read");
    const page = await open_console(browser, "#/flash");
    const table = page.getByRole("table", { name: "Dead letters" });
    const readable = table.getByRole("row").filter({ hasText: "the database refused it" });
    const unreadable = table.getByRole("row").filter({ hasText: "cannot be read" });
    await readable.waitFor();
    await unreadable.getByText("Show").click();
    await unreadable.getByText("the order id is no UUID: 1 2 3").waitFor();
    await shows(fact(page, "Dead letters"), "2");
    assert.deepEqual(await axe_findings(page), []);
    await screenshot(page, "console-flash-dead-letters");

    await unreadable.getByRole("button", { name: "Retry position 42" }).click();
    await page.getByRole("alert").filter({ hasText: "Position 42 still cannot be read" }).waitFor();
    await readable.getByRole("button", { name: "Retry position 41" }).click();
    await page.getByText("Position 41 is written to the database.").waitFor();

    await readable.waitFor({ state: "detached" });
    await shows(fact(page, "Dead letters"), "1");
    assert.deepEqual(page.faults, []);
    await page.context().close();
});
