// What a visitor sees in the waiting room while waiting: pace, words, sold out, sizes, colours.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { answer_capacity, api, launch, open_tab, room_address, screenshot, shop, start_sale, until, waiting_room } from "./support.mjs";

const way_back = `${shop}/phone`;

async function tries(page) {
    return Number(await page.textContent("#tries"));
}

// Moves the page's clock just past its next try (further would run the try into its own timeout) and waits until that
// try is counted.
async function next_try(page) {
    const counted = await tries(page);
    await page.clock.runFor(1_000 * (await seconds_left(page)));
    await until("one more try", async () => (await tries(page)) > counted);
}

async function seconds_left(page) {
    return Number(/^(\d+) s$/.exec(await page.textContent("#countdown"))?.[1]);
}

async function without_sideways_scroll(page) {
    return page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth);
}

// Each test has a context of its own and no test uses up the limit, so some can run side by side.
describe("the waiting room", { concurrency: 4 }, () => {
    let browser;
    before(async () => {
        browser = await launch();
    });
    after(() => browser?.close());

    test("the page counts its tries, waits longer each time up to a limit, and speaks only when there is news", async () => {
        const page = await open_tab(browser);
        await answer_capacity(page, {});
        await page.clock.install();
        await page.goto(room_address({ return: way_back }));
        await page.clock.pauseAt(Date.now() + 3_600_000); // Runs the first try; from here the test moves the clock.
        await until("the first try", async () => (await tries(page)) > 0);
        await page.evaluate(() => {
            window.spoken = 0;
            new MutationObserver((changes) => (window.spoken += changes.length)).observe(
                document.querySelector("#message"),
                { childList: true, characterData: true, subtree: true },
            );
        });

        const pauses = [await seconds_left(page)];
        for (let n = 0; n < 6; ++n) {
            await next_try(page);
            pauses.push(await seconds_left(page));
        }

        assert.ok(pauses[0] >= 1 && pauses[0] <= 6, `${pauses}`);
        assert.ok(pauses.at(-1) >= 8 && pauses.at(-1) <= 12, `${pauses}`);
        assert.equal(await page.textContent("#message"), "No room yet.");
        assert.equal(await page.evaluate(() => window.spoken), 0);
        assert.deepEqual(page.faults, []);
        await page.context().close();
    });

    for (const [name, answer] of [
        ["the Retry-After header", { headers: { "retry-after": "40" } }],
        ["retryAfterMs in the answer", { body: { retryAfterMs: 40_000 } }],
        ["Retry-After of a refusal", { status: 503, headers: { "retry-after": "40" } }],
    ]) {
        test(`the page stays away as long as it is told by ${name}`, async () => {
            const page = await open_tab(browser);
            await answer_capacity(page, answer);

            await page.goto(room_address({ return: way_back }));
            await until("the first try", async () => (await tries(page)) === 1);

            const seconds = await seconds_left(page);
            assert.ok(seconds >= 38 && seconds <= 48, `${seconds}`);
            await page.context().close();
        });
    }

    test("a shop that cannot be reached is said calmly, and trying goes on until it is back", async () => {
        const page = await open_tab(browser);
        await page.route(`${api}/capacity`, (route) => route.abort());
        await page.goto(room_address({ return: way_back }));

        await page.getByText("The shop cannot be reached right now.").waitFor();
        await screenshot(page, "waiting-room-unreachable");
        await page.unroute(`${api}/capacity`);
        await answer_capacity(page, { body: { remaining: 5 } });

        await page.waitForURL(way_back);
        await page.context().close();
    });

    test("an answer that makes no sense counts as not reached", async () => {
        const page = await open_tab(browser);
        await page.route(`${api}/capacity`, (route) =>
            route.fulfill({ body: "<html>", headers: { "access-control-allow-origin": "*" } }),
        );

        await page.goto(room_address({ return: way_back }));

        await page.getByText("The shop cannot be reached right now.").waitFor();
        assert.deepEqual(page.faults, []);
        await page.context().close();
    });

    test("with the limiter off there is always room", async () => {
        const page = await open_tab(browser);
        await answer_capacity(page, { body: { limit: 0, remaining: -1 } });

        await page.goto(room_address({ return: way_back }));

        await page.waitForURL(way_back);
        await page.context().close();
    });

    test("sold out is shown, with and without script, and a sale that opens again lets the visitor go", async () => {
        await start_sale("sold-out-phone", 0);
        const address = room_address({ productId: "sold-out-phone", return: way_back });
        const plain = await open_tab(browser, { javaScriptEnabled: false });
        await plain.goto(address);
        await plain.getByText("Sold out.").waitFor();
        await plain.context().close();

        const page = await open_tab(browser);
        await page.goto(address);
        await page.getByText("Sold out for now.").waitFor();
        assert.equal(await page.getByText("Sold out.", { exact: true }).isVisible(), true);
        assert.match(await page.title(), /Sold out.*Waiting Room/);
        await screenshot(page, "waiting-room-sold-out");
        await start_sale("sold-out-phone", 3);

        await page.waitForURL(way_back);
        assert.deepEqual(page.faults, []);
        await page.context().close();
    });

    test("a product nobody put on sale is not called sold out", async () => {
        const page = await open_tab(browser);
        await answer_capacity(page, {});

        await page.goto(room_address({ productId: "never-heard-of", return: way_back }));
        await until("the first try", async () => (await tries(page)) === 1);

        assert.equal(await page.getByText("Sold out.", { exact: true }).isVisible(), false);
        await page.context().close();
    });

    test("without a product sold out is not claimed", async () => {
        const page = await open_tab(browser);
        await answer_capacity(page, {});

        await page.goto(room_address({ return: way_back }));
        await until("the first try", async () => (await tries(page)) === 1);

        assert.equal(await page.getByText("Sold out.", { exact: true }).isVisible(), false);
        await page.context().close();
    });

    for (const [device, viewport] of [
        ["narrow", { width: 320, height: 560 }],
        ["phone", { width: 390, height: 844 }],
        ["desktop", { width: 1280, height: 800 }],
    ]) {
        for (const colorScheme of ["light", "dark"]) {
            test(`the page fits a ${device} screen in ${colorScheme} colours`, async () => {
                const page = await open_tab(browser, { viewport, colorScheme, reducedMotion: "reduce" });
                await answer_capacity(page, {});

                await page.goto(room_address({ return: way_back }));
                await until("the first try", async () => (await tries(page)) === 1);

                assert.equal(await without_sideways_scroll(page), true);
                assert.equal(await page.getByRole("heading", { level: 1 }).isVisible(), true);
                assert.equal(await page.getByText("keeps no place in line").isVisible(), true);
                assert.equal(await page.getByText("Next try").isVisible(), true);
                assert.equal(await page.evaluate(() => document.getAnimations().length), 0);
                assert.deepEqual(page.faults, []);
                assert.deepEqual([...page.asked].sort(), [api, waiting_room].sort());
                await screenshot(page, `waiting-room-${device}-${colorScheme}`);
                await page.context().close();
            });
        }
    }

    test("without script the page shows no dead controls and still says what happens", async () => {
        const page = await open_tab(browser, { javaScriptEnabled: false });

        await page.goto(room_address({}));

        assert.match(await page.title(), /Waiting Room/);
        assert.equal(await page.getByText("Tries so far").isVisible(), false);
        assert.equal(await page.locator("button").isVisible(), false);
        await screenshot(page, "waiting-room-without-script");
        await page.context().close();
    });
});
