// The order of a table's rows.

export type Direction = "ascending" | "descending";
export type Value = string | number | null;

// A sorted copy. Rows without a value stay last either way, and rows that are equal keep their order.
export function sorted<Row>(rows: readonly Row[], value: (row: Row) => Value, direction: Direction): Row[] {
    const sign = direction === "ascending" ? 1 : -1;
    return [...rows].sort((left, right) => {
        const [a, b] = [value(left), value(right)];
        if (a === null || b === null) return Number(a === null) - Number(b === null);
        if (typeof a === "string" || typeof b === "string")
            return sign * String(a).localeCompare(String(b), "en", { numeric: true });
        return sign * (a - b);
    });
}
