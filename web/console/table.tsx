// A table whose columns can sort it. On a narrow screen every row becomes a small card; the roles are written out because
// browsers forget those of a table that is laid out as something else.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { sorted, type Direction, type Value } from "./sorting";

export interface Column<Row> {
    title: string;
    cell: (row: Row) => ComponentChildren;
    value?: (row: Row) => Value; // What the column sorts by; without it, it does not.
    kind?: "name" | "number" | "wide";
}

interface Order {
    column: string;
    direction: Direction;
}

interface TableProps<Row> {
    caption: string;
    columns: Column<Row>[];
    rows: Row[];
    row_key: (row: Row) => string;
    start?: Order; // Without it the rows keep the order they come in.
}

export function Table<Row>({ caption, columns, rows, row_key, start }: TableProps<Row>) {
    const [order, set_order] = useState<Order | undefined>(start);
    const by = columns.find((column) => column.title === order?.column)?.value;
    const shown = order && by ? sorted(rows, by, order.direction) : rows;
    return (
        <>
            {start && <SortBy columns={columns} order={order} set_order={set_order} caption={caption} />}
            <table role="table">
                <caption class="unseen">{caption}</caption>
                <thead role="rowgroup">
                    <tr role="row">
                        {columns.map((column) => (
                            <Head key={column.title} column={column} order={start && order} set_order={set_order} />
                        ))}
                    </tr>
                </thead>
                <tbody role="rowgroup">
                    {shown.map((row) => (
                        <tr role="row" key={row_key(row)}>
                            {columns.map((column) => (
                                <Cell key={column.title} column={column} row={row} />
                            ))}
                        </tr>
                    ))}
                </tbody>
            </table>
        </>
    );
}

function Cell<Row>({ column, row }: { column: Column<Row>; row: Row }) {
    const content = column.cell(row);
    if (column.kind === "name")
        return (
            <th role="rowheader" scope="row">
                {content}
            </th>
        );
    return (
        <td role="cell" class={column.kind} data-title={column.title}>
            {content}
        </td>
    );
}

interface HeadProps<Row> {
    column: Column<Row>;
    order: Order | undefined;
    set_order: (order: Order) => void;
}

// Numbers begin with the largest, names with A.
function first_direction<Row>(column: Column<Row>): Direction {
    return column.kind === "number" ? "descending" : "ascending";
}

function Head<Row>({ column, order, set_order }: HeadProps<Row>) {
    if (!order || !column.value)
        return (
            <th role="columnheader" scope="col" class={column.kind}>
                {column.title}
            </th>
        );
    const direction = order.column === column.title ? order.direction : undefined;
    const turn = (): void => {
        const other = direction === "ascending" ? "descending" : "ascending";
        set_order({ column: column.title, direction: direction ? other : first_direction(column) });
    };
    return (
        <th role="columnheader" scope="col" class={column.kind} aria-sort={direction ?? "none"}>
            <button type="button" class="sorter" onClick={turn}>
                {column.title}
            </button>
        </th>
    );
}

interface SortByProps<Row> {
    columns: Column<Row>[];
    order: Order | undefined;
    set_order: (order: Order) => void;
    caption: string;
}

// Stands in for the column heads where rows are cards.
function SortBy<Row>({ columns, order, set_order, caption }: SortByProps<Row>) {
    const choose = (title: string): void => {
        const column = columns.find((known) => known.title === title);
        if (column) set_order({ column: title, direction: first_direction(column) });
    };
    return (
        <label class="sort-by">
            Sort by <span class="unseen">, {caption}</span>
            <select value={order?.column} onChange={(event) => choose(event.currentTarget.value)}>
                {columns
                    .filter((column) => column.value)
                    .map((column) => (
                        <option key={column.title}>{column.title}</option>
                    ))}
            </select>
        </label>
    );
}
