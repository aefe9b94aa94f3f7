// The waiting room: asks the API for room, a little less often each time, and sends the visitor back once there is some.
import { ask_capacity, ask_sold_out } from "./api";
import { first_wait_ms, longer, wait_ms } from "./pace";
import { way_back } from "./way_back";

function find<T extends Element>(selector: string): T {
    const element = document.querySelector<T>(selector);
    if (!element) throw new Error(`the page has no ${selector}`);
    return element;
}

const room = find<HTMLElement>("main");
const countdown = find("#countdown");
const tries_shown = find("#tries");
const message = find("#message");
const button = find<HTMLButtonElement>("button");
const { api = "", return: allowed = "", product = "" } = room.dataset;

let tries = 0;

// Screen readers speak this line, so it changes only when there is news, not at every try.
function say(text: string): void {
    if (message.textContent !== text) message.textContent = text;
}

function show_state(state: "waiting" | "sold_out" | "open"): void {
    room.dataset.state = state;
    document.title = { waiting: "", sold_out: "Sold out: ", open: "There is room: " }[state] + "Waiting Room";
}

// Counts down to the next try by the clock, since browsers slow the timers of hidden pages.
function wait_then_try(step_ms: number, pause_ms: number): void {
    const due = performance.now() + pause_ms;
    const tick = (): void => {
        const left_ms = due - performance.now();
        if (left_ms <= 0) return void try_once(step_ms);
        countdown.textContent = `${Math.ceil(left_ms / 1_000)} s`;
        setTimeout(tick, left_ms % 1_000 || 1_000);
    };
    tick();
}

async function try_once(step_ms: number): Promise<void> {
    countdown.textContent = "now";
    const [capacity, is_sold_out] = await Promise.all([ask_capacity(api), ask_sold_out(api, product)]);
    tries_shown.textContent = String(++tries);

    const sold_out = is_sold_out ?? room.dataset.state === "sold_out";
    show_state(sold_out ? "sold_out" : "waiting");
    if (capacity.has_room && !sold_out) return leave();

    if (!capacity.reached) say("The shop cannot be reached right now. This page keeps trying.");
    else say(sold_out ? "Sold out for now." : "No room yet.");
    const next_ms = longer(step_ms);
    wait_then_try(next_ms, wait_ms(next_ms, capacity.retry_after_ms, Math.random()));
}

function leave(): void {
    show_state("open");
    countdown.textContent = "none";
    const target = way_back(allowed, document.referrer, location.href);
    if (target) {
        say("There is room. Taking you back.");
        location.replace(target);
        return;
    }
    say("There is room now.");
    button.hidden = false;
    button.onclick = () => {
        if (history.length > 1) history.back();
        else say("This tab has no page to go back to. Please open the shop again.");
    };
}

// Coming back to a kept copy of this page means waiting anew, not seeing an old answer.
addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
});

find<HTMLElement>("dl").hidden = false;
const first_ms = first_wait_ms(Math.random());
wait_then_try(first_ms, first_ms);
