// Says at once when the connection is lost, when the next try comes, and when it is back.
import { useEffect, useState } from "preact/hooks";
import { clock } from "./format";
import type { Link } from "./live";

function useSecondsUntil(due_ms: number): number {
    const left = (): number => Math.max(0, Math.ceil((due_ms - performance.now()) / 1_000));
    const [seconds, set_seconds] = useState(left);
    useEffect(() => {
        set_seconds(left());
        const timer = setInterval(() => set_seconds(left()), 250);
        return () => clearInterval(timer);
    }, [due_ms]);
    return seconds;
}

// Outside the status line, since a screen reader would speak every second of it.
function NextTry({ due_ms, try_now }: { due_ms: number; try_now: () => void }) {
    const seconds = useSecondsUntil(due_ms);
    return (
        <>
            <span class="countdown">{seconds > 0 ? `Next try in ${seconds} s.` : "Trying now."}</span>
            <button type="button" class="quiet" onClick={try_now}>
                Try now
            </button>
        </>
    );
}

function loss_in_words(since: Date, reason: string): string {
    const because = reason ? ` (${reason})` : "";
    return `Connection lost at ${clock(since)}${because}. What you see is from then; it goes on by itself once Souk answers.`;
}

export function Connection({ link, try_now }: { link: Link; try_now: () => void }) {
    const is_back = link.state === "live" && link.is_back;
    return (
        <div class="banner" data-link={is_back ? "back" : link.state}>
            <p role="status">
                {link.state === "lost" && loss_in_words(link.since, link.reason)}
                {is_back && "Connected again."}
            </p>
            {link.state === "lost" && <NextTry due_ms={link.next_try_ms} try_now={try_now} />}
        </div>
    );
}
