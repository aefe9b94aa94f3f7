// Loads one TypeScript module without imports of its own into a unit test, through the compiler Vite brings along.
import { readFile } from "node:fs/promises";
import { transformWithEsbuild } from "vite";

export async function load(url) {
    const source = await readFile(url, "utf8");
    const { code } = await transformWithEsbuild(source, url.pathname, { sourcemap: false });
    return import(`data:text/javascript,${encodeURIComponent(code)}`);
}
