// Keeps the page connected: live messages in, one state for the pages out. After a loss the last values stay, and it tries
// again, a little less often each time.
import { open_live, read_overview } from "./api";
import { extended } from "./history";
import { pause_ms } from "./pause";
import type { Flash, LiveMessage, Overview, Store } from "./types";

const silence_max_ms = 5_000; // A message comes every second; a connection silent for so long is dead without saying so.
const returned_shown_ms = 5_000;

export type Link =
    | { state: "connecting" }
    | { state: "live"; is_back: boolean }
    | { state: "lost"; since: Date; reason: string; next_try_ms: number };

export interface Live {
    link: Link;
    overview?: Overview;
    flash?: Flash | null;
    store?: Store | null;
}

export class LiveFeed {
    private live: Live = { link: { state: "connecting" } };
    private socket: WebSocket | undefined;
    private is_first_message = true;
    private tries_in_vain = 0;
    private last_message_ms = 0;
    private is_asking = false;
    private retry_timer: ReturnType<typeof setTimeout> | undefined;

    constructor(private readonly changed: (live: Live) => void) {
        setInterval(() => this.check_silence(), 1_000);
        this.connect();
    }

    try_now(): void {
        clearTimeout(this.retry_timer);
        void this.ask_then_connect();
    }

    private connect(): void {
        this.is_first_message = true;
        this.last_message_ms = performance.now();
        const socket = open_live({
            message: (message) => this.socket === socket && this.take(message),
            closed: (reason) => this.socket === socket && this.lose(reason),
        });
        this.socket = socket;
    }

    private take(message: LiveMessage): void {
        this.last_message_ms = performance.now();
        this.tries_in_vain = 0;
        const before = this.is_first_message ? undefined : this.live;
        this.is_first_message = false;
        const { overview, flash, store } = message;
        const was_lost = this.live.link.state === "lost";
        const is_back = was_lost || (this.live.link.state === "live" && this.live.link.is_back);
        this.show({
            link: { state: "live", is_back },
            overview: { ...overview, history: joined(before?.overview, overview) },
            flash: flash ? { ...flash, history: joined(before?.flash, flash) } : null,
            store: store ? { ...store, history: joined(before?.store, store) } : null,
        });
        if (was_lost) setTimeout(() => this.forget_loss(), returned_shown_ms);
    }

    private forget_loss(): void {
        if (this.live.link.state === "live") this.show({ ...this.live, link: { state: "live", is_back: false } });
    }

    private check_silence(): void {
        if (this.socket && performance.now() - this.last_message_ms > silence_max_ms) this.lose("");
    }

    private lose(reason: string): void {
        const socket = this.socket;
        this.socket = undefined; // From here on its events are nobody's.
        socket?.close();
        const since = this.live.link.state === "lost" ? this.live.link.since : new Date();
        const wait_ms = pause_ms(this.tries_in_vain++, Math.random());
        this.show({ ...this.live, link: { state: "lost", since, reason, next_try_ms: performance.now() + wait_ms } });
        this.retry_timer = setTimeout(() => void this.ask_then_connect(), wait_ms);
    }

    // A script cannot see why a WebSocket was refused, so a plain question goes first: it leads to the login form when the
    // session has expired.
    private async ask_then_connect(): Promise<void> {
        if (this.socket || this.is_asking) return;
        this.is_asking = true;
        try {
            await read_overview();
            this.connect();
        } catch {
            this.lose(""); // Shown as what it is: still lost, and the next try is later.
        } finally {
            this.is_asking = false;
        }
    }

    private show(live: Live): void {
        this.live = live;
        this.changed(live);
    }
}

type WithHistory = Pick<Overview | Flash | Store, "history"> | null | undefined;

function joined(before: WithHistory, newer: Pick<Overview, "history">): Overview["history"] {
    return before ? extended(before.history, newer.history) : newer.history;
}
