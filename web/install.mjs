// Runs `npm ci` in this folder when package-lock.json is not the one that was installed last, else does nothing.
// The stamp is the one scripts/setup.sh leaves (the line of sha256sum), so neither repeats the work of the other.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const web = dirname(fileURLToPath(import.meta.url));
const stamp = join(web, "node_modules", ".stamp");
const digest = createHash("sha256").update(readFileSync(join(web, "package-lock.json"))).digest("hex");
const wanted = `${digest}  web/package-lock.json\n`;

if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== wanted) {
    const environment = { ...process.env, PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: "1" };
    const npm = spawnSync("npm", ["ci", "--no-audit", "--no-fund"], { cwd: web, stdio: "inherit", env: environment });
    if (npm.error) throw npm.error;
    if (npm.status !== 0) process.exit(npm.status ?? 1);
    writeFileSync(stamp, wanted);
}
