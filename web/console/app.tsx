// The frame around every page: skip link, pages, state of the connection.
import { useEffect, useState } from "preact/hooks";
import { Connection } from "./connection";
import { DescriptionsPage } from "./descriptions/page";
import { FlashPage } from "./flash/page";
import { LiveFeed, type Live } from "./live";
import { OverviewPage } from "./overview/page";
import { pages, read_route, write_route, type Page, type Route } from "./route";
import { SettingsPage } from "./settings/page";
import { StorePage } from "./store/page";

const names: Record<Page, string> = {
    overview: "Overview",
    flash: "flash",
    store: "store",
    api: "API",
    settings: "Settings",
};
const link_words = { connecting: "Connecting", live: "Live", lost: "No connection" };

function useRoute(): Route {
    const [route, set_route] = useState(() => read_route(location.hash));
    useEffect(() => {
        const follow = (): void => set_route(read_route(location.hash));
        addEventListener("hashchange", follow);
        return () => removeEventListener("hashchange", follow);
    }, []);
    return route;
}

function useLive(): [Live, () => void] {
    const [live, set_live] = useState<Live>({ link: { state: "connecting" } });
    const [feed, set_feed] = useState<LiveFeed>();
    useEffect(() => set_feed(new LiveFeed(set_live)), []);
    return [live, () => feed?.try_now()];
}

export function App() {
    const route = useRoute();
    const [live, try_now] = useLive();
    const is_lost = live.link.state === "lost";

    useEffect(() => {
        document.title = `${is_lost ? "No connection · " : ""}${names[route.page]} · Souk`;
    }, [route.page, is_lost]);

    return (
        <>
            <a class="skip" href="#main" onClick={skip_to_main}>
                Skip to the page
            </a>
            <header>
                <div class="top">
                    <p class="brand">Souk</p>
                    <PageLinks shown={route.page} />
                    <p class="link-state" data-link={live.link.state}>
                        {link_words[live.link.state]}
                    </p>
                </div>
                <Connection link={live.link} try_now={try_now} />
            </header>
            <main id="main" tabIndex={-1} data-stale={is_lost}>
                <PageOf route={route} live={live} />
            </main>
        </>
    );
}

function PageLinks({ shown }: { shown: Page }) {
    return (
        <nav aria-label="Pages">
            <ul>
                {pages.map((page) => (
                    <li key={page}>
                        <a href={write_route(page)} aria-current={page === shown ? "page" : undefined}>
                            {names[page]}
                        </a>
                    </li>
                ))}
            </ul>
        </nav>
    );
}

// The address after the # names the page, so the skip link must not change it.
function skip_to_main(event: Event): void {
    event.preventDefault();
    document.getElementById("main")?.focus();
}

function PageOf({ route, live }: { route: Route; live: Live }) {
    const services = live.overview?.services.map((service) => service.name) ?? [];
    switch (route.page) {
        case "overview":
            return <OverviewPage overview={live.overview} />;
        case "flash":
            return <FlashPage live={live} />;
        case "store":
            return <StorePage live={live} />;
        case "api":
            return <DescriptionsPage services={services} rest={route.rest} />;
        case "settings":
            return <SettingsPage />;
    }
}
