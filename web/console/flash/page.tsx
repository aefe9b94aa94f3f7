// flash: every sale as it moves, what waits for the database, and what never got there.
import { useState } from "preact/hooks";
import { Chart } from "../chart";
import { count, duration, rate } from "../format";
import type { Live } from "../live";
import { Fact, NotThere, PageTitle, State } from "../parts";
import { ServiceRoutes, TrafficFacts } from "../traffic/service_traffic";
import type { Flash, Outcomes, Overview } from "../types";
import { DeadLetters } from "./dead_letters";
import { LateOrders } from "./late_orders";
import { SaleForm, type Draft } from "./sale_form";
import { Sales } from "./sales";

export function FlashPage({ live }: { live: Live }) {
    return (
        <>
            <PageTitle>flash</PageTitle>
            <Content live={live} />
        </>
    );
}

function Content({ live }: { live: Live }) {
    if (live.flash && live.overview) return <Loaded flash={live.flash} overview={live.overview} />;
    return <NotThere service="flash" is_known={live.overview !== undefined} />;
}

interface LoadedProps {
    flash: Flash;
    overview: Overview;
}

function Loaded({ flash, overview }: LoadedProps) {
    const [draft, set_draft] = useState<Draft>({ product: "", quantity: "" });
    const begin_reset = (product: string, quantity: number | null): void => {
        set_draft({ product, quantity: quantity === null ? "" : String(quantity) });
        document.getElementById("quantity")?.focus();
    };
    return (
        <>
            <Facts flash={flash} overview={overview} />
            <section aria-labelledby="sales">
                <h2 id="sales">Sales</h2>
                <SaleForm flash={flash} draft={draft} set_draft={set_draft} />
                <Sales flash={flash} begin_reset={begin_reset} />
            </section>
            <Charts flash={flash} />
            <LateOrders late={flash.late} now={new Date(overview.now)} />
            <DeadLetters dead_letters={flash.deadLetters} />
            <ServiceRoutes overview={overview} service="flash" />
        </>
    );
}

const outcomes: [keyof Outcomes, string][] = [
    ["accepted", "Accepted"],
    ["soldOut", "Sold out"],
    ["duplicates", "Duplicates"],
    ["overLimit", "Over limit"],
    ["failed", "Failed"],
];

function Facts({ flash, overview }: LoadedProps) {
    const { backlog, late, deadLetters } = flash;
    return (
        <dl class="facts">
            <Fact name="Orders" is_bad={!flash.isOpen} note={flash.isOpen ? "orders are taken" : "no orders are taken"}>
                <State good={flash.isOpen}>{flash.isOpen ? "open" : "closed"}</State>
            </Fact>
            <TrafficFacts overview={overview} service="flash" />
            {outcomes.map(([key, name]) => (
                <Fact
                    key={key}
                    name={name}
                    note={`${count(flash.totals[key])} since start`}
                    is_bad={key === "failed" && flash.perSecond.failed > 0}
                >
                    {rate(flash.perSecond[key])} /s
                </Fact>
            ))}
            <Fact name="Backlog" note={backlog.orders > 0 ? `orders, for ${duration(backlog.ageSeconds)}` : "no order waits"}>
                {count(backlog.orders)}
            </Fact>
            <Fact name="Not confirmed" note="orders, after 5 s" is_bad={late.orders > 0}>
                {count(late.orders)}
            </Fact>
            <Fact name="Dead letters" note="never written" is_bad={(deadLetters.total ?? 0) > 0}>
                {deadLetters.total === null ? "not known" : count(deadLetters.total)}
            </Fact>
        </dl>
    );
}

function Charts({ flash }: { flash: Flash }) {
    const { seconds, accepted, duplicates, soldOut, overLimit, backlog } = flash.history;
    return (
        <section aria-labelledby="charts">
            <h2 id="charts">The last five minutes</h2>
            <div class="charts">
                <Chart
                    title="Orders per second"
                    seconds={seconds}
                    lines={[
                        { name: "accepted", samples: accepted },
                        { name: "sold out", samples: soldOut },
                        { name: "duplicates", samples: duplicates },
                        { name: "over limit", samples: overLimit },
                    ]}
                    say={rate}
                    top_min={10}
                />
                <Chart
                    title="Backlog, in orders"
                    seconds={seconds}
                    lines={[{ name: "Backlog", samples: backlog }]}
                    say={count}
                    top_min={10}
                />
            </div>
        </section>
    );
}
