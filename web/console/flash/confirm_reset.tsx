// Asks before a reset, naming the product and what happens to its sale.
import { count, counted } from "../format";
import { Dialog } from "../parts";
import type { Sale } from "../types";

interface ConfirmResetProps {
    product: string;
    quantity: number;
    sale: Sale | undefined; // Unknown for a sale that the live messages do not list.
    confirmed: () => void;
    closed: () => void;
}

export function ConfirmReset({ product, quantity, sale, confirmed, closed }: ConfirmResetProps) {
    return (
        <Dialog title={`Reset the sale of ${product}?`} closed={closed}>
            {(close) => (
                <>
                    {sale && (
                        <p>
                            Sale no. {count(sale.sale)} has {counted(sale.left, "unit")} left and has accepted{" "}
                            {counted(sale.accepted, "order")}.
                        </p>
                    )}
                    <p>
                        The reset ends it and begins a new sale with <strong>{counted(quantity, "unit")}</strong>: they replace
                        what is left and are not added to it. Orders accepted so far stay valid and take none of the new units.
                    </p>
                    <p>This cannot be undone.</p>
                    <div class="actions">
                        <button type="button" class="quiet" autofocus onClick={close}>
                            Keep the sale
                        </button>
                        <button
                            type="button"
                            class="danger"
                            onClick={() => {
                                close();
                                confirmed();
                            }}
                        >
                            Reset the sale
                        </button>
                    </div>
                </>
            )}
        </Dialog>
    );
}
