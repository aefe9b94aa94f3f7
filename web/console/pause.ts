// How long to stay away between two tries to connect. Chance is an argument (0 to 1) so that a test can compute every pause.

const first_ms = 500;
const longest_ms = 10_000;
const jitter = 0.2;

// Doubles with each try in vain, a fifth shorter or longer by chance so that many open consoles do not come back at once.
export function pause_ms(tries_in_vain: number, chance: number): number {
    const step_ms = Math.min(first_ms * 2 ** tries_in_vain, longest_ms);
    return step_ms * (1 + jitter * (2 * chance - 1));
}
