// Orders that were accepted more than five seconds ago and are not in the database yet.
import { counted, date_and_clock, duration } from "../format";
import { Table, type Column } from "../table";
import type { Flash, LateOrder } from "../types";

function columns_at(now: Date): Column<LateOrder>[] {
    return [
        { title: "Order", kind: "name", cell: (order) => <code>{order.orderId}</code> },
        { title: "Product", cell: (order) => <code>{order.productId}</code> },
        { title: "User", cell: (order) => <code>{order.userId}</code> },
        { title: "Accepted", cell: (order) => date_and_clock(new Date(order.acceptedAt)) },
        {
            title: "Waits",
            kind: "number",
            cell: (order) => duration(Math.max(0, (now.getTime() - Date.parse(order.acceptedAt)) / 1_000)),
        },
    ];
}

export function LateOrders({ late, now }: { late: Flash["late"]; now: Date }) {
    return (
        <section aria-labelledby="late">
            <h2 id="late">Orders not confirmed within 5 seconds</h2>
            {late.orders === 0 ? (
                <p class="note">None: every accepted order reached the database in time.</p>
            ) : (
                <>
                    <p>
                        {counted(late.orders, "order")} safe in the order log, waiting for the database. They are written by
                        themselves as soon as it answers; look at its state on the overview.
                    </p>
                    <Table
                        caption="The oldest orders not confirmed"
                        columns={columns_at(now)}
                        rows={late.oldest}
                        row_key={(order) => order.orderId}
                    />
                    {late.orders > late.oldest.length && (
                        <p class="note">Only the {late.oldest.length} oldest are shown.</p>
                    )}
                </>
            )}
        </section>
    );
}
