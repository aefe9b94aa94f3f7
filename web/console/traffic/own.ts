// A service's part of the program's traffic.
import type { RouteTraffic } from "../types";

export function own(routes: readonly RouteTraffic[], service: string): RouteTraffic[] {
    return routes.filter((route) => route.service === service);
}

export interface Sum {
    requestsPerSecond: number;
    errorShare: number; // 0 to 1; 0 without requests.
}

// Busy routes count for more in the share of errors than quiet ones.
export function sum(routes: readonly RouteTraffic[]): Sum {
    const requestsPerSecond = routes.reduce((all, route) => all + route.requestsPerSecond, 0);
    const errorsPerSecond = routes.reduce((all, route) => all + route.requestsPerSecond * route.errorShare, 0);
    return { requestsPerSecond, errorShare: requestsPerSecond > 0 ? errorsPerSecond / requestsPerSecond : 0 };
}
