// Every page of the console: for every size and colour, by keyboard only, and what each page does.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto"; // Not a global in Node 18.
import { after, before, describe, test } from "node:test";
import {
    api,
    axe_findings,
    cell,
    control,
    fact,
    focused,
    is_wider_than_the_screen,
    launch,
    open_console,
    operations,
    order,
    orders,
    sale_row,
    screenshot,
    shows,
    start_sale,
    tab_to,
    until,
} from "./console_support.mjs";

const pages = [
    ["overview", "#/overview", "Routes"],
    ["flash", "#/flash", "cannot be read"],
    ["store", "#/store", "souk serve store"],
    ["api", "#/api/flash/post-order", "Try it"],
    ["settings", "#/settings", "flash.rate_limit_rps"],
];

let browser;
before(async () => {
    browser = await launch();
});
after(() => browser?.close());

async function a_shop_with_a_past() {
    await start_sale("iphone-15", 100);
    await start_sale("console-pro", 3);
    await start_sale("a-product-with-a-rather-long-name-as-shops-sometimes-have-them", 25);
    await orders("iphone-15", 20);
    await orders("console-pro", 5);
    const key = randomUUID();
    await order("iphone-15", key);
    await order("iphone-15", key);
    await control("bury", 41, "the order id is no UUID: 1 2 3", "cannot be read");
}

test("before the first sale the page says what to do", async () => {
    const page = await open_console(browser, "#/flash");
    await page.getByText("Nothing is on sale yet.").waitFor();
    await page.getByText("souk flash init iphone-15 100").waitFor();
    assert.deepEqual(await axe_findings(page), []);
    await screenshot(page, "console-flash-empty");

    assert.deepEqual(page.faults, []);
    await page.context().close();
    await a_shop_with_a_past();
});

describe("every page", { concurrency: 4 }, () => {
    for (const [device, viewport] of [
        ["phone", { width: 360, height: 740 }],
        ["desktop", { width: 1280, height: 800 }],
    ])
        for (const colorScheme of ["light", "dark"])
            for (const [name, hash, landmark] of pages)
                test(`${name} fits a ${device} screen in ${colorScheme} colours, and axe finds nothing wrong`, async () => {
                    const page = await open_console(browser, hash, { viewport, colorScheme, reducedMotion: "reduce" });
                    await page.getByText(landmark, { exact: true }).first().waitFor();

                    assert.equal(await is_wider_than_the_screen(page), false);
                    assert.deepEqual(await axe_findings(page), []);
                    assert.equal(await page.evaluate(() => document.getAnimations().length), 0);
                    assert.deepEqual(page.faults, []);
                    assert.deepEqual([...page.asked], [operations]);
                    await screenshot(page, `console-${name}-${device}-${colorScheme}`);
                    await page.context().close();
                });
});

for (const width of [320, 768, 1057, 1440])
    test(`no page is wider than a screen of ${width} pixels`, async () => {
        const page = await open_console(browser, "", { viewport: { width, height: 800 } });
        for (const [name, hash, landmark] of pages) {
            await page.goto(`${operations}/${hash}`);
            await page.getByText(landmark, { exact: true }).first().waitFor();
            assert.equal(await is_wider_than_the_screen(page), false, name);
        }
        await page.context().close();
    });

