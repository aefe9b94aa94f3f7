// What all browser tests share: Chromium, and pages that keep a record of their mistakes.
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const { chromium } = createRequire(new URL("../../web/package.json", import.meta.url))("playwright-core");

export function needed(name) {
    const value = process.env[name];
    if (!value) throw new Error(`${name} is not set; run these tests through tests/browser/test_pages.py`);
    return value;
}

const output = needed("PAGES_OUTPUT");

export const deadline_ms = 30_000;
const poll_ms = 25;

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

export async function screenshot(page, name) {
    mkdirSync(output, { recursive: true });
    await page.screenshot({ path: join(output, `${name}.png`), fullPage: true });
}
