// Where a visitor may be sent: the return address the server allowed, else the page that sent them here.

function web_address(text: string): URL | undefined {
    try {
        const url = new URL(text);
        return url.protocol === "http:" || url.protocol === "https:" ? url : undefined;
    } catch {
        return undefined;
    }
}

export function way_back(allowed: string, referrer: string, here: string): string | undefined {
    const target = web_address(allowed);
    if (target) return target.href;

    // A refresh of this page makes it its own referrer; going there would be a circle.
    const from = web_address(referrer);
    const self = web_address(here);
    const is_here = from?.origin === self?.origin && from?.pathname === self?.pathname;
    return from && !is_here ? from.href : undefined;
}