test("the policy lets no foreign and no inline code run", async () => {
    const answer = await fetch(`${operations}/`);
    const policy = answer.headers.get("content-security-policy");
    const markup = await answer.text();

    assert.match(policy, /default-src 'none'/);
    assert.doesNotMatch(policy, /unsafe/);
    assert.doesNotMatch(markup, /<[^>]+\sstyle=/);
    assert.doesNotMatch(markup, /(src|href)="https?:/);
    assert.doesNotMatch(markup, /\{\{nonce\}\}/);
});

test("the overview names services, listeners, dependencies, version and data directory in words", async () => {
    const page = await open_console(browser);

    await shows(fact(page, "State"), "up");
    await shows(fact(page, "Memory"), "MiB");
    const service = page.getByRole("listitem").filter({ hasText: "waiting room" });
    await shows(service, new URL(api).port);
    await shows(service, "SQLite at");
    const program = page.getByRole("region", { name: "Program" });
    await shows(program, "development");
    await shows(program, "free on its disk");
    await page.getByRole("img", { name: /^Requests per second\. Line chart of the last \d+ seconds?\. Requests: now/ }).waitFor();
    assert.deepEqual(page.faults, []);
    await page.context().close();
});

test("a chart follows the pointer, and the colours of the screen", async () => {
    const page = await open_console(browser);
    const chart = page.getByRole("figure").filter({ hasText: "Memory" });
    const picture = () => chart.locator("canvas").evaluate((canvas) => canvas.toDataURL());
    const in_light = await picture();
    await page.emulateMedia({ colorScheme: "dark" });
    await until("another picture", async () => (await picture()) !== in_light);

    const { width } = await chart.locator(".u-over").boundingBox();
    await chart.locator(".u-over").hover({ position: { x: width - 4, y: 40 } });
    await until("the time pointed at", async () => /Memory, \d\d:\d\d:\d\d/.test(await chart.textContent()));
    assert.deepEqual(page.faults, []);
    await page.context().close();
});

test("orders over the limit are counted", async () => {
    const statuses = await Promise.all(Array.from({ length: 120 }, () => order("iphone-15")));
    assert.ok(statuses.includes(302));
    const page = await open_console(browser, "#/flash");

    await until("orders over the limit", async () => /[1-9]\d* since/.test(await fact(page, "Over limit").textContent()));
    assert.deepEqual(page.faults, []);
    await page.context().close();
});

test("the table of routes is sorted by the column that is asked for", async () => {
    const page = await open_console(browser);
    const table = page.getByRole("table", { name: "Traffic by route" });
    const names = () => table.getByRole("rowheader").allTextContents();
    await until("some routes", async () => (await names()).length > 1);

    await table.getByRole("button", { name: "Route" }).click();
    const ascending = await names();
    await table.getByRole("button", { name: "Route" }).click();

    assert.deepEqual(await names(), [...ascending].reverse());
    assert.equal(await table.getByRole("columnheader", { name: "Route" }).getAttribute("aria-sort"), "descending");
    assert.deepEqual(page.faults, []);
    await page.context().close();
});

test("an operation is tried against the running service and its answer shown in full", async () => {
    await start_sale("tried", 5);
    const page = await open_console(browser, "#/api/flash/post-order");
    await page.getByRole("heading", { name: "POST /order" }).waitFor();
    await page.getByLabel("Body", { exact: true }).fill('{"productId":"tried","userId":"me"}');

    await page.getByRole("button", { name: "Send POST /order" }).click();
    await page.getByText(/^Answer 200 after [\d.<]+ ?\S* m?s, \d+ B$/).waitFor();
    await page.getByText('"msg": "Order accepted"').waitFor();
    await page.getByText(/^Headers/).click();
    await page.getByText("x-order-id", { exact: true }).or(page.getByText("X-Order-Id", { exact: true })).waitFor();
    await page.getByRole("button", { name: "Send POST /order" }).click();
    await page.getByText('"msg": "Duplicate request"').waitFor(); // The same key as before.
    await screenshot(page, "console-api-tried");

    await page.getByRole("link", { name: "GET /inventory/{productId}" }).click();
    await until("the focus on the operation", () => page.evaluate(() => document.activeElement.matches("article h2")));
    await page.getByLabel("productId (path)").fill("tried");
    await page.keyboard.press("Enter");
    await page.getByText('"stock": 4').waitFor();
    await page.getByRole("link", { name: "GET /events" }).click();
    await page.getByText("This is a WebSocket").waitFor();

    assert.deepEqual(page.faults, []);
    await page.context().close();
});

test("every operation of the description has its page", async () => {
    const page = await open_console(browser, "#/api");
    const { paths } = await (await fetch(`${operations}/openapi/flash.json`)).json();
    const expected = Object.entries(paths).flatMap(([path, item]) => Object.keys(item).map((verb) => `${verb.toUpperCase()} ${path}`));
    const links = page.getByRole("navigation", { name: "Operations" }).getByRole("link");
    await links.first().waitFor();

    assert.deepEqual((await links.allTextContents()).sort(), expected.sort());
    for (const name of expected) {
        await page.getByRole("link", { name, exact: true }).click();
        await page.getByRole("heading", { name, exact: true }).waitFor();
    }
    assert.deepEqual(page.faults, []);
    await page.context().close();
});

test("settings are found by a filter and by being set", async () => {
    const page = await open_console(browser, "#/settings");
    const rows = page.getByRole("table", { name: "Settings" }).getByRole("rowheader");
    await page.getByLabel("Filter").fill("rate limit requests");
    await until("the filter's work", async () => (await rows.count()) < 5);
    assert.ok((await rows.allTextContents()).includes("flash.rate_limit_rps"));

    await page.getByLabel("Filter").fill("");
    await page.getByLabel("Only those that are set").check();
    await until("only those that are set", async () => !(await rows.allTextContents()).includes("souk.loops"));
    await page.getByText("environment FLASH_RATE_LIMIT_RPS").waitFor();

    await page.getByLabel("Filter").fill("no such thing");
    await page.getByText("No setting fits this filter.").waitFor();
    assert.deepEqual(page.faults, []);
    await page.context().close();
});

// Every stop of the Tab key on the page shown, each with what would be wrong with it.
async function stops(page) {
    const found = [];
    for (let n = 0; n < 200; ++n) {
        await page.keyboard.press("Tab");
        const stop = await page.evaluate(() => {
            const element = document.activeElement;
            if (!element || element === document.body) return undefined;
            const box = element.getBoundingClientRect();
            const below = element.closest("header, .skip") ? 0 : document.querySelector("header").getBoundingClientRect().bottom;
            const has_ring = getComputedStyle(element).outlineStyle !== "none";
            const is_in_sight = box.bottom > below && box.top < innerHeight && box.width > 0;
            const name = (element.textContent || element.id || element.tagName).trim();
            return { name, wrong: has_ring && is_in_sight ? "" : `${name}: ring ${has_ring}, in sight ${is_in_sight}` };
        });
        if (!stop) break;
        found.push(stop);
    }
    return found;
}

for (const [name, hash, landmark] of pages)
    test(`on ${name} every stop of the Tab key is seen`, async () => {
        const page = await open_console(browser, hash.split("/", 2).join("/")); // A chosen operation would take the focus.
        await page.getByText(landmark, { exact: true }).first().waitFor();

        const found = await stops(page);

        assert.deepEqual(
            found.slice(0, 6).map((stop) => stop.name),
            ["Skip to the page", "Overview", "flash", "store", "API", "Settings"],
        );
        assert.deepEqual(
            found.map((stop) => stop.wrong).filter(Boolean),
            [],
        );
        await page.context().close();
    });

test("a sale is started and reset by keyboard only", async () => {
    const page = await open_console(browser);
    await page.keyboard.press("Tab");
    assert.equal(await focused(page), "Skip to the page");
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement.id), "main");

    for (const _ of ["Settings", "API", "store", "flash"]) await page.keyboard.press("Shift+Tab");
    assert.equal(await focused(page), "flash");
    await page.keyboard.press("Enter");
    await until("the focus on the heading", async () => (await page.evaluate(() => document.activeElement.tagName)) === "H1");

    await page.keyboard.press("Tab");
    await page.keyboard.type("by-keyboard");
    await page.keyboard.press("Tab");
    await page.keyboard.type("7");
    await page.keyboard.press("Enter");
    await page.getByText("by-keyboard is on sale with 7 units.").waitFor();

    await tab_to(page, sale_row(page, "by-keyboard").getByRole("button"));
    await page.keyboard.press("Enter");
    assert.equal(await focused(page), "quantity");
    await page.keyboard.press("Control+A");
    await page.keyboard.type("9");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog", { name: "Reset the sale of by-keyboard?" }).waitFor();
    assert.equal(await focused(page), "Keep the sale");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await shows(cell(sale_row(page, "by-keyboard"), "Left"), "9 of 9");
    assert.equal(await focused(page), "quantity");
    assert.deepEqual(page.faults, []);
    await page.context().close();
});
