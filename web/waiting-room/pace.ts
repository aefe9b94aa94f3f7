// When to try again. Chance comes in as an argument (a number from 0 to 1) so that every wait can be computed in a test.

export const first_min_ms = 1_000;
export const first_max_ms = 3_000;
export const longest_ms = 10_000;
const growth = 1.5;
const jitter = 0.2;

// However long a server asks us to stay away: a wrong clock or header must not strand a visitor.
export const asked_max_ms = 600_000;

export function first_wait_ms(chance: number): number {
    return first_min_ms + (first_max_ms - first_min_ms) * chance;
}

export function longer(step_ms: number): number {
    return Math.min(step_ms * growth, longest_ms);
}

// The wait for one step, a fifth shorter or longer by chance. A longer wait the server asked for wins; it is only ever
// stretched, because everybody was told the same and must not come back at the same moment.
export function wait_ms(step_ms: number, asked_ms: number, chance: number): number {
    const own_ms = step_ms * (1 + jitter * (2 * chance - 1));
    if (asked_ms <= own_ms) return own_ms;
    return Math.min(asked_ms, asked_max_ms) * (1 + jitter * chance);
}

// Milliseconds from a Retry-After header, which is a number of seconds or a date; 0 when it says nothing usable.
export function retry_after_ms(header: string | null, now_ms: number): number {
    if (!header) return 0;
    const ms = /^\s*\d+\s*$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - now_ms;
    return ms > 0 ? ms : 0;
}
