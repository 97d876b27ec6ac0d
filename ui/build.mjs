// SPDX-License-Identifier: Apache-2.0
// Build one application: node build.mjs APP OUTPUT [DEPFILE]. OUTPUT gets index.html, icon.svg, APP.js, APP.css
// and licences.txt, of what others wrote and is in the script.
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const home = dirname(fileURLToPath(import.meta.url));
const [app, output, depfile] = process.argv.slice(2);

const { metafile } = await build({
  absWorkingDir: home,
  entryPoints: { [app]: join(app, "main.tsx") },
  outdir: resolve(output),
  bundle: true,
  minify: true,
  format: "esm",
  target: ["es2021"],
  jsx: "automatic",
  jsxImportSource: "preact",
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
});

const sources = Object.keys(metafile.inputs);
for (const name of ["index.html", "icon.svg"]) copyFileSync(join(home, app, name), join(output, name));

function licence(name) {
  const folder = join(home, "node_modules", name);
  const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one));
  const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const text = file === undefined ? license : readFileSync(join(folder, file), "utf8").trim();
  return `${name} ${version}\n\n${text}\n`;
}

const packages = new Set(sources.flatMap((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []));
writeFileSync(join(output, "licences.txt"), [...packages].sort().map(licence).join(`\n${"-".repeat(72)}\n\n`));

if (depfile !== undefined) {
  const needed = [...sources, join(app, "index.html"), join(app, "icon.svg"), "build.mjs", "package-lock.json"];
  writeFileSync(depfile, `${relative(process.cwd(), join(output, `${app}.js`))}: ${needed
    .map((path) => join(home, path)).join(" ")}\n`);
}
