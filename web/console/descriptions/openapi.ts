// Reads an OpenAPI 3.1 document, as far as Souk writes it, into what the API page shows.

export interface Schema {
    type?: string;
    title?: string;
    description?: string;
    format?: string;
    enum?: unknown[];
    example?: unknown;
    default?: unknown;
    minLength?: number;
    maxLength?: number;
    minimum?: number;
    maximum?: number;
    items?: Schema;
    properties?: Record<string, Schema>;
    required?: string[];
    anyOf?: Schema[];
    oneOf?: Schema[];
}

export interface Parameter {
    name: string;
    in: "path" | "query" | "header";
    required: boolean;
    description: string;
    schema: Schema;
}

export interface Body {
    media: string;
    schema: Schema | undefined;
}

export interface Answer {
    status: string;
    description: string;
    bodies: Body[];
}

export interface Operation {
    key: string;
    method: string;
    path: string;
    summary: string;
    listener: string;
    needs_token: boolean;
    parameters: Parameter[];
    body: Body | undefined;
    answers: Answer[];
}

export interface Description {
    title: string;
    version: string;
    summary: string;
    operations: Operation[];
}

// The document's parts are checked by the server's own tests; here they are only taken apart.
type Part = Record<string, any>;

const methods = ["get", "post", "put", "patch", "delete", "head", "options"];

export function read_document(document: unknown): Description {
    const { info = {}, paths = {} } = document as Part;
    const operations: Operation[] = [];
    for (const [path, item] of Object.entries(paths as Part))
        for (const method of methods) if (item[method]) operations.push(operation(method, path, item[method]));
    return { title: info.title ?? "", version: info.version ?? "", summary: info.summary ?? "", operations };
}

function operation(method: string, path: string, part: Part): Operation {
    const name = path.replace(/[^A-Za-z0-9]+/g, "-").replace(/^-|-$/g, "");
    return {
        key: name ? `${method}-${name}` : method,
        method: method.toUpperCase(),
        path,
        summary: part.summary ?? "",
        listener: part["x-listener"] ?? "api",
        needs_token: (part.security ?? []).length > 0,
        parameters: (part.parameters ?? []).map(parameter),
        body: bodies(part.requestBody)[0],
        answers: Object.entries((part.responses ?? {}) as Part)
            .map(([status, answer]) => ({ status, description: answer.description ?? "", bodies: bodies(answer) }))
            .sort((left, right) => (left.status < right.status ? -1 : 1)),
    };
}

function parameter(part: Part): Parameter {
    const schema = part.schema ?? {};
    return { name: part.name, in: part.in, required: part.required === true, description: part.description ?? "", schema };
}

function bodies(part: Part | undefined): Body[] {
    return Object.entries((part?.content ?? {}) as Part).map(([media, { schema }]) => ({ media, schema }));
}

// The operations under the name of the listener they are reached on, in the document's order.
export function by_listener(operations: Operation[]): [string, Operation[]][] {
    const groups = new Map<string, Operation[]>();
    for (const one of operations) groups.set(one.listener, [...(groups.get(one.listener) ?? []), one]);
    return [...groups];
}

export interface Field {
    name: string;
    type: string;
    required: boolean;
    description: string;
}

// A line for every property, those inside others as "outer.inner" and "list[].inner".
export function fields(schema: Schema | undefined, prefix = ""): Field[] {
    const properties = Object.entries(schema?.properties ?? {});
    return properties.flatMap(([name, part]) => {
        const full = prefix + name;
        const required = schema?.required?.includes(name) ?? false;
        const field = { name: full, type: type_in_words(part), required, description: part.description ?? "" };
        return [field, ...fields(part, `${full}.`), ...fields(part.items, `${full}[].`)];
    });
}

// The forms a body can have; most have one.
export function alternatives(schema: Schema | undefined): Schema[] {
    if (!schema) return [];
    return schema.anyOf ?? schema.oneOf ?? [schema];
}

// "string, 1 to 128 characters", "integer, 0 to 100", "list of string".
export function type_in_words(schema: Schema): string {
    if (schema.enum) return `one of ${schema.enum.map(String).join(", ")}`;
    if (schema.type === "array") return `list of ${type_in_words(schema.items ?? {})}`;
    const words = [schema.format ? `${schema.type ?? "value"} (${schema.format})` : (schema.type ?? "anything")];
    const length = span(schema.minLength, schema.maxLength);
    if (length) words.push(`${length} characters`);
    const size = span(schema.minimum, schema.maximum);
    if (size) words.push(size);
    return words.join(", ");
}

function span(least: number | undefined, most: number | undefined): string {
    const text = (value: number): string => value.toLocaleString("en");
    if (least !== undefined && most !== undefined) return `${text(least)} to ${text(most)}`;
    if (least !== undefined) return `at least ${text(least)}`;
    return most === undefined ? "" : `at most ${text(most)}`;
}

// A value that fits the schema, to begin with.
export function example(schema: Schema | undefined): unknown {
    if (!schema) return undefined;
    const given = [schema.example, schema.default, schema.enum?.[0]].find((value) => value !== undefined);
    if (given !== undefined) return given;
    const form = alternatives(schema)[0] ?? schema;
    if (form !== schema) return example(form);
    if (schema.properties)
        return Object.fromEntries(Object.entries(schema.properties).map(([name, part]) => [name, example(part)]));
    if (schema.type === "array") return [example(schema.items)];
    if (schema.type === "integer" || schema.type === "number")
        return Math.min(Math.max(schema.minimum ?? 1, 1), schema.maximum ?? 1);
    return schema.type === "boolean" ? true : "example";
}

// Indented when it is JSON, else as it is.
export function pretty(text: string): string {
    try {
        return JSON.stringify(JSON.parse(text), null, 2);
    } catch {
        return text;
    }
}

// The path with its parameters filled in, and the query of those that have a value.
export function filled_path(one: Operation, values: Record<string, string>): string {
    const path = one.path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(values[`path ${name}`] ?? ""));
    const query = new URLSearchParams();
    for (const { name, in: place } of one.parameters) {
        const value = values[`query ${name}`];
        if (place === "query" && value) query.append(name, value);
    }
    return String(query) ? `${path}?${query}` : path;
}
