// What the tests of the waiting room share: its addresses, sales, and clients that use up the limit.
import { randomUUID } from "node:crypto"; // Not a global in Node 18.
import { needed } from "./browser.mjs";

export { deadline_ms, launch, open_tab, screenshot, until } from "./browser.mjs";

export const api = needed("PAGES_API");
export const waiting_room = needed("PAGES_WAITING_ROOM");
export const shop = needed("PAGES_SHOP"); // its origin is on the allow list
export const stranger = needed("PAGES_STRANGER"); // its origin is not

export function room_address(query) {
    return `${waiting_room}/?${new URLSearchParams(query)}`;
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
        headers: { "content-type": "application/json", "x-idempotency-key": randomUUID() },
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
