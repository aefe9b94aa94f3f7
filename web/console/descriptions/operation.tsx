// One operation: what it takes, what it answers, and a form to try it.
import { Table, type Column } from "../table";
import { alternatives, example, fields, type_in_words, type Answer, type Body, type Field, type Operation } from "./openapi";
import { TryIt } from "./try_it";

const parameter_columns: Column<Field & { place: string }>[] = [
    { title: "Name", kind: "name", cell: (row) => <code>{row.name}</code> },
    { title: "In", cell: (row) => row.place },
    { title: "Type", kind: "wide", cell: (row) => `${row.type}${row.required ? ", required" : ""}` },
    { title: "Meaning", kind: "wide", cell: (row) => row.description || "as its name says" },
];

const field_columns = parameter_columns.filter((column) => column.title !== "In") as Column<Field>[];

export function OperationView({ service, operation }: { service: string; operation: Operation }) {
    return (
        <>
            <h2 tabIndex={-1}>
                <span class="method">{operation.method}</span> <span class="path">{operation.path}</span>
            </h2>
            <p>
                {operation.summary}. On the listener <b>{operation.listener}</b>
                {operation.needs_token && (
                    <>
                        ; with <code>Authorization: Bearer</code> and the service's token if one is set
                    </>
                )}
                .
            </p>
            <Parameters operation={operation} />
            {operation.body && (
                <section>
                    <h3>Body</h3>
                    <BodyView body={operation.body} of="the body" />
                </section>
            )}
            <section>
                <h3>Answers</h3>
                <ul class="answers">
                    {operation.answers.map((answer) => (
                        <li key={answer.status}>
                            <AnswerView answer={answer} />
                        </li>
                    ))}
                </ul>
            </section>
            <TryIt key={operation.key} service={service} operation={operation} />
        </>
    );
}

function Parameters({ operation }: { operation: Operation }) {
    if (operation.parameters.length === 0) return null;
    const rows = operation.parameters.map((one) => ({
        name: one.name,
        place: one.in,
        type: type_in_words(one.schema),
        required: one.required,
        description: one.description,
    }));
    return (
        <section>
            <h3>Parameters</h3>
            <Table caption="Parameters" columns={parameter_columns} rows={rows} row_key={(row) => `${row.place} ${row.name}`} />
        </section>
    );
}

function AnswerView({ answer }: { answer: Answer }) {
    const head = (
        <>
            <b class="status">{answer.status === "default" ? "other" : answer.status}</b> {answer.description}
        </>
    );
    if (answer.bodies.length === 0) return <p>{head}</p>;
    return (
        <details>
            <summary>{head}</summary>
            {answer.bodies.map((body) => (
                <BodyView key={body.media} body={body} of={`answer ${answer.status}`} />
            ))}
        </details>
    );
}

function BodyView({ body, of }: { body: Body; of: string }) {
    const forms = alternatives(body.schema);
    return (
        <>
            <p class="note">
                <code>{body.media}</code>
                {forms.length > 1 && `, in one of ${forms.length} forms`}
            </p>
            {forms.map((form, place) => {
                const rows = fields(form);
                if (rows.length === 0) return <p key={place}>{type_in_words(form)}</p>;
                const caption = `Fields of ${of}${forms.length > 1 ? `, form ${place + 1}` : ""}`;
                return <Table key={place} caption={caption} columns={field_columns} rows={rows} row_key={(row) => row.name} />;
            })}
            {body.schema?.type === "object" && <Sample value={example(body.schema)} of={of} />}
        </>
    );
}

function Sample({ value, of }: { value: unknown; of: string }) {
    return (
        <pre tabIndex={0} role="group" aria-label={`Example of ${of}`}>
            {JSON.stringify(value, null, 2)}
        </pre>
    );
}
