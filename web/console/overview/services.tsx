// Each service with the addresses it listens on and the state of what it depends on, in words.
import { State } from "../parts";
import type { Dependency, Service } from "../types";

export function Services({ services }: { services: Service[] }) {
    return (
        <section aria-labelledby="services">
            <h2 id="services">Services</h2>
            <ul class="cards">
                {services.map((service) => (
                    <li key={service.name} class="card">
                        <h3>
                            {service.name} <State good={service.state === "up"}>{service.state}</State>
                        </h3>
                        <dl class="pairs">
                            {service.listeners.map((listener) => (
                                <>
                                    <dt>{listener.name}</dt>
                                    <dd>
                                        listens on <code>{listener.address}</code>
                                    </dd>
                                </>
                            ))}
                            {service.dependencies.map((dependency) => (
                                <OneDependency key={dependency.name} dependency={dependency} />
                            ))}
                        </dl>
                    </li>
                ))}
            </ul>
        </section>
    );
}

function OneDependency({ dependency }: { dependency: Dependency }) {
    return (
        <>
            <dt>{dependency.name}</dt>
            <dd>
                <State good={dependency.state === "up"}>{dependency.state}</State> {dependency.detail}
            </dd>
        </>
    );
}
