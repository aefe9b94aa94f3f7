// The two questions this page asks the API. Neither takes anything from the rate limit.
import { retry_after_ms } from "./pace";

const timeout_ms = 5_000;

export interface Capacity {
    reached: boolean;
    has_room: boolean;
    retry_after_ms: number;
}

async function ask(url: string): Promise<Response> {
    const cancel = new AbortController();
    const timer = setTimeout(() => cancel.abort(), timeout_ms);
    try {
        const answer = await fetch(url, { cache: "no-store", credentials: "omit", signal: cancel.signal });
        // Read here, so that the deadline covers the body as well as the head.
        const body = await answer.text();
        return new Response(body, answer);
    } finally {
        clearTimeout(timer);
    }
}

// A failed question is an answer too ("not reached"): the page shows it and goes on trying.
export async function ask_capacity(api: string): Promise<Capacity> {
    try {
        const answer = await ask(`${api}/capacity`);
        const asked_ms = retry_after_ms(answer.headers.get("retry-after"), Date.now());
        if (!answer.ok) return { reached: true, has_room: false, retry_after_ms: asked_ms };

        const { limit, remaining, retryAfterMs } = await answer.json();
        const has_room = limit === 0 || (typeof remaining === "number" && remaining !== 0);
        return { reached: true, has_room, retry_after_ms: Math.max(asked_ms, Number(retryAfterMs) || 0) };
    } catch {
        return { reached: false, has_room: false, retry_after_ms: 0 };
    }
}

// True or false when the API knows, undefined when it could not tell.
export async function ask_sold_out(api: string, product: string): Promise<boolean | undefined> {
    if (!product) return undefined;
    try {
        const answer = await ask(`${api}/inventory/${encodeURIComponent(product)}`);
        return answer.ok ? (await answer.json()).stock === 0 : undefined;
    } catch {
        return undefined;
    }
}
