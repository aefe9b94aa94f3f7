// The sales, the one with the most recent change first.
import { count, counted, rate } from "../format";
import { Empty } from "../parts";
import { Table, type Column } from "../table";
import type { Flash, Sale } from "../types";

type BeginReset = (product: string, quantity: number | null) => void;

function Stock({ sale }: { sale: Sale }) {
    if (sale.quantity === null) return <>{counted(sale.left, "unit")}</>;
    return (
        <span class="stock">
            <span>
                {count(sale.left)} of {count(sale.quantity)}
                {sale.left === 0 && <b> · sold out</b>}
            </span>
            <meter min={0} max={Math.max(sale.quantity, 1)} value={sale.left} aria-label={`Units left of ${sale.productId}`} />
        </span>
    );
}

function columns_with(begin_reset: BeginReset): Column<Sale>[] {
    return [
        { title: "Product", kind: "name", cell: (sale) => <code>{sale.productId}</code> },
        { title: "Left", kind: "wide", cell: (sale) => <Stock sale={sale} /> },
        { title: "Sale", kind: "number", cell: (sale) => `no. ${count(sale.sale)}` },
        { title: "Accepted/s", kind: "number", cell: (sale) => rate(sale.acceptedPerSecond) },
        { title: "Accepted", kind: "number", cell: (sale) => count(sale.accepted) },
        { title: "Sold out", kind: "number", cell: (sale) => count(sale.soldOut) },
        { title: "Duplicates", kind: "number", cell: (sale) => count(sale.duplicates) },
        {
            title: "Change",
            cell: (sale) => (
                <button type="button" class="quiet" onClick={() => begin_reset(sale.productId, sale.quantity)}>
                    Reset…<span class="unseen"> the sale of {sale.productId}</span>
                </button>
            ),
        },
    ];
}

export function Sales({ flash, begin_reset }: { flash: Flash; begin_reset: BeginReset }) {
    if (flash.sales.length === 0)
        return (
            <Empty>
                <p>Nothing is on sale yet. Start a sale with the form above, or on the command line:</p>
                <pre>souk flash init iphone-15 100</pre>
            </Empty>
        );
    const unlisted = flash.salesTotal - flash.sales.length;
    return (
        <>
            <Table
                caption="Sales"
                columns={columns_with(begin_reset)}
                rows={flash.sales}
                row_key={(sale) => sale.productId}
            />
            {unlisted > 0 && (
                <p class="note">
                    {counted(unlisted, "more sale")} without a recent change; <code>souk flash sales</code> lists all of them.
                </p>
            )}
        </>
    );
}
