// What the operations listener sends; the names are those of its JSON.

// degraded: it is missed, and it goes on without.
export type UpOrDown = "up" | "degraded" | "down";

export interface Dependency {
    name: string;
    state: UpOrDown;
    detail: string;
}

export interface Service {
    name: string;
    state: UpOrDown;
    listeners: { name: string; address: string }[];
    dependencies: Dependency[];
}

export interface RouteTraffic {
    service: string;
    method: string;
    route: string;
    requestsPerSecond: number;
    errorShare: number;
    p50Ms: number | null;
    p99Ms: number | null;
}

// Rows of numbers side by side, one place for each second.
export interface History {
    seconds: number[];
    [measure: string]: number[];
}

export interface Overview {
    version: string;
    environment: string;
    startedAt: string;
    now: string;
    uptimeSeconds: number;
    state: "up" | "degraded";
    dataDirectory: string;
    diskFreeBytes: number;
    memoryBytes: number;
    openFiles: number;
    loops: { name: string; lagMs: number }[];
    services: Service[];
    traffic: { requestsPerSecond: number; errorShare: number; routes: RouteTraffic[] };
    history: History;
}

export interface Sale {
    productId: string;
    sale: number;
    quantity: number | null;
    left: number;
    accepted: number;
    soldOut: number;
    duplicates: number;
    acceptedPerSecond: number;
}

export interface Outcomes {
    accepted: number;
    duplicates: number;
    soldOut: number;
    overLimit: number;
    failed: number;
}

export interface LateOrder {
    orderId: string;
    productId: string;
    userId: string;
    acceptedAt: string;
}

export interface DeadLetter {
    log: string;
    position: number;
    reason: string;
    record: string;
    createdAt: string;
}

export interface Flash {
    isOpen: boolean;
    sales: Sale[];
    salesTotal: number;
    perSecond: Outcomes;
    totals: Outcomes;
    backlog: { orders: number; ageSeconds: number };
    late: { orders: number; oldest: LateOrder[] };
    deadLetters: { total: number | null; rows: DeadLetter[] }; // null: nobody could look them up yet.
    history: History;
}

export interface FailedMessage {
    id: number;
    name: string;
    email: string;
    subject: string;
    attempts: number;
    lastError: string;
    createdAt: string;
}

export interface StoreTables {
    products: number;
    outbox: { pending: number; sent: number; failed: number; disabled: number };
    jobs: { waiting: number; givenUp: number; oldestSeconds: number };
    failedMessages: FailedMessage[];
}

export interface Store {
    isOpen: boolean;
    lists: { hits: number; misses: number; hitsPerSecond: number; missesPerSecond: number; hitShare: number | null };
    created: { products: number; reviews: number; checkouts: number };
    tables: StoreTables | null; // null: nobody could look them up yet.
    history: History;
}

// A service is missing or null while it does not run here.
export interface LiveMessage {
    overview: Overview;
    flash?: Flash | null;
    store?: Store | null;
}

export interface Setting {
    name: string;
    value: string;
    source: string;
    help: string;
    bounds: string;
}

export interface Header {
    name: string;
    value: string;
}

export interface TryRequest {
    service: string;
    listener: string;
    method: string;
    path: string;
    headers: Header[];
    body: string;
}

export interface TryAnswer {
    status: number;
    headers: Header[];
    body: string;
    durationMs: number;
}

export interface RetryOutcome {
    written: number;
    unreadable: number;
    refusal: string;
}
