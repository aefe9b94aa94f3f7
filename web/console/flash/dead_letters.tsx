// Records of the order log that could not be written to the database, why, and another try for each.
import { Outcome, useAction, type Said } from "../action";
import { retry_dead_letter } from "../api";
import { count, counted, date_and_clock } from "../format";
import { Table, type Column } from "../table";
import type { DeadLetter, Flash, RetryOutcome } from "../types";

function outcome_in_words(position: number, outcome: RetryOutcome): Said {
    if (outcome.refusal) return { failure: `Position ${count(position)}: ${outcome.refusal}` };
    if (outcome.written > 0) return { done: `Position ${count(position)} is written to the database.` };
    if (outcome.unreadable > 0)
        return { failure: `Position ${count(position)} still cannot be read; its record is not an order.` };
    return { done: `Position ${count(position)} is no dead letter any more.` };
}

function columns_with(retry: (position: number) => void, busy: number | undefined): Column<DeadLetter>[] {
    return [
        { title: "Position", kind: "name", cell: (letter) => <>{count(letter.position)}</> },
        { title: "Reason", kind: "wide", cell: (letter) => letter.reason },
        { title: "Buried", cell: (letter) => date_and_clock(new Date(letter.createdAt)) },
        {
            title: "Record",
            kind: "wide",
            cell: (letter) => (
                <details>
                    <summary>
                        Show<span class="unseen"> the record at position {count(letter.position)}</span>
                    </summary>
                    <pre tabIndex={0} role="group" aria-label={`Record at position ${count(letter.position)}`}>
                        {letter.record}
                    </pre>
                    <p class="note">of log {letter.log}</p>
                </details>
            ),
        },
        {
            title: "Again",
            cell: (letter) => (
                <button type="button" class="quiet" aria-disabled={busy !== undefined} onClick={() => retry(letter.position)}>
                    {busy === letter.position ? "Trying" : "Retry"}
                    <span class="unseen"> position {count(letter.position)}</span>
                </button>
            ),
        },
    ];
}

interface BuriedProps {
    dead_letters: Flash["deadLetters"];
    retry: (position: number) => void;
    busy: number | undefined;
}

function Buried({ dead_letters: { total, rows }, retry, busy }: BuriedProps) {
    if (total === null) return <p class="note">Not known: the database could not be asked yet.</p>;
    if (total === 0) return <p class="note">None: every record of the order log could be written.</p>;
    return (
        <>
            <p>{counted(total, "record")} of the order log could not be written. Mend the cause, then retry.</p>
            <Table
                caption="Dead letters"
                columns={columns_with(retry, busy)}
                rows={rows}
                row_key={(letter) => `${letter.log} ${letter.position}`}
            />
            {total > rows.length && (
                <p class="note">
                    Only the newest {rows.length} are shown; <code>souk flash dead-letters</code> lists all.
                </p>
            )}
        </>
    );
}

export function DeadLetters({ dead_letters }: { dead_letters: Flash["deadLetters"] }) {
    const action = useAction();
    const retry = (position: number): void =>
        action.begin(async () => outcome_in_words(position, await retry_dead_letter(position)), position);
    return (
        <section aria-labelledby="dead-letters">
            <h2 id="dead-letters">Dead letters</h2>
            <Outcome said={action.said} />
            <Buried dead_letters={dead_letters} retry={retry} busy={action.busy_with} />
        </section>
    );
}
