// The API of each service: its operations by listener, and the one that was chosen in full.
import { useLayoutEffect, useRef } from "preact/hooks";
import { read_description } from "../api";
import { Failure, PageTitle, useAnswer } from "../parts";
import { write_route } from "../route";
import { by_listener, read_document, type Description, type Operation } from "./openapi";
import { OperationView } from "./operation";

export function DescriptionsPage({ services, rest }: { services: string[]; rest: string[] }) {
    const service = rest[0] ?? services[0];
    return (
        <>
            <PageTitle>API</PageTitle>
            {services.length > 1 && <ServiceLinks services={services} shown={service} />}
            {service ? <Service service={service} chosen={rest[1]} /> : <p class="waiting">Waiting for the services.</p>}
        </>
    );
}

function ServiceLinks({ services, shown }: { services: string[]; shown: string | undefined }) {
    return (
        <nav aria-label="Services" class="choices">
            {services.map((service) => (
                <a key={service} href={write_route("api", service)} aria-current={service === shown ? "true" : undefined}>
                    {service}
                </a>
            ))}
        </nav>
    );
}

function Service({ service, chosen }: { service: string; chosen: string | undefined }) {
    const { answer, failure, repeat } = useAnswer(() => read_description(service).then(read_document), service);
    if (failure !== undefined)
        return (
            <>
                <Failure text={failure} />
                <button type="button" onClick={repeat}>
                    Try again
                </button>
            </>
        );
    if (!answer) return <p class="waiting">Reading the description.</p>;
    return <Reader service={service} description={answer} chosen={chosen} />;
}

interface ReaderProps {
    service: string;
    description: Description;
    chosen: string | undefined;
}

function Reader({ service, description, chosen }: ReaderProps) {
    const shown = description.operations.find((one) => one.key === chosen) ?? description.operations[0];
    return (
        <>
            <p class="note">
                {description.title} {description.version}: {description.summary}. The same as a file:{" "}
                <a href={`/openapi/${service}.json`}>/openapi/{service}.json</a>
            </p>
            <div class="reader">
                <nav aria-label="Operations">
                    {by_listener(description.operations).map(([listener, operations]) => (
                        <Group key={listener} {...{ service, listener, operations, shown }} />
                    ))}
                </nav>
                {shown && <Chosen key={shown.key} service={service} operation={shown} is_asked_for={chosen !== undefined} />}
            </div>
        </>
    );
}

interface GroupProps {
    service: string;
    listener: string;
    operations: Operation[];
    shown: Operation | undefined;
}

function Group({ service, listener, operations, shown }: GroupProps) {
    return (
        <>
            <h2 class="group">{listener}</h2>
            <ul>
                {operations.map((one) => (
                    <li key={one.key}>
                        <a href={write_route("api", service, one.key)} aria-current={one === shown ? "true" : undefined}>
                            <span class="method">{one.method}</span> <span class="path">{one.path}</span>
                        </a>
                    </li>
                ))}
            </ul>
        </>
    );
}

// A chosen operation takes the focus, since on a phone it is below the list.
function Chosen({ service, operation, is_asked_for }: { service: string; operation: Operation; is_asked_for: boolean }) {
    const place = useRef<HTMLElement>(null);
    useLayoutEffect(() => {
        if (is_asked_for) place.current?.querySelector("h2")?.focus();
    }, []);
    return (
        <article ref={place}>
            <OperationView service={service} operation={operation} />
        </article>
    );
}
