// The overview: is everything well, and if not, what is the matter.
import { Chart, powers_of_two } from "../chart";
import { bytes, count, counted, date_and_clock, duration, milliseconds, rate, share } from "../format";
import { errors_bad, Fact, PageTitle, State } from "../parts";
import { RoutesTable } from "../traffic/routes_table";
import type { Overview } from "../types";
import { Services } from "./services";

const mebibyte = 1_048_576;

export function OverviewPage({ overview }: { overview: Overview | undefined }) {
    return (
        <>
            <PageTitle>Overview</PageTitle>
            {overview ? <Loaded overview={overview} /> : <p class="waiting">Waiting for the first values.</p>}
        </>
    );
}

function Loaded({ overview }: { overview: Overview }) {
    return (
        <>
            <Facts overview={overview} />
            <Services services={overview.services} />
            <Charts overview={overview} />
            <section aria-labelledby="routes">
                <h2 id="routes">Routes</h2>
                <RoutesTable routes={overview.traffic.routes} />
            </section>
            <Program overview={overview} />
        </>
    );
}

function Facts({ overview }: { overview: Overview }) {
    const { traffic, loops } = overview;
    const lag_ms = Math.max(0, ...loops.map((loop) => loop.lagMs));
    const is_up = overview.state === "up";
    return (
        <dl class="facts">
            <Fact name="State" is_bad={!is_up} note={is_up ? "every dependency answers" : "see the services below"}>
                <State good={is_up}>{is_up ? "up" : "degraded"}</State>
            </Fact>
            <Fact name="Requests" note="per second, all routes">
                {rate(traffic.requestsPerSecond)} /s
            </Fact>
            <Fact name="Errors" note="share of answers 5xx" is_bad={traffic.errorShare >= errors_bad}>
                {share(traffic.errorShare)}
            </Fact>
            <Fact name="Event-loop lag" note={`longest of ${counted(loops.length, "loop")}, last second`}>
                {milliseconds(lag_ms)}
            </Fact>
            <Fact name="Memory" note={counted(overview.openFiles, "open file")}>
                {bytes(overview.memoryBytes)}
            </Fact>
            <Fact name="Uptime" note={`since ${date_and_clock(new Date(overview.startedAt))}`}>
                {duration(overview.uptimeSeconds)}
            </Fact>
        </dl>
    );
}

function Charts({ overview }: { overview: Overview }) {
    const { seconds, requestsPerSecond, errorShare, lagMs, memoryBytes } = overview.history;
    return (
        <section aria-labelledby="charts">
            <h2 id="charts">The last five minutes</h2>
            <div class="charts">
                <Chart
                    title="Requests per second"
                    seconds={seconds}
                    lines={[{ name: "Requests", samples: requestsPerSecond }]}
                    say={rate}
                    top_min={10}
                />
                <Chart
                    title="Error share"
                    seconds={seconds}
                    lines={[{ name: "Errors", samples: errorShare }]}
                    say={share}
                    top_min={0.01}
                />
                <Chart
                    title="Event-loop lag"
                    seconds={seconds}
                    lines={[{ name: "Lag", samples: lagMs }]}
                    say={milliseconds}
                    top_min={1}
                />
                <Chart
                    title="Memory"
                    seconds={seconds}
                    lines={[{ name: "Memory", samples: memoryBytes }]}
                    say={bytes}
                    top_min={mebibyte}
                    steps={powers_of_two}
                />
            </div>
        </section>
    );
}

function Program({ overview }: { overview: Overview }) {
    return (
        <section aria-labelledby="program">
            <h2 id="program">Program</h2>
            <dl class="pairs">
                <dt>Version</dt>
                <dd>{overview.version}</dd>
                <dt>Environment</dt>
                <dd>{overview.environment}</dd>
                <dt>Data directory</dt>
                <dd>
                    <code>{overview.dataDirectory}</code>, {bytes(overview.diskFreeBytes)} free on its disk
                </dd>
                <dt>Event loops</dt>
                <dd>
                    {count(overview.loops.length)} (
                    {overview.loops.map((loop) => `${loop.name}: ${milliseconds(loop.lagMs)}`).join(", ")})
                </dd>
            </dl>
        </section>
    );
}
