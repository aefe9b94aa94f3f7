// The traffic of one service: among the facts of its page, and route by route.
import { rate, share } from "../format";
import { errors_bad, Fact } from "../parts";
import type { Overview } from "../types";
import { own, sum } from "./own";
import { RoutesTable } from "./routes_table";

interface TrafficProps {
    overview: Overview;
    service: string;
}

export function TrafficFacts({ overview, service }: TrafficProps) {
    const { requestsPerSecond, errorShare } = sum(own(overview.traffic.routes, service));
    return (
        <>
            <Fact name="Requests" note="per second, last 10 s">
                {rate(requestsPerSecond)} /s
            </Fact>
            <Fact name="Errors" note="share of answers 5xx" is_bad={errorShare >= errors_bad}>
                {share(errorShare)}
            </Fact>
        </>
    );
}

export function ServiceRoutes({ overview, service }: TrafficProps) {
    return (
        <section aria-labelledby="routes">
            <h2 id="routes">Routes</h2>
            <RoutesTable routes={own(overview.traffic.routes, service)} of_one_service />
        </section>
    );
}
