// Getting in with the admin token, and out again.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { open_tab } from "./browser.mjs";
import { axe_findings, control, is_wider_than_the_screen, launch, operations, screenshot, token } from "./console_support.mjs";

let browser;
before(async () => {
    browser = await launch();
});
after(() => browser?.close());

async function sign_in(page, with_token) {
    await page.getByLabel("Admin token").fill(with_token);
    await page.keyboard.press("Enter");
}

async function signed_in(hash = "") {
    const page = await open_tab(browser);
    await page.goto(`${operations}/${hash}`);
    await sign_in(page, token);
    await page.getByText("Live", { exact: true }).waitFor();
    return page;
}

test("without a session there is only the form, which says what was wrong next to the field", async () => {
    for (const colorScheme of ["light", "dark"]) {
        const page = await open_tab(browser, { colorScheme, viewport: { width: 360, height: 740 } });
        await page.goto(`${operations}/`);
        assert.equal(new URL(page.url()).pathname, "/login");
        assert.deepEqual(await axe_findings(page), []);
        assert.deepEqual(page.faults, []);
        await screenshot(page, `console-login-${colorScheme}`);

        await sign_in(page, "a wrong one");
        await page.getByRole("alert").filter({ hasText: "This is not the admin token." }).waitFor();
        assert.equal(await page.getByLabel("Admin token").getAttribute("aria-invalid"), "true");
        assert.equal(await is_wider_than_the_screen(page), false);
        assert.deepEqual(await axe_findings(page), []);
        await screenshot(page, `console-login-wrong-${colorScheme}`);
        await page.context().close();
    }
});

test("with the right token the console is live, in a session that no script can read", async () => {
    const page = await signed_in();
    const [cookie] = await page.context().cookies();

    assert.equal(new URL(page.url()).pathname, "/");
    assert.deepEqual([cookie.name, cookie.httpOnly, cookie.sameSite], ["souk_session", true, "Strict"]);
    assert.equal(await page.evaluate(() => document.cookie), "");
    assert.deepEqual(page.faults, []);
    await page.context().close();
});

test("settings never show a secret", async () => {
    const page = await signed_in();
    await page.goto(`${operations}/#/settings`);
    const row = page.getByRole("row").filter({ hasText: "souk.admin_token" });
    await row.getByText("environment SOUK_ADMIN_TOKEN").waitFor();

    assert.equal((await page.content()).includes(token), false);
    assert.match(await row.locator('[data-title="Value"]').textContent(), /hidden|\*/);
    await screenshot(page, "console-settings-with-token");
    assert.deepEqual(page.faults, []);
    await page.context().close();
});

test("a session that ended leads to the form, from a question and from a live connection", async () => {
    const asking = await signed_in();
    await asking.context().clearCookies();
    await asking.getByRole("link", { name: "Settings" }).click();
    await asking.waitForURL(`${operations}/login`);
    await asking.context().close();

    const looking = await signed_in();
    await looking.context().clearCookies();
    await control("kill");
    await control("launch");
    await looking.waitForURL(`${operations}/login`);
    await looking.context().close();
});

test("signing out ends the session", async () => {
    const page = await signed_in();
    await page.getByRole("link", { name: "Settings" }).click();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.waitForURL(`${operations}/login`);

    await page.goto(`${operations}/`);
    assert.equal(new URL(page.url()).pathname, "/login");
    assert.deepEqual(await page.context().cookies(), []);
    await page.context().close();
});
