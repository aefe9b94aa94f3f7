// What the browser tests share: Chromium, pages that keep a record of their mistakes, and clients that use up the limit.
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const { chromium } = createRequire(new URL("../../web/package.json", import.meta.url))("playwright-core");

function needed(name) {
    const value = process.env[name];
    if (!value) throw new Error(`${name} is not set; run these tests through tests/browser/test_pages.py`);
    return value;
}

export const api = needed("PAGES_API");
export const waiting_room = needed("PAGES_WAITING_ROOM");
export const shop = needed("PAGES_SHOP"); // its origin is on the allow list
export const stranger = needed("PAGES_STRANGER"); // its origin is not
const output = needed("PAGES_OUTPUT");

export const deadline_ms = 30_000;
const poll_ms = 25;

export function room_address(query) {
    return `${waiting_room}/?${new URLSearchParams(query)}`;
}

export async function launch() {
    return chromium.launch({
        executablePath: process.env.PAGES_CHROMIUM ?? "/usr/bin/chromium",
        args: [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
        ],
    });
}

// A page in a context of its own. `page.faults` collects console errors and exceptions, `page.asked` every origin asked.
export async function open_tab(browser, options = {}) {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    page.setDefaultTimeout(deadline_ms);
    page.faults = [];
    page.asked = new Set();
    page.on("console", (line) => line.type() === "error" && page.faults.push(line.text()));
    page.on("pageerror", (error) => page.faults.push(String(error)));
    page.on("request", (request) => {
        if (request.url().startsWith("http")) page.asked.add(new URL(request.url()).origin);
    });
    return page;
}

// Waits until the function gives something true, and returns that; fails after the deadline.
export async function until(what, look) {
    const end = performance.now() + deadline_ms;
    while (performance.now() < end) {
        const seen = await look();
        if (seen) return seen;
        await new Promise((resume) => setTimeout(resume, poll_ms));
    }
    throw new Error(`waited ${deadline_ms} ms in vain: ${what}`);
}

export async function start_sale(product, quantity) {
    const answer = await fetch(`${api}/init`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ productId: product, quantity }),
    });
    if (answer.status !== 200) throw new Error(`/init answered ${answer.status}: ${await answer.text()}`);
}

function order(product) {
    return fetch(`${api}/order`, {
        method: "POST",
        redirect: "manual",
        headers: { "content-type": "application/json", "x-idempotency-key": crypto.randomUUID() },
        body: JSON.stringify({ productId: product, userId: "crowd" }),
    });
}

// A crowd that takes every admission as soon as it is there, from the first redirect until stop() is awaited.
export async function rush(product) {
    let is_over = false;
    const client = async () => {
        while (!is_over) await (await order(product)).text();
    };
    while ((await order(product)).status !== 302);
    const clients = [client(), client(), client(), client()];
    return {
        stop() {
            is_over = true;
            return Promise.all(clients);
        },
    };
}

// Answers GET /capacity in place of the server, so that a state lasts as long as a test looks at it.
export async function answer_capacity(page, answer) {
    await page.route(`${api}/capacity`, (route) =>
        route.fulfill({
            status: answer.status ?? 200,
            contentType: "application/json",
            headers: {
                "access-control-allow-origin": "*",
                "access-control-expose-headers": "retry-after",
                ...answer.headers,
            },
            body: JSON.stringify({ status: "ok", limit: 50, remaining: 0, retryAfterMs: 0, ...answer.body }),
        }),
    );
}

export async function screenshot(page, name) {
    mkdirSync(output, { recursive: true });
    await page.screenshot({ path: join(output, `${name}.png`), fullPage: true });
}
