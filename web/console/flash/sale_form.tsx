// Starts a sale. For a product that has one already this is a reset, which is asked about first.
import { useState } from "preact/hooks";
import { Outcome, useAction, type Said } from "../action";
import { has_sale, start_sale } from "../api";
import { count } from "../format";
import type { Flash } from "../types";
import { ConfirmReset } from "./confirm_reset";
import { product_mistake, quantity_mistake } from "./sale_rules";

export interface Draft {
    product: string;
    quantity: string;
}

interface SaleFormProps {
    flash: Flash;
    draft: Draft;
    set_draft: (draft: Draft) => void;
}

interface Mistakes {
    product: string;
    quantity: string;
}

const no_mistakes: Mistakes = { product: "", quantity: "" };

// The live messages list the sales with the most recent changes; about others the service is asked.
async function is_on_sale(flash: Flash, product: string): Promise<boolean> {
    if (flash.sales.some((sale) => sale.productId === product)) return true;
    return flash.salesTotal > flash.sales.length && has_sale(product);
}

function useSaleForm({ flash, draft, set_draft }: SaleFormProps) {
    const [mistakes, set_mistakes] = useState(no_mistakes);
    const [asks, set_asks] = useState(false);
    const action = useAction();
    const product = draft.product.trim();
    const quantity = Number(draft.quantity);

    const start = async (): Promise<Said> => {
        await start_sale(product, quantity);
        set_draft({ product: "", quantity: "" });
        return { done: `${product} is on sale with ${count(quantity)} units.` };
    };
    const submit = (event: Event): void => {
        event.preventDefault();
        if (action.is_busy) return;
        const found = { product: product_mistake(product), quantity: quantity_mistake(draft.quantity) };
        set_mistakes(found);
        action.clear();
        const wrong = found.product ? "product" : found.quantity ? "quantity" : undefined;
        if (wrong) return document.getElementById(wrong)?.focus();
        action.begin(async () => {
            if (!(await is_on_sale(flash, product))) return start();
            set_asks(true);
            return {};
        });
    };
    return { mistakes, action, asks, set_asks, product, quantity, start: () => action.begin(start), submit };
}

export function SaleForm(props: SaleFormProps) {
    const { flash, draft, set_draft } = props;
    const form = useSaleForm(props);
    const known = flash.sales.find((sale) => sale.productId === form.product);
    return (
        <form class="sale-form" noValidate onSubmit={form.submit} aria-label="Start or reset a sale">
            <Field
                id="product"
                label="Product"
                value={draft.product}
                mistake={form.mistakes.product}
                change={(product) => set_draft({ ...draft, product })}
            />
            <Field
                id="quantity"
                label="Units"
                is_number
                value={draft.quantity}
                mistake={form.mistakes.quantity}
                change={(quantity) => set_draft({ ...draft, quantity })}
            />
            <button type="submit" aria-disabled={form.action.is_busy}>
                {known ? "Reset sale…" : "Start sale"}
            </button>
            <Outcome said={form.action.said} />
            {form.asks && (
                <ConfirmReset
                    product={form.product}
                    quantity={form.quantity}
                    sale={known}
                    confirmed={form.start}
                    closed={() => form.set_asks(false)}
                />
            )}
        </form>
    );
}

interface FieldProps {
    id: string;
    label: string;
    value: string;
    mistake: string;
    is_number?: boolean;
    change: (value: string) => void;
}

function Field({ id, label, value, mistake, is_number, change }: FieldProps) {
    return (
        <div class="field">
            <label for={id}>{label}</label>
            <input
                id={id}
                value={value}
                autocomplete="off"
                autocapitalize="off"
                spellcheck={false}
                inputMode={is_number ? "numeric" : "text"}
                aria-invalid={mistake !== ""}
                aria-describedby={`${id}-mistake`}
                onInput={(event) => change(event.currentTarget.value)}
            />
            <p id={`${id}-mistake`} class="mistake">
                {mistake}
            </p>
        </div>
    );
}
