// What the tests of the console share: its pages, orders to look at, and what only the driver of the tests can do.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto"; // Not a global in Node 18.
import { readFileSync } from "node:fs";
import { needed, open_tab, screenshot as whole_page, until } from "./browser.mjs";

export { launch, until } from "./browser.mjs";

export const api = needed("PAGES_API");
export const operations = needed("PAGES_OPERATIONS");
export const token = needed("PAGES_TOKEN");
const driver = needed("PAGES_CONTROL");

const axe = readFileSync(new URL("../../web/node_modules/axe-core/axe.min.js", import.meta.url), "utf8");

// The driver's actions: kill, launch, bury, give_up_all, stop_database, start_database.
export async function control(name, ...values) {
    const answer = await fetch(`${driver}/${name}`, { method: "POST", body: JSON.stringify(values) });
    assert.equal(answer.status, 200, `${name}: ${await answer.text()}`);
}

export async function open_console(browser, hash = "", options = {}) {
    const page = await open_tab(browser, options);
    await page.goto(`${operations}/${hash}`);
    await page.getByText("Live", { exact: true }).waitFor();
    return page;
}

export async function start_sale(product, quantity) {
    const answer = await fetch(`${operations}/flash/sales`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ productId: product, quantity }),
    });
    assert.equal(answer.status, 200, await answer.text());
}

// One order; gives the status of its answer.
export async function order(product, key = randomUUID()) {
    const answer = await fetch(`${api}/order`, {
        method: "POST",
        redirect: "manual",
        headers: { "content-type": "application/json", "x-idempotency-key": key },
        body: JSON.stringify({ productId: product, userId: "somebody" }),
    });
    await answer.text();
    return answer.status;
}

export async function orders(product, many) {
    const statuses = [];
    for (let n = 0; n < many; ++n) statuses.push(await order(product));
    return statuses;
}

// The number shown under this name at the top of a page.
export function fact(page, name) {
    return page.locator(".fact").filter({ has: page.getByText(name, { exact: true }) });
}

export function sale_row(page, product) {
    return page.getByRole("table", { name: "Sales" }).getByRole("row").filter({ has: page.getByText(product, { exact: true }) });
}

export function cell(row, title) {
    return row.locator(`[data-title="${title}"]`);
}

export async function shows(locator, text) {
    await until(`"${text}" in ${locator}`, async () => (await locator.first().textContent())?.includes(text));
}

// From the top, since the head of the page stays in sight and would cover the middle of it.
export async function screenshot(page, name) {
    await page.evaluate(() => scrollTo(0, 0));
    await whole_page(page, name);
}

// What axe-core finds wrong with the page as it is now, in words.
export async function axe_findings(page) {
    await page.evaluate(axe); // Through the debugger, which the page's policy does not bind.
    return page.evaluate(async () => {
        const { violations } = await window.axe.run();
        return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target} ${node.failureSummary}`));
    });
}

export async function is_wider_than_the_screen(page) {
    return page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
}

export async function focused(page) {
    return page.evaluate(() => {
        const element = document.activeElement;
        return (element?.textContent || element?.id || element?.tagName || "").trim();
    });
}

// Presses Tab until the element has the focus.
export async function tab_to(page, locator) {
    await until(`the focus on ${locator}`, async () => {
        if (await locator.evaluate((element) => element === document.activeElement)) return true;
        await page.keyboard.press("Tab");
        return false;
    });
}
