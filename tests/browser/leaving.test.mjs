// How a visitor gets out of the waiting room, and where to: against the real server, its limiter and its allow list.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { api, launch, open_tab, room_address, rush, shop, start_sale, stranger, until, waiting_room } from "./support.mjs";

const way_back = `${shop}/phone?colour=red&size=1`;

// The address a page without script goes to next, and after how many seconds.
function refresh_of(markup) {
    const found = /<meta http-equiv="refresh" content="(\d+);\s*url=([^"]*)"/i.exec(markup);
    assert.ok(found, "the page has no refresh directive");
    const target = found[2].replace(/&amp;/g, "&").replace(/&#39;|&apos;/g, "'").replace(/&quot;/g, '"');
    return { seconds: Number(found[1]), url: new URL(target, `${waiting_room}/`) };
}

let browser;
before(async () => {
    browser = await launch();
    await start_sale("phone", 1_000_000);
});
after(() => browser?.close());

test("with script the page waits while the shop is full and leaves by itself when there is room", async () => {
    const page = await open_tab(browser);
    const crowd = await rush("phone");
    try {
        const refused = page.waitForResponse(
            async (answer) => answer.url() === `${api}/capacity` && (await answer.json()).remaining === 0,
        );
        await page.goto(room_address({ return: way_back }));
        await refused;
        await until("the first try is counted", async () => (await page.textContent("#tries")) !== "0");
        assert.equal(await page.textContent("#message"), "No room yet.");
    } finally {
        await crowd.stop();
    }

    await page.waitForURL(way_back);

    assert.deepEqual(page.faults, []);
    assert.deepEqual([...page.asked].sort(), [api, shop, waiting_room].sort());
    await page.context().close();
});

test("without script the page asks again by itself and leaves when there is room", async () => {
    const page = await open_tab(browser, { javaScriptEnabled: false });
    const crowd = await rush("phone");
    try {
        await page.goto(room_address({ return: way_back }));
        const { seconds, url } = refresh_of(await (await fetch(room_address({ return: way_back }))).text());
        assert.equal(seconds, 5);
        assert.equal(url.searchParams.get("return"), way_back);
    } finally {
        await crowd.stop();
    }

    await page.waitForURL(way_back);

    assert.deepEqual([...page.asked].sort(), [shop, waiting_room].sort());
    await page.context().close();
});

test("a return address that is not allowed is never followed", async () => {
    const address = room_address({ return: `${stranger}/phone` });
    const page = await open_tab(browser);

    await page.goto(address);
    await page.getByRole("button", { name: "Continue" }).waitFor();

    assert.equal(page.asked.has(stranger), false);
    assert.equal(await page.getAttribute("main", "data-return"), "");
    const markup = await (await fetch(address)).text();
    assert.equal(refresh_of(markup).url.origin, waiting_room);
    await page.context().close();
});

test("tricks with the allowed address do not lead elsewhere", async () => {
    const host = new URL(shop).host;
    const tricks = [
        `http://${host}@${new URL(stranger).host}/`,
        `${shop}.evil.example/`,
        `//${new URL(stranger).host}/`,
        "javascript:alert(1)",
        `data:text/html,${shop}`,
        `${shop}"><script>alert(1)</script>`,
        `${shop}/;url=${stranger}`,
    ];
    const follow = async (trick) => {
        const page = await open_tab(browser);
        await page.goto(room_address({ return: trick }));
        await until(`an end to ${trick}`, async () => {
            const is_elsewhere = !page.url().startsWith(waiting_room);
            return is_elsewhere || page.getByRole("button", { name: "Continue" }).isVisible();
        });

        assert.equal(page.asked.has(stranger), false, trick);
        assert.ok([waiting_room, shop].includes(new URL(page.url()).origin), `${trick} led to ${page.url()}`);
        assert.deepEqual(page.faults, [], trick);
        await page.context().close();
    };
    await Promise.all(tricks.map(follow));
});

test("without a return address the visitor goes back to the page that sent them", async () => {
    const page = await open_tab(browser);
    await page.goto(`${shop}/listing`);

    await page.getByRole("link", { name: "Waiting room" }).click();
    await page.waitForURL(`${waiting_room}/`);
    await page.waitForURL(`${shop}/`);

    assert.deepEqual(page.faults, []);
    await page.context().close();
});

test("with nowhere to go a Continue button is reached by keyboard and goes one page back", async () => {
    const page = await open_tab(browser);
    await page.goto(`${shop}/listing`);
    await page.goto(`${waiting_room}/`); // Typed addresses have no referring page.
    const button = page.getByRole("button", { name: "Continue" });
    await button.waitFor();
    assert.equal(await page.textContent("#message"), "There is room now.");
    assert.match(await page.title(), /Waiting Room/);

    await page.keyboard.press("Tab");
    assert.equal(await button.evaluate((element) => element === document.activeElement), true);
    assert.notEqual(await button.evaluate((element) => getComputedStyle(element).outlineStyle), "none");
    await page.keyboard.press("Enter");

    await page.waitForURL(`${shop}/listing`);
    assert.deepEqual(page.faults, []);
    await page.context().close();
});

test("Continue in a tab with no page before says what to do", async () => {
    const context = await browser.newContext();
    const opener = await context.newPage();
    const opened = context.waitForEvent("page");
    await opener.evaluate((url) => window.open(url, "_blank", "noopener,noreferrer"), `${waiting_room}/`);
    const page = await opened;

    await page.getByRole("button", { name: "Continue" }).click();

    assert.match(await page.textContent("#message"), /open the shop again/);
    await context.close();
});
