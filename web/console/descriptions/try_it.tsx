// Sends one request to the running service and shows what came back.
import { useState } from "preact/hooks";
import { send_try } from "../api";
import { bytes, milliseconds } from "../format";
import { Failure } from "../parts";
import type { Header, TryAnswer } from "../types";
import { example, filled_path, pretty, type Operation, type Parameter } from "./openapi";

// Made anew for every page of an operation, so that a first try is not refused as a duplicate.
function fresh_key(): string {
    const random = crypto.getRandomValues(new Uint8Array(16));
    return Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function key_of(parameter: Parameter): string {
    return `${parameter.in} ${parameter.name}`;
}

function first_values(operation: Operation): Record<string, string> {
    const is_key = (one: Parameter): boolean => /idempotency-key/i.test(one.name);
    return Object.fromEntries(operation.parameters.map((one) => [key_of(one), is_key(one) ? fresh_key() : ""]));
}

function headers_of(operation: Operation, values: Record<string, string>, token: string, body: string): Header[] {
    const named = operation.parameters
        .filter((one) => one.in === "header" && values[key_of(one)])
        .map((one) => ({ name: one.name, value: values[key_of(one)] ?? "" }));
    if (token) named.push({ name: "authorization", value: `Bearer ${token}` });
    if (body && operation.body) named.push({ name: "content-type", value: operation.body.media });
    return named;
}

function useTry(service: string, operation: Operation) {
    const [values, set_values] = useState(() => first_values(operation));
    const [body, set_body] = useState(() => JSON.stringify(example(operation.body?.schema), null, 2) ?? "");
    const [token, set_token] = useState("");
    const [result, set_result] = useState<{ answer?: TryAnswer; failure?: string; is_busy?: boolean }>({});
    const send = async (event: Event): Promise<void> => {
        event.preventDefault();
        if (result.is_busy) return;
        set_result({ is_busy: true });
        try {
            const { method, listener } = operation;
            const headers = headers_of(operation, values, token, body);
            const path = filled_path(operation, values);
            set_result({ answer: await send_try({ service, listener, method, path, headers, body }) });
        } catch (error) {
            set_result({ failure: (error as Error).message });
        }
    };
    return { values, set_values, body, set_body, token, set_token, result, send };
}

export function TryIt({ service, operation }: { service: string; operation: Operation }) {
    const form = useTry(service, operation);
    if (operation.answers.some((answer) => answer.status === "101"))
        return (
            <section>
                <h3>Try it</h3>
                <p class="note">This is a WebSocket, which this form cannot open; use a WebSocket client.</p>
            </section>
        );
    return (
        <section>
            <h3>Try it</h3>
            <p class="note">The request goes to the running service and takes real effect.</p>
            <form class="try" onSubmit={(event) => void form.send(event)}>
                {operation.parameters.map((one) => (
                    <Input
                        key={key_of(one)}
                        label={`${one.name} (${one.in}${one.required ? "" : ", may stay empty"})`}
                        value={form.values[key_of(one)] ?? ""}
                        is_required={one.required && one.in === "path"}
                        change={(value) => form.set_values({ ...form.values, [key_of(one)]: value })}
                    />
                ))}
                {operation.needs_token && (
                    <Input label="Token, if one is set" value={form.token} type="password" change={form.set_token} />
                )}
                {operation.body && (
                    <label>
                        Body
                        <textarea
                            rows={Math.max(3, form.body.split("\n").length)}
                            spellcheck={false}
                            value={form.body}
                            onInput={(event) => form.set_body(event.currentTarget.value)}
                        />
                    </label>
                )}
                <button type="submit" aria-disabled={form.result.is_busy}>
                    Send<span class="unseen"> {`${operation.method} ${operation.path}`}</span>
                </button>
            </form>
            <Failure text={form.result.failure} />
            <div role="status">{form.result.answer && <AnswerLine answer={form.result.answer} />}</div>
            {form.result.answer && <AnswerParts answer={form.result.answer} />}
        </section>
    );
}

interface InputProps {
    label: string;
    value: string;
    type?: string;
    is_required?: boolean;
    change: (value: string) => void;
}

function Input({ label, value, type = "text", is_required = false, change }: InputProps) {
    return (
        <label>
            {label}
            <input
                {...{ type, value }}
                required={is_required}
                autocomplete="off"
                spellcheck={false}
                onInput={(event) => change(event.currentTarget.value)}
            />
        </label>
    );
}

function AnswerLine({ answer }: { answer: TryAnswer }) {
    const size = bytes(new TextEncoder().encode(answer.body).length);
    return (
        <p>
            Answer <b class="status">{answer.status}</b> after {milliseconds(answer.durationMs)}, {size}
        </p>
    );
}

function AnswerParts({ answer }: { answer: TryAnswer }) {
    return (
        <>
            <details>
                <summary>Headers ({answer.headers.length})</summary>
                <dl class="pairs headers">
                    {answer.headers.map((header, place) => (
                        <div key={place}>
                            <dt>{header.name}</dt>
                            <dd>{header.value}</dd>
                        </div>
                    ))}
                </dl>
            </details>
            {answer.body ? (
                <pre class="answer-body" tabIndex={0} role="group" aria-label="Body of the answer">
                    {pretty(answer.body)}
                </pre>
            ) : (
                <p class="note">The answer has no body.</p>
            )}
        </>
    );
}
