// Small parts that several pages use.
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

let has_shown_a_page = false;

// The heading of a page takes the focus when the page changes, so that keyboard and screen reader begin there; the first
// page leaves it alone.
export function PageTitle({ children }: { children: ComponentChildren }) {
    const heading = useRef<HTMLHeadingElement>(null);
    useLayoutEffect(() => {
        if (has_shown_a_page) {
            heading.current?.focus();
            scrollTo(0, 0);
        }
        has_shown_a_page = true;
    }, []);
    return (
        <h1 ref={heading} tabIndex={-1}>
            {children}
        </h1>
    );
}

// In place of a service's figures: nothing has come yet, or it does not run here.
export function NotThere({ service, is_known }: { service: string; is_known: boolean }) {
    if (!is_known) return <p class="waiting">Waiting for the first values.</p>;
    return (
        <p>
            {service} does not run in this program. Start it with <code>souk serve {service}</code>.
        </p>
    );
}

// A state in words, with a mark whose shape differs as well as its colour.
export function State({ good, children }: { good: boolean; children: ComponentChildren }) {
    return <span class={good ? "state good" : "state bad"}>{children}</span>;
}

export const errors_bad = 0.01; // Share of answers 5xx; a single failed request among many is no alarm.

interface FactProps {
    name: string;
    note?: ComponentChildren;
    is_bad?: boolean;
    children: ComponentChildren;
}

// One number of a <dl class="facts">, with its name and what it refers to.
export function Fact({ name, note, is_bad, children }: FactProps) {
    return (
        <div class={is_bad ? "fact bad" : "fact"}>
            <dt>{name}</dt>
            <dd class="value">{children}</dd>
            {note !== undefined && <dd class="note">{note}</dd>}
        </div>
    );
}

// A dash for the eye, words for the ear.
export function None({ because }: { because: string }) {
    return (
        <span title={because}>
            <span aria-hidden="true">–</span>
            <span class="unseen">{because}</span>
        </span>
    );
}

export function Empty({ children }: { children: ComponentChildren }) {
    return <div class="empty">{children}</div>;
}

// An error where it happened, spoken at once.
export function Failure({ text }: { text: string | undefined }) {
    return (
        <p class="failure" role="alert">
            {text}
        </p>
    );
}

// What a question to the server came to; asked again when `again` changes.
export function useAnswer<T>(question: () => Promise<T>, again: unknown): { answer?: T; failure?: string; repeat(): void } {
    const [state, set_state] = useState<{ answer?: T; failure?: string }>({});
    const [round, set_round] = useState(0);
    useEffect(() => {
        let is_current = true;
        set_state({});
        question().then(
            (answer) => is_current && set_state({ answer }),
            (error: Error) => is_current && set_state({ failure: error.message }),
        );
        return () => {
            is_current = false;
        };
    }, [again, round]);
    return { ...state, repeat: () => set_round(round + 1) };
}

interface DialogProps {
    title: string;
    closed: () => void;
    children: (close: () => void) => ComponentChildren;
}

// A modal dialog of the browser's own: it keeps the focus inside, Escape closes it, and the focus goes back afterwards.
export function Dialog({ title, closed, children }: DialogProps) {
    const dialog = useRef<HTMLDialogElement>(null);
    useLayoutEffect(() => dialog.current?.showModal(), []);
    const close = (): void => dialog.current?.close();
    return (
        <dialog ref={dialog} aria-labelledby="dialog-title" onClose={closed}>
            <h2 id="dialog-title">{title}</h2>
            {children(close)}
        </dialog>
    );
}
