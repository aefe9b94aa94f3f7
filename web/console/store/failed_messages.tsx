// Messages of the contact form that could not be forwarded, why, and another try for one or for all.
import { Outcome, useAction } from "../action";
import { resend_messages } from "../api";
import { count, counted, date_and_clock } from "../format";
import { Table, type Column } from "../table";
import type { FailedMessage, StoreTables } from "../types";

type Resend = (id?: number) => void;

function columns_with(resend: Resend, is_busy: boolean): Column<FailedMessage>[] {
    return [
        { title: "Message", kind: "name", cell: (message) => <>no. {count(message.id)}</> },
        { title: "From", kind: "wide", cell: ({ name, email }) => `${name} <${email}>` },
        { title: "Subject", kind: "wide", cell: (message) => message.subject || "none" },
        { title: "Received", cell: (message) => date_and_clock(new Date(message.createdAt)) },
        { title: "Tries", kind: "number", cell: (message) => count(message.attempts) },
        { title: "Why not", kind: "wide", cell: (message) => message.lastError },
        {
            title: "Again",
            cell: (message) => (
                <button type="button" class="quiet" aria-disabled={is_busy} onClick={() => resend(message.id)}>
                    Resend<span class="unseen"> message {count(message.id)}</span>
                </button>
            ),
        },
    ];
}

function GivenUp({ tables, resend, is_busy }: { tables: StoreTables | null; resend: Resend; is_busy: boolean }) {
    if (tables === null) return <p class="note">Not known: the database could not be asked yet.</p>;
    const { failed } = tables.outbox;
    const rows = tables.failedMessages;
    if (failed === 0) return <p class="note">None: every message of the contact form is forwarded or on its way.</p>;
    return (
        <>
            <p>{counted(failed, "message")} could not be forwarded and stay here. Mend the cause, then resend.</p>
            <Table
                caption="Messages given up"
                columns={columns_with(resend, is_busy)}
                rows={rows}
                row_key={(message) => String(message.id)}
            />
            {failed > rows.length && (
                <p class="note">
                    Only the newest {rows.length} are shown; <code>souk store contact list</code> lists all.
                </p>
            )}
            <p>
                <button type="button" aria-disabled={is_busy} onClick={() => resend()}>
                    Resend all
                </button>
            </p>
        </>
    );
}

export function FailedMessages({ tables }: { tables: StoreTables | null }) {
    const action = useAction();
    const resend = (id?: number): void =>
        action.begin(async () => ({ done: `${counted(await resend_messages(id), "message")} on the way again.` }));
    return (
        <section aria-labelledby="given-up">
            <h2 id="given-up">Messages given up</h2>
            <Outcome said={action.said} />
            <GivenUp tables={tables} resend={resend} is_busy={action.is_busy} />
        </section>
    );
}
