// Every question this page asks the operations listener. An expired session leads to the login form from here.
import type { LiveMessage, Overview, RetryOutcome, Setting, TryAnswer, TryRequest } from "./types";

const timeout_ms = 15_000;

// An answer other than success, in the server's own words; status 0 when there was no answer at all.
export class Refused extends Error {
    constructor(
        readonly status: number,
        text: string,
    ) {
        super(text);
    }
}

async function refusal(answer: Response): Promise<Refused> {
    const text = await answer.text();
    try {
        const { error } = JSON.parse(text);
        if (typeof error === "string" && error) return new Refused(answer.status, error);
    } catch {
        // Not every refusal is JSON (a proxy in between has its own); the status has to do then.
    }
    return new Refused(answer.status, `Souk answered with status ${answer.status}.`);
}

async function ask<T>(path: string, body?: unknown): Promise<T> {
    const cancel = new AbortController();
    const timer = setTimeout(() => cancel.abort(), timeout_ms);
    const post = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
    try {
        const answer = await fetch(path, {
            ...(body === undefined ? {} : post),
            cache: "no-store",
            credentials: "same-origin",
            signal: cancel.signal,
        });
        if (answer.status === 401) location.assign("/login");
        if (!answer.ok) throw await refusal(answer);
        return await answer.json();
    } catch (failure) {
        if (failure instanceof Refused) throw failure;
        const is_late = failure instanceof DOMException && failure.name === "AbortError";
        throw new Refused(0, is_late ? "Souk did not answer in time." : "Souk cannot be reached.");
    } finally {
        clearTimeout(timer);
    }
}

export function read_overview(): Promise<Overview> {
    return ask("/console/overview");
}

export async function read_settings(): Promise<Setting[]> {
    return (await ask<{ settings: Setting[] }>("/console/settings")).settings;
}

export function read_description(service: string): Promise<unknown> {
    return ask(`/openapi/${encodeURIComponent(service)}.json`);
}

export function send_try(request: TryRequest): Promise<TryAnswer> {
    return ask("/console/try", request);
}

export function start_sale(productId: string, quantity: number): Promise<unknown> {
    return ask("/flash/sales", { productId, quantity });
}

export function retry_dead_letter(position: number): Promise<RetryOutcome> {
    return ask("/flash/dead-letters/retry", { position });
}

// One message of the contact form, or all that were given up; gives how many are on their way again.
export async function resend_messages(id?: number): Promise<number> {
    return (await ask<{ queued: number }>("/store/contacts/resend", id === undefined ? {} : { id })).queued;
}

// Whether a product has a sale, for products beyond those the live messages list.
export async function has_sale(productId: string): Promise<boolean> {
    const path = `/inventory/${encodeURIComponent(productId)}`;
    const answer = await send_try({ service: "flash", listener: "api", method: "GET", path, headers: [], body: "" });
    if (answer.status === 200) return true;
    if (answer.status === 404) return false;
    throw new Refused(answer.status, "Souk could not say whether this product has a sale already. Nothing was changed.");
}

export interface LiveHandlers {
    message(message: LiveMessage): void;
    closed(reason: string): void; // The server's words, or none when nobody said goodbye.
}

export function open_live(handlers: LiveHandlers): WebSocket {
    const address = new URL("/console/live", location.href);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(address);
    socket.onmessage = (event) => handlers.message(JSON.parse(String(event.data)));
    socket.onclose = (event) => handlers.closed(event.reason);
    return socket;
}
