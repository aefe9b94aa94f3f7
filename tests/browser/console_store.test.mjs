// The store page: its traffic, lists from the cache, and messages of the contact form that were given up.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { needed } from "./browser.mjs";
import {
    api,
    axe_findings,
    cell,
    control,
    fact,
    is_wider_than_the_screen,
    launch,
    open_console,
    operations,
    screenshot,
    shows,
    tab_to,
    until,
} from "./console_support.mjs";

let browser;
before(async () => {
    browser = await launch();
});
after(() => browser?.close());

async function post(path, body, headers = {}) {
    const answer = await fetch(`${api}${path}`, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify(body),
    });
    assert.equal(answer.status, 201, await answer.text());
}

function add_product(name) {
    const product = { name, price: 1200, description: "", category: "Kitchen", stock: 3, image_url: "" };
    return post("/api/product", product, { authorization: `Bearer ${needed("PAGES_CALLER")}` });
}

function write_to_the_shop(number, subject) {
    const message = { name: `Visitor ${number}`, email: `visitor-${number}@example.com`, subject, message: "Hello" };
    return post("/api/contact", message, { "x-forwarded-for": `192.0.2.${number}` });
}

async function ask_for_list() {
    const answer = await fetch(`${api}/api/product`);
    assert.equal(answer.status, 200, await answer.text());
}

function row_of(page, number) {
    return page
        .getByRole("table", { name: "Messages given up" })
        .getByRole("row")
        .filter({ hasText: `visitor-${number}@example.com` });
}

test("a shop where nothing happened yet says so", async () => {
    const page = await open_console(browser, "#/store");
    await shows(fact(page, "Shop"), "open");
    await shows(fact(page, "Lists from the cache"), "none yet");
    await page.getByText("None: every message of the contact form").waitFor();
    assert.deepEqual(await axe_findings(page), []);
    assert.deepEqual(page.faults, []);
    await page.context().close();
});

test("lists from the cache and new products are counted", async () => {
    const page = await open_console(browser, "#/store");
    await add_product("Mug");
    await ask_for_list();
    await ask_for_list();
    await ask_for_list();

    await shows(fact(page, "Lists from the cache"), "2 of 3 since start");
    await shows(fact(page, "Products"), "1 added since start");
    assert.deepEqual(page.faults, []);
    await page.context().close();
});

// Asks again and again until it is told to stop; then nothing is under way any more.
function traffic(ask) {
    let is_wanted = true;
    const going_on = (async () => {
        while (is_wanted) await ask();
    })();
    return async () => {
        is_wanted = false;
        await going_on;
    };
}

function route_row(page, route) {
    const name = page.getByRole("rowheader", { name: route, exact: true });
    return page.getByRole("table", { name: "Traffic by route" }).getByRole("row").filter({ has: name });
}

const number_in = async (locator) => Number.parseFloat((await locator.textContent()).replaceAll(",", ""));

test("requests, errors and latencies of each route move with the traffic", async () => {
    const page = await open_console(browser, "#/store");
    const lists = route_row(page, "GET /api/product");
    const stop = traffic(ask_for_list);
    await until("lists by the second", async () => (await number_in(cell(lists, "Requests/s"))) > 5);
    await until("requests by the second", async () => (await number_in(fact(page, "Requests").locator(".value"))) > 5);
    for (const quantile of ["p50", "p99"]) assert.match(await cell(lists, quantile).textContent(), /\d m?s$/);
    await shows(cell(lists, "Errors"), "0 %");
    await stop();

    const uploads = route_row(page, "GET /api/cdn-auth"); // Its key is not set: 500.
    const headers = { authorization: `Bearer ${needed("PAGES_CALLER")}` };
    const stop_uploads = traffic(async () => assert.equal((await fetch(`${api}/api/cdn-auth`, { headers })).status, 500));
    await shows(cell(uploads, "Errors"), "100 %");
    await until("a bad share of errors", () => fact(page, "Errors").evaluate((element) => element.classList.contains("bad")));
    await stop_uploads();

    await until("the end of the traffic", async () => (await number_in(cell(lists, "Requests/s"))) === 0);
    await shows(cell(lists, "p50"), "no requests in the last 10 seconds");
    const names = await page.getByRole("table", { name: "Traffic by route" }).getByRole("rowheader").allTextContents();
    assert.deepEqual(
        names.filter((name) => name.includes("/console")),
        [],
    );
    assert.deepEqual(page.faults, []);
    await page.context().close();
});

describe("with messages that were given up", () => {
    before(async () => {
        for (const [number, subject] of [
            [1, "Opening hours"],
            [2, "A rather long subject, as people sometimes write when they want all to be said at the beginning"],
            [3, ""],
        ])
            await write_to_the_shop(number, subject);
        await control("give_up_all");
    });

    for (const [device, viewport] of [
        ["phone", { width: 360, height: 740 }],
        ["desktop", { width: 1280, height: 800 }],
    ])
        for (const colorScheme of ["light", "dark"])
            test(`the page fits a ${device} screen in ${colorScheme} colours, and axe finds nothing wrong`, async () => {
                const page = await open_console(browser, "#/store", { viewport, colorScheme, reducedMotion: "reduce" });
                await row_of(page, 1).waitFor();

                assert.equal(await is_wider_than_the_screen(page), false);
                assert.deepEqual(await axe_findings(page), []);
                assert.deepEqual(page.faults, []);
                assert.deepEqual([...page.asked], [operations]);
                await screenshot(page, `console-store-${device}-${colorScheme}`);
                await page.context().close();
            });

    test("each is shown with its reason, and sent again by keyboard", async () => {
        const page = await open_console(browser, "#/store");
        const row = row_of(page, 1);
        await shows(row, "the mail server refused it");
        await shows(fact(page, "Messages given up"), "3");

        await tab_to(page, row.getByRole("button", { name: "Resend message" }));
        await page.keyboard.press("Enter");
        await page.getByText("1 message on the way again.").waitFor();
        await row.waitFor({ state: "detached" });
        await shows(fact(page, "Messages given up"), "2");

        await page.getByRole("button", { name: "Resend all" }).click();
        await page.getByText("2 messages on the way again.").waitFor();
        await page.getByText("None: every message of the contact form").waitFor();
        await shows(fact(page, "Messages on their way"), "3 forwarded");
        assert.deepEqual(page.faults, []);
        await page.context().close();
    });
});

test("what the server refuses is said where it happened", async () => {
    await control("give_up_all");
    const page = await open_console(browser, "#/store");
    await page.route("**/store/contacts/resend", (route) =>
        route.fulfill({ status: 503, contentType: "application/json", body: '{"error":"The database does not answer."}' }),
    );
    await page.getByRole("button", { name: "Resend all" }).click();

    await page.getByRole("alert").filter({ hasText: "The database does not answer." }).waitFor();
    await page.context().close();
});

test("a service that does not run here says how to start it", async () => {
    const page = await open_console(browser, "#/flash");
    await page.getByText("souk serve flash").waitFor();
    assert.deepEqual(page.faults, []);
    await page.context().close();
});
