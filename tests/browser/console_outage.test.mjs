// PostgreSQL fails and recovers while the console looks on.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
    axe_findings,
    cell,
    control,
    fact,
    launch,
    open_console,
    operations,
    orders,
    sale_row,
    screenshot,
    shows,
    start_sale,
} from "./console_support.mjs";

let browser;
before(async () => {
    browser = await launch();
});
after(() => browser?.close());

test("a database that fails is told in words, with the orders that wait for it, until it is back", async () => {
    await start_sale("patient", 100);
    const page = await open_console(browser);
    const flash = page.getByRole("listitem").filter({ hasText: "waiting room" });
    await shows(fact(page, "State"), "up");
    await shows(flash, "PostgreSQL");

    await control("stop_database");
    await shows(fact(page, "State"), "degraded");
    await shows(flash.locator("dd").filter({ has: page.locator(".state.bad") }), "down");
    assert.deepEqual(await axe_findings(page), []);
    await screenshot(page, "console-overview-database-down");

    assert.deepEqual(await orders("patient", 3), [200, 200, 200]);
    await page.goto(`${operations}/#/flash`);
    await shows(fact(page, "Backlog"), "3");
    await shows(fact(page, "Backlog"), "orders, for");
    await shows(fact(page, "Not confirmed"), "3");
    const late = page.getByRole("table", { name: "The oldest orders not confirmed" });
    await shows(late, "patient");
    assert.equal(await late.getByRole("rowheader").count(), 3);
    assert.deepEqual(await axe_findings(page), []);
    await screenshot(page, "console-flash-database-down");

    await control("start_database");
    await page.getByText("None: every accepted order reached the database in time.").waitFor();
    await shows(fact(page, "Backlog"), "no order waits");
    await shows(cell(sale_row(page, "patient"), "Left"), "97 of 100");
    await page.goto(`${operations}/#/overview`);
    await shows(fact(page, "State"), "up");
    assert.deepEqual(page.faults, []);
    await page.context().close();
});

test("what the database has not told yet is not known, which is not none", async () => {
    await control("kill");
    await control("stop_database");
    await control("launch", "alive");
    const page = await open_console(browser, "#/flash");
    await shows(fact(page, "Dead letters"), "not known");
    await page.getByText("Not known: the database could not be asked yet.").waitFor();
    assert.deepEqual(await axe_findings(page), []);

    await control("start_database");
    await page.getByText("None: every record of the order log could be written.").waitFor();
    await shows(fact(page, "Dead letters"), "0");
    assert.deepEqual(page.faults, []);
    await page.context().close();
});
