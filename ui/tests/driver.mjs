// SPDX-License-Identifier: Apache-2.0
// Pages in Debian's Chromium, driven by playwright-core for a test beside it: one JSON object a line comes
// in, {"act": NAME, ...}, and one goes out, {"value": ...} or {"failure": TEXT}.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

const require = createRequire(import.meta.url);
const axeSource = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const foreignSource = readFileSync(new URL("foreign.js", import.meta.url), "utf8");
const { executable, origin } = JSON.parse(process.argv[2]);
const patience = 60000;

const browser = await chromium.launch({ executablePath: executable, args: process.getuid() === 0 ? ["--no-sandbox"] : [] });
let context = null;
let page = null;
let complaints = []; // of the browser, violations of the policy above all
let strangers = []; // requests to anybody else
const agent = "http://127.0.0.1:25754"; // jpki agent, as pages know it: there is one port on a computer, and there are many tests
let agentPort; // where this test's own is instead; null: nowhere; undefined: there

async function open({ locale, scheme, width = 1280 }) {
  if (context !== null) await context.close();
  context = await browser.newContext({ locale, colorScheme: scheme, viewport: { width, height: 900 },
    permissions: ["clipboard-read", "clipboard-write"] });
  context.setDefaultTimeout(patience);
  if (agentPort !== undefined)
    await context.route(`${agent}/**`, (route) => (agentPort === null ? route.abort("connectionrefused")
      : route.continue({ url: route.request().url().replace(agent, `http://127.0.0.1:${agentPort}`) })));
  page = await context.newPage();
  complaints = [];
  strangers = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => {
    if (!/^(blob|data):/.test(request.url()) && ![origin, agent].includes(new URL(request.url()).origin)) strangers.push(request.url());
  });
}

/* What axe-core finds wrong with the page as it is now. */
async function violations() {
  await page.evaluate(axeSource);
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  return found.violations.map((one) => ({ rule: one.id, at: one.nodes.map((node) => `${node.target} ${node.failureSummary}`) }));
}

/* What foreign.js finds, in both languages that the page has; it is back in its own then. */
async function foreigners() {
  const spoken = async () => page.evaluate(() => document.documentElement.lang);
  const speak = async (lang) => {
    await page.evaluate((to) => document.querySelector(`.languages button[lang=${to}]`)?.click(), lang);
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  };
  const own = await spoken();
  const found = [];
  for (const lang of [own === "ja" ? "en" : "ja", own]) {
    await speak(lang);
    if (await spoken() === lang) found.push(...(await page.evaluate(foreignSource)).map((one) => `${lang}: ${one}`));
  }
  return found;
}

/* Go there by the address, as the menu does, and wait until nothing is loaded any more. */
async function visit({ path }) {
  await page.evaluate((to) => {
    location.hash = to;
  }, `#/${path}`);
  await page.waitForFunction((to) => decodeURIComponent(location.hash) === `#/${to}`, path);
  await settle();
}

async function settle() {
  await page.waitForFunction(() => document.querySelector("main h1") !== null
    && !/読み込み中|Loading/.test(document.querySelector("main").textContent));
}

const acts = {
  open,
  violations,
  foreigners,
  visit,
  settle,
  async goto({ url }) {
    await page.goto(url);
    await page.locator("main h1").waitFor();
  },
  agent: async ({ port }) => void (agentPort = port),
  /* Led there by others: an address that begins so. */
  async arrive({ at }) {
    await page.waitForURL((address) => address.href.startsWith(at));
    await settle();
  },
  async reload() {
    await page.reload();
    await settle();
  },
  text: async ({ at }) => page.locator(at).first().innerText(),
  texts: async ({ at }) => page.locator(at).allInnerTexts(),
  count: async ({ at }) => page.locator(at).count(),
  click: async ({ role, name, exact = true }) => page.getByRole(role, { name, exact }).first().click(),
  confirm: async () => page.locator("dialog button.danger").click(),
  fill: async ({ label, value }) => page.getByLabel(label).first().fill(value),
  upload: async ({ label, path, name, type, base64 }) => page.getByLabel(label).first().setInputFiles(
    path ?? { name, mimeType: type, buffer: Buffer.from(base64, "base64") }),
  choose: async ({ label, value }) => page.getByLabel(label, { exact: true }).first().selectOption(value),
  wait: async ({ text }) => page.getByText(text).first().waitFor(),
  gone: async ({ text }) => page.getByText(text).first().waitFor({ state: "detached" }),
  async press({ key, times = 1 }) {
    for (let i = 0; i < times; i++) await page.keyboard.press(key);
  },
  /* As somebody types, into what has the focus. */
  type: async ({ text }) => page.keyboard.type(text),
  focused: async () => page.evaluate(() => {
    const at = document.activeElement;
    const style = getComputedStyle(at);
    return { tag: at.tagName, text: (at.getAttribute("aria-label") ?? at.textContent).trim(),
      visible: style.outlineStyle !== "none" || at.tagName === "H1" };
  }),
  cookies: async () => context.cookies(),
  run: async ({ script }) => page.evaluate(script),
  width: async ({ width }) => page.setViewportSize({ width, height: 900 }),
  scheme: async ({ scheme }) => page.emulateMedia({ colorScheme: scheme }),
  /* From now on the page's clock is the test's, and so much later. */
  clock: async () => page.clock.install(),
  later: async ({ seconds }) => page.clock.fastForward(seconds * 1000),
  /* As where the system chooses the colours, for who sees little. */
  forced: async ({ yes }) => page.emulateMedia({ forcedColors: yes ? "active" : "none" }),
  media: async ({ media }) => page.emulateMedia({ media }),
  offline: async ({ yes }) => context.setOffline(yes),
  /* As if the session were over: the browser no longer says who it is. */
  forget: async () => context.clearCookies(),
  async download({ role, name }) {
    const [saved] = await Promise.all([page.waitForEvent("download"), page.getByRole(role, { name }).click()]);
    return { name: saved.suggestedFilename(), text: readFileSync(await saved.path(), "utf8") };
  },
  shoot: async ({ path }) => void (await page.screenshot({ path, fullPage: true })),
  /* Once asked for, they are forgotten. */
  async complaints() {
    const found = { complaints, strangers };
    complaints = [];
    strangers = [];
    return found;
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line);
  let answer;
  try {
    answer = { value: (await acts[asked.act](asked)) ?? null };
  } catch (error) {
    answer = { failure: String(error.stack ?? error) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
await browser.close();
