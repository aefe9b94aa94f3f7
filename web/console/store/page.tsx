// store: its traffic, how well the cache serves the lists, and what waits or was given up in the background.
import { Chart } from "../chart";
import { count, duration, rate, share } from "../format";
import type { Live } from "../live";
import { Fact, NotThere, PageTitle, State } from "../parts";
import { ServiceRoutes, TrafficFacts } from "../traffic/service_traffic";
import type { Overview, Store, StoreTables } from "../types";
import { FailedMessages } from "./failed_messages";

export function StorePage({ live }: { live: Live }) {
    return (
        <>
            <PageTitle>store</PageTitle>
            {live.store && live.overview ? (
                <Loaded store={live.store} overview={live.overview} />
            ) : (
                <NotThere service="store" is_known={live.overview !== undefined} />
            )}
        </>
    );
}

interface LoadedProps {
    store: Store;
    overview: Overview;
}

function Loaded({ store, overview }: LoadedProps) {
    return (
        <>
            <Facts store={store} overview={overview} />
            <FailedMessages tables={store.tables} />
            <Charts store={store} />
            <ServiceRoutes overview={overview} service="store" />
        </>
    );
}

function Facts({ store, overview }: LoadedProps) {
    const { lists, created } = store;
    return (
        <dl class="facts">
            <Fact name="Shop" is_bad={!store.isOpen} note={store.isOpen ? "the tables answer" : "the tables are not ready"}>
                <State good={store.isOpen}>{store.isOpen ? "open" : "closed"}</State>
            </Fact>
            <TrafficFacts overview={overview} service="store" />
            <Fact name="Lists from the cache" note={`${count(lists.hits)} of ${count(lists.hits + lists.misses)} since start`}>
                {lists.hitShare === null ? "none yet" : share(lists.hitShare)}
            </Fact>
            <Fact name="Products" note={`${count(created.products)} added since start`}>
                {store.tables === null ? "not known" : count(store.tables.products)}
            </Fact>
            <Fact name="Reviews" note="since start">
                {count(created.reviews)}
            </Fact>
            <Fact name="Checkouts" note="since start">
                {count(created.checkouts)}
            </Fact>
            {store.tables && <Background tables={store.tables} />}
        </dl>
    );
}

function jobs_note({ givenUp, oldestSeconds }: StoreTables["jobs"]): string {
    const late = oldestSeconds > 0 ? `due for ${duration(oldestSeconds)}, ` : "";
    return `${late}${count(givenUp)} given up`;
}

function Background({ tables: { outbox, jobs } }: { tables: StoreTables }) {
    return (
        <>
            <Fact name="Messages on their way" note={`${count(outbox.sent)} forwarded`}>
                {count(outbox.pending)}
            </Fact>
            <Fact name="Messages given up" note="see below" is_bad={outbox.failed > 0}>
                {count(outbox.failed)}
            </Fact>
            <Fact name="Messages kept" note="nothing forwards them">
                {count(outbox.disabled)}
            </Fact>
            <Fact name="Jobs" note={jobs_note(jobs)} is_bad={jobs.givenUp > 0}>
                {count(jobs.waiting)}
            </Fact>
        </>
    );
}

function Charts({ store }: { store: Store }) {
    const { seconds, hits, misses, waiting } = store.history;
    return (
        <section aria-labelledby="charts">
            <h2 id="charts">The last five minutes</h2>
            <div class="charts">
                <Chart
                    title="Lists per second"
                    seconds={seconds}
                    lines={[
                        { name: "from the cache", samples: hits },
                        { name: "from the tables", samples: misses },
                    ]}
                    say={rate}
                    top_min={10}
                />
                <Chart
                    title="Jobs that wait"
                    seconds={seconds}
                    lines={[{ name: "Jobs", samples: waiting }]}
                    say={count}
                    top_min={10}
                />
            </div>
        </section>
    );
}
