import { milliseconds, rate, share } from "../format";
import { Empty, None } from "../parts";
import { Table, type Column } from "../table";
import type { RouteTraffic } from "../types";

const quiet = "no requests in the last 10 seconds";

function latency(value: number | null) {
    return value === null ? <None because={quiet} /> : milliseconds(value);
}

const columns: Column<RouteTraffic>[] = [
    {
        title: "Route",
        kind: "name",
        cell: (row) => (
            <code>
                {row.method} {row.route}
            </code>
        ),
        value: (row) => `${row.route} ${row.method}`,
    },
    { title: "Service", cell: (row) => row.service, value: (row) => row.service },
    {
        title: "Requests/s",
        kind: "number",
        cell: (row) => rate(row.requestsPerSecond),
        value: (row) => row.requestsPerSecond,
    },
    { title: "Errors", kind: "number", cell: (row) => share(row.errorShare), value: (row) => row.errorShare },
    { title: "p50", kind: "number", cell: (row) => latency(row.p50Ms), value: (row) => row.p50Ms },
    { title: "p99", kind: "number", cell: (row) => latency(row.p99Ms), value: (row) => row.p99Ms },
];

const columns_of_one_service = columns.filter((column) => column.title !== "Service");

interface RoutesTableProps {
    routes: RouteTraffic[];
    of_one_service?: boolean;
}

export function RoutesTable({ routes, of_one_service = false }: RoutesTableProps) {
    if (routes.length === 0)
        return (
            <Empty>
                <p>No requests yet. Routes appear here with their first request.</p>
            </Empty>
        );
    return (
        <>
            <p class="note">Of the last 10 seconds; half of the requests were faster than p50, 99 of 100 faster than p99.</p>
            <Table
                caption="Traffic by route"
                columns={of_one_service ? columns_of_one_service : columns}
                rows={routes}
                row_key={(row) => `${row.service} ${row.method} ${row.route}`}
                start={{ column: "Requests/s", direction: "descending" }}
            />
        </>
    );
}
