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
const unanswered = new Set(); // questions of the page, of which it may show the answer
const agent = "http://127.0.0.1:25754"; // jpki agent, as pages know it: there is one port on a computer, and there are many tests
const slowness = Number(process.env.JPKI_TEST_SLOW ?? 0); // ms that each answer may take longer: what does not wait for it fails
let agentPort; // where this test's own is instead; null: nowhere; undefined: there

async function open({ locale, scheme, width = 1280 }) {
  if (context !== null) await context.close();
  context = await browser.newContext({ locale, colorScheme: scheme, viewport: { width, height: 900 },
    permissions: ["clipboard-read", "clipboard-write"] });
  context.setDefaultTimeout(patience);
  if (agentPort !== undefined)
    await context.route(`${agent}/**`, (route) => (agentPort === null ? route.abort("connectionrefused")
      : route.continue({ url: route.request().url().replace(agent, `http://127.0.0.1:${agentPort}`) })));
  if (slowness > 0)
    await context.route("**", async (route) => {
      await new Promise((done) => setTimeout(done, Math.random() * slowness));
      await route.fallback().catch(() => undefined); // its page has gone
    });
  page = await context.newPage();
  complaints = [];
  strangers = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  unanswered.clear();
  page.on("request", (request) => {
    if (request.isNavigationRequest()) unanswered.clear(); // who asked has gone
    else if (request.method() === "GET" && request.url().startsWith(`${origin}/`)) unanswered.add(request);
    if (!/^(blob|data):/.test(request.url()) && ![origin, agent].includes(new URL(request.url()).origin)) strangers.push(request.url());
  });
  for (const end of ["requestfinished", "requestfailed"]) page.on(end, (request) => unanswered.delete(request));
}

let held = []; // of the last hold: answers that have come
let free = []; // what lets them go on

/* Answers to requests of this kind come back when release says so, at most so many of them: the daemon has answered. */
async function hold({ method = "GET", path, times = Infinity }) {
  held = [];
  await page.route((url) => url.pathname === path, async (route) => {
    if (route.request().method() !== method || held.length >= times) return route.fallback();
    const going = new Promise((go) => free.push(go));
    const answer = await route.fetch();
    held.push(answer.status());
    unanswered.delete(route.request()); // as long as that
    await going;
    return route.fulfill({ response: answer });
  });
}

async function release() {
  const going = free;
  free = [];
  for (const go of going) go();
  await page.unrouteAll({ behavior: "wait" });
  await settle();
}

/* Whatever the page does about what has happened so far, it has done, and what it did is drawn; also if it is another page then. */
async function painted() {
  await page.waitForFunction(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 0, true)))));
}

/* The page has the answers to all that it asked, and shows them. */
async function calm() {
  const end = Date.now() + patience;
  do {
    while (unanswered.size > 0) {
      if (Date.now() > end) throw new Error(`no answer to ${[...unanswered].map((one) => one.url())}`);
      await new Promise((done) => setTimeout(done, 10));
    }
    await painted();
    await page.waitForFunction(() => !/読み込み中|Loading/.test(document.querySelector("main")?.textContent ?? ""));
  } while (unanswered.size > 0);
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
    await calm();
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
  await page.evaluate((to) => new Promise((done) => {
    const before = location.href;
    addEventListener("hashchange", done, { once: true });
    location.hash = to;
    if (location.href === before) done();
  }), `#/${path}`);
  await page.waitForFunction((to) => decodeURIComponent(location.hash) === `#/${to}`, path);
  await settle();
}

async function settle() {
  await page.locator("main h1").first().waitFor();
  await calm();
}

const acts = {
  open,
  violations,
  foreigners,
  visit,
  settle,
  hold,
  release,
  held: async () => held.length,
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
  /* The same by a press of this button, from a page that may have such an address already. */
  async leave({ name, at, inDialog = false }) {
    await page.evaluate(() => void (window.isBefore = true));
    await (inDialog ? page.locator("dialog button.danger") : page.getByRole("button", { name, exact: true })).click();
    await page.waitForFunction(() => window.isBefore === undefined);
    await acts.arrive({ at });
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
  /* Seen, and what else comes with it has come. */
  async wait({ text }) {
    await page.getByText(text).first().waitFor();
    await page.waitForLoadState(); // of a page that it was led to: its sheets are there
    await calm();
  },
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
