// SPDX-License-Identifier: Apache-2.0
// Tests of what needs no browser: node run.mjs, of all *.test.ts beside it.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const names = readdirSync(here).filter((name) => name.endsWith(".test.ts"));
const output = mkdtempSync(join(tmpdir(), "jpki-ui-"));
try {
  await build({ absWorkingDir: here, entryPoints: names, outdir: output, outExtension: { ".js": ".mjs" }, bundle: true,
    platform: "node", format: "esm", target: "node18", define: { UI: JSON.stringify(join(here, "..")) }, logLevel: "warning" });
  const files = names.map((name) => join(output, name.replace(/\.ts$/, ".mjs")));
  process.exitCode = spawnSync(process.execPath, ["--test", ...files], { stdio: "inherit" }).status ?? 1;
} finally {
  rmSync(output, { recursive: true, force: true });
}
