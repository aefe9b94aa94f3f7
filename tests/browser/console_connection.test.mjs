// A connection that is lost is said at once, keeps what was seen, and comes back by itself.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { open_tab } from "./browser.mjs";
import {
    axe_findings,
    cell,
    control,
    is_wider_than_the_screen,
    launch,
    open_console,
    operations,
    order,
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

// Chromium itself writes a line for every question that nobody answered; anything else is a fault of ours.
function faults_of_ours(page) {
    return page.faults.filter((line) => !/net::ERR_CONNECTION_(REFUSED|RESET)|ERR_EMPTY_RESPONSE/.test(line));
}

test("when the program is killed the page says so, keeps its values, and goes on when it is back", async () => {
    await start_sale("lasting", 5);
    assert.equal(await order("lasting"), 200);
    const page = await open_console(browser, "#/flash");
    const row = sale_row(page, "lasting");
    await shows(cell(row, "Left"), "4 of 5");

    await control("kill");
    const banner = page.getByRole("status").filter({ hasText: "Connection lost" });
    await banner.waitFor();
    assert.match(await page.title(), /^No connection/);
    assert.equal(await page.getAttribute("main", "data-stale"), "true");
    await shows(cell(row, "Left"), "4 of 5");
    assert.deepEqual(await axe_findings(page), []);
    await screenshot(page, "console-lost-desktop");
    await page.setViewportSize({ width: 360, height: 740 });
    assert.equal(await is_wider_than_the_screen(page), false);
    await screenshot(page, "console-lost-phone");
    await page.getByText(/Next try in \d+ s\./).waitFor();

    await control("launch");
    await page.getByText("Connected again.").waitFor();
    assert.equal(await page.getAttribute("main", "data-stale"), "false");
    assert.equal(await order("lasting"), 200);
    await shows(cell(row, "Left"), "3 of 5");
    await page.getByText("Connected again.").waitFor({ state: "hidden" });
    assert.deepEqual(faults_of_ours(page), []);
    await page.context().close();
});

test("the server's own reason is told, and Try now does not wait for the next try", async () => {
    const page = await open_tab(browser);
    let is_gone = true;
    await page.routeWebSocket("**/console/live", (socket) => socket.close({ code: 1013, reason: "too many watch already" }));
    await page.route("**/console/overview", (route) => (is_gone ? route.abort() : route.continue()));
    await page.goto(`${operations}/`);
    await page.getByText(/Next try in [5-9] s\./).waitFor(); // After several tries in vain.
    await page.getByText(/^Connection lost at [\d:]+\. What you see/).waitFor();

    is_gone = false;
    const asked = page.waitForResponse(`${operations}/console/overview`);
    await page.getByRole("button", { name: "Try now" }).click();

    assert.equal((await asked).status(), 200);
    await page.getByText("(too many watch already)").waitFor();
    await page.context().close();
});

test("a connection that falls silent counts as lost", async () => {
    const page = await open_tab(browser);
    let is_silent = false;
    await page.routeWebSocket("**/console/live", (socket) => {
        const server = socket.connectToServer();
        server.onMessage((message) => {
            if (!is_silent) socket.send(message);
        });
    });
    await page.goto(`${operations}/`);
    await page.getByText("Live", { exact: true }).waitFor();

    is_silent = true;
    await page.getByText("Connection lost").waitFor();
    is_silent = false;

    await page.getByText("Connected again.").waitFor();
    await until("live again", async () => (await page.textContent(".link-state")) === "Live");
    await page.context().close();
});
