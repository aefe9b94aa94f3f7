// The address after the #: which page is shown, and what on it.

export const pages = ["overview", "flash", "store", "api", "settings"] as const;
export type Page = (typeof pages)[number];

export interface Route {
    page: Page;
    rest: string[];
}

// "#/api/flash/post-order" is the page api with the rest ["flash", "post-order"]; whatever is unknown is the overview.
export function read_route(hash: string): Route {
    const [name, ...rest] = hash.replace(/^#\/?/, "").split("/").filter(Boolean).map(decoded);
    const page = pages.find((known) => known === name);
    return page ? { page, rest } : { page: "overview", rest: [] };
}

export function write_route(page: Page, ...rest: string[]): string {
    return ["#", page, ...rest.map(encodeURIComponent)].join("/");
}

function decoded(part: string): string {
    try {
        return decodeURIComponent(part);
    } catch {
        return part; // A stray % typed by hand.
    }
}
