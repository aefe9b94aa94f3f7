// Builds one page folder (the root given to `vite build`) into a single HTML file that needs no other.
import { defineConfig, type Plugin } from "vite";

// Puts the script and the style sheet into the page. Functions as replacements, since "$&" in minified code
// would otherwise mean something; the nonce token is filled in by the server that sends the page.
function single_file(): Plugin {
    return {
        name: "single-file",
        enforce: "post",
        generateBundle(_options, bundle) {
            const page = bundle["index.html"];
            if (page?.type !== "asset") this.error("the build made no index.html");
            let html = String(page.source);
            for (const [name, part] of Object.entries(bundle)) {
                if (part === page) continue;
                const code = (part.type === "chunk" ? part.code : String(part.source)).trim();
                const tag = part.type === "chunk" ? "script" : "style";
                const type = part.type === "chunk" ? ' type="module"' : "";
                const reference = new RegExp(`<(?:script|link)[^>]*/${name.split("/").pop()}"[^>]*>(?:</script>)?`);
                if (!reference.test(html)) this.error(`nothing in index.html refers to ${name}`);
                const safe = code.replace(new RegExp(`</${tag}`, "gi"), `<\\/${tag}`);
                html = html.replace(reference, () => `<${tag}${type} nonce="{{nonce}}">${safe}</${tag}>`);
                delete bundle[name];
            }
            page.source = html.replace(/\n\s*/g, "\n").trim() + "\n";
        },
    };
}

export default defineConfig({
    plugins: [single_file()],
    build: { target: "es2020", modulePreload: false, cssCodeSplit: false, assetsInlineLimit: 0 },
});
