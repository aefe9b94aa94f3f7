// A line chart of the last minutes (uPlot draws it), with its newest values and a summary in words beside it.
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import { clock, counted } from "./format";
import { seconds_kept, summary } from "./history";

const height_px = 132;
const dashes: number[][] = [[], [6, 3], [2, 2], [10, 3, 2, 3]]; // Lines differ in more than their colour.

export interface Line {
    name: string;
    samples: number[] | undefined;
}

interface ChartProps {
    title: string;
    seconds: number[];
    lines: Line[];
    say: (value: number) => string;
    top_min: number; // The scale reaches at least so far, so that tiny values do not look like mountains.
    steps?: number[]; // Distances between the marks of the scale that make round numbers.
}

const decades = Array.from({ length: 15 }, (_, place) => 10 ** (place - 5));
const round_steps = decades.flatMap((decade) => [decade, 2 * decade, 5 * decade]);
export const powers_of_two = Array.from({ length: 40 }, (_, place) => 2 ** place);

function style_of(name: string): string {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function axes({ say, steps = round_steps }: ChartProps): uPlot.Axis[] {
    const grid = { stroke: style_of("--line"), width: 1 };
    const both = { stroke: style_of("--soft"), grid, ticks: { show: false }, font: "11px system-ui, sans-serif" };
    const minute = (tick: number): string => clock(new Date(tick * 1_000)).slice(0, 5);
    return [
        { ...both, size: 22, space: 70, incrs: [60, 120], values: (_, ticks) => ticks.map(minute) },
        { ...both, size: 62, space: 28, incrs: steps, values: (_, ticks) => ticks.map(say) },
    ];
}

function options(props: ChartProps, width: number, pointed_at: (place: number | undefined) => void): uPlot.Options {
    return {
        width,
        height: height_px,
        legend: { show: false },
        cursor: { y: false, drag: { x: false, y: false, setScale: false }, points: { show: false } },
        scales: {
            x: { range: (_, __, newest) => [newest - seconds_kept + 1, newest] },
            y: { range: (_, __, highest) => [0, Math.max(highest * 1.1, props.top_min)] },
        },
        axes: axes(props),
        series: [
            {},
            ...props.lines.map((line, place) => ({
                label: line.name,
                stroke: style_of(`--line-${place + 1}`),
                width: 1.5,
                dash: dashes[place] ?? [],
                points: { show: false },
            })),
        ],
        hooks: { setCursor: [(plot) => pointed_at(plot.cursor.idx ?? undefined)] },
    };
}

// Changes when the colours do: the canvas has to be drawn anew then.
function useDark(): boolean {
    const [is_dark, set_dark] = useState(() => matchMedia("(prefers-color-scheme: dark)").matches);
    useEffect(() => {
        const query = matchMedia("(prefers-color-scheme: dark)");
        const follow = (): void => set_dark(query.matches);
        query.addEventListener("change", follow);
        return () => query.removeEventListener("change", follow);
    }, []);
    return is_dark;
}

function usePlot(props: ChartProps, pointed_at: (place: number | undefined) => void) {
    const place = useRef<HTMLDivElement>(null);
    const plot = useRef<uPlot>();
    const is_dark = useDark();
    useLayoutEffect(() => {
        const box = place.current;
        if (!box) return;
        const made = new uPlot(options(props, box.clientWidth, pointed_at), [[]], box);
        plot.current = made;
        const watcher = new ResizeObserver(() => made.setSize({ width: box.clientWidth, height: height_px }));
        watcher.observe(box);
        return () => {
            watcher.disconnect();
            made.destroy();
        };
    }, [is_dark]);
    useLayoutEffect(() => {
        plot.current?.setData([props.seconds, ...props.lines.map((line) => line.samples ?? [])]);
    }, [is_dark, props.seconds]);
    return place;
}

// The chart in words, for those who cannot see it.
function words(props: ChartProps): string {
    const span = counted(props.seconds.length, "second");
    const lines = props.lines.map(({ name, samples }) => {
        const said = summary(samples ?? []);
        if (!said) return `${name}: no values yet`;
        return `${name}: now ${props.say(said.now)}, lowest ${props.say(said.lowest)}, highest ${props.say(said.highest)}`;
    });
    return `Line chart of the last ${span}. ${lines.join(". ")}.`;
}

export function Chart(props: ChartProps) {
    const [pointed, set_pointed] = useState<number>();
    const box = usePlot(props, set_pointed);
    const shown = pointed !== undefined && pointed < props.seconds.length ? pointed : props.seconds.length - 1;
    const second = props.seconds[shown];
    return (
        <figure class="chart">
            <figcaption>
                <span class="chart-title">
                    {props.title}
                    {pointed !== undefined && second ? `, ${clock(new Date(second * 1_000))}` : ""}
                </span>
                {props.lines.map(({ name, samples }, place) => {
                    const value = samples?.[shown];
                    return (
                        <span key={name} class={`key key-${place + 1}`}>
                            {props.lines.length > 1 && `${name} `}
                            <b>{value === undefined ? "–" : props.say(value)}</b>
                        </span>
                    );
                })}
            </figcaption>
            <div class="plot" role="img" aria-label={`${props.title}. ${words(props)}`} ref={box} />
        </figure>
    );
}
