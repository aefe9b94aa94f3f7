// What may be typed into the form, by the rules of the service.

export const quantity_max = 2_147_483_647;

// What is wrong with a product id; empty when it is fine.
export function product_mistake(product: string): string {
    if (product === "") return "Name the product, for example iphone-15.";
    if (product.length > 128) return "At most 128 characters.";
    if (!/^[!#-&(-_a-~]+$/.test(product)) return "Only letters, digits and signs of ASCII, without spaces and quotes.";
    return "";
}

export function quantity_mistake(quantity: string): string {
    if (quantity.trim() === "") return "Say how many units there are.";
    if (!/^\d+$/.test(quantity.trim())) return "A whole number, for example 100.";
    if (Number(quantity) > quantity_max) return "At most 2,147,483,647.";
    return "";
}
