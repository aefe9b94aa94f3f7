// The last minutes, second by second: whole in the first live message, then one more sample with each message.
import type { History } from "./types";

export const seconds_kept = 300;

// The history so far with the newer samples after it, without what has become too old. A second that comes again replaces
// the earlier one.
export function extended(history: History, newer: History, keep = seconds_kept): History {
    const first = newer.seconds[0];
    const newest = newer.seconds[newer.seconds.length - 1];
    if (first === undefined || newest === undefined) return history;

    const known = history.seconds.filter((second) => second < first).length;
    const stale = history.seconds.filter((second) => second <= newest - keep).length;
    const result: History = { seconds: [] };
    for (const [measure, samples] of Object.entries(newer))
        result[measure] = [...(history[measure] ?? []).slice(Math.min(stale, known), known), ...samples];
    return result;
}

export interface Summary {
    now: number;
    lowest: number;
    highest: number;
}

// What a line of a chart says in three numbers; nothing for a line without samples.
export function summary(samples: readonly number[]): Summary | undefined {
    const now = samples[samples.length - 1];
    if (now === undefined) return undefined;
    return { now, lowest: Math.min(...samples), highest: Math.max(...samples) };
}
