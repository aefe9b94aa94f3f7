// The settings in force, each with the place it came from.
import { useState } from "preact/hooks";
import { read_settings } from "../api";
import { count } from "../format";
import { Failure, None, PageTitle, useAnswer } from "../parts";
import { Table, type Column } from "../table";
import type { Setting } from "../types";

const columns: Column<Setting>[] = [
    { title: "Name", kind: "name", cell: (one) => <code>{one.name}</code>, value: (one) => one.name },
    { title: "Value", kind: "wide", cell: (one) => <Value of={one} /> },
    {
        title: "Source",
        kind: "wide",
        cell: (one) => <Source of={one} />,
        value: (one) => one.source,
    },
    {
        title: "Meaning",
        kind: "wide",
        cell: (one) => (
            <>
                {one.help}
                {one.bounds && <span class="bounds"> ({one.bounds})</span>}
            </>
        ),
    },
];

// The server asks for the token only if there is one, and then whoever reads this has a session that can end.
function SignOut({ settings }: { settings: Setting[] }) {
    const is_asked_for = settings.some((one) => one.name === "souk.admin_token" && one.source !== "default");
    if (!is_asked_for) return null;
    return (
        <form method="post" action="/logout">
            <button type="submit" class="quiet">
                Sign out
            </button>
        </form>
    );
}

// "environment FLASH_PORT" and the like, with the name set as a name.
function Source({ of: { source } }: { of: Setting }) {
    const [where, ...name] = source.split(" ");
    if (source === "default") return <>{source}</>;
    return (
        <>
            <b>{where}</b> <code>{name.join(" ")}</code>
        </>
    );
}

function Value({ of: { value } }: { of: Setting }) {
    return value === "" ? <None because="empty" /> : <code>{value}</code>;
}

function matches(one: Setting, words: string, only_changed: boolean): boolean {
    if (only_changed && one.source === "default") return false;
    const text = `${one.name} ${one.value} ${one.source} ${one.help}`.toLowerCase();
    return words
        .toLowerCase()
        .split(/\s+/)
        .every((word) => text.includes(word));
}

export function SettingsPage() {
    const { answer, failure, repeat } = useAnswer(read_settings, undefined);
    return (
        <>
            <PageTitle>Settings</PageTitle>
            <p class="note">
                In force since the program started. To change one, use a flag, the environment or <code>souk.toml</code>, and
                start the program again. Secrets are never shown.
            </p>
            {failure !== undefined && (
                <>
                    <Failure text={failure} />
                    <button type="button" onClick={repeat}>
                        Try again
                    </button>
                </>
            )}
            {answer && <Filtered settings={answer} />}
            {answer && <SignOut settings={answer} />}
        </>
    );
}

function Filtered({ settings }: { settings: Setting[] }) {
    const [words, set_words] = useState("");
    const [only_changed, set_only_changed] = useState(false);
    const shown = settings.filter((one) => matches(one, words, only_changed));
    return (
        <>
            <form class="filter" role="search" onSubmit={(event) => event.preventDefault()}>
                <label for="filter">Filter</label>
                <input id="filter" type="search" value={words} onInput={(event) => set_words(event.currentTarget.value)} />
                <label class="check">
                    <input
                        type="checkbox"
                        checked={only_changed}
                        onChange={(event) => set_only_changed(event.currentTarget.checked)}
                    />
                    Only those that are set
                </label>
                <p role="status">
                    {count(shown.length)} of {count(settings.length)}
                </p>
            </form>
            {shown.length > 0 ? (
                <Table
                    caption="Settings"
                    columns={columns}
                    rows={shown}
                    row_key={(one) => one.name}
                    start={{ column: "Name", direction: "ascending" }}
                />
            ) : (
                <p class="empty">No setting fits this filter.</p>
            )}
        </>
    );
}
