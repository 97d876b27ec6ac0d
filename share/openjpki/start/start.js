// SPDX-License-Identifier: Apache-2.0
// The start page of a sandbox: reads what runs, who is there and what was done, and shows it.
// It shows what it was told and adds nothing; every text goes in as text, never as HTML.
"use strict";

const REFRESH_MS = 2000;
const TIMEOUT_MS = 5000;
const RUNS_SHOWN = 10;
// Two steps of a flow with more time between them belong to two runs of it.
const RUN_GAP_US = 60 * 1000000;
const JST_MS = 9 * 3600 * 1000;

// Each text in Japanese and in English.
const TEXTS = {
  skip: ["本文へ", "Skip to the content"],
  title: ["サンドボックス", "sandbox"],
  health: ["状態", "Health"],
  trace: ["手順の記録", "What was done, step by step"],
  trace_lead: ["各手順は、それを行ったプログラム自身が書いたものです。番号は元の資料の手順番号です。",
    "Each step was written by the program that did it. The numbers are those of the source document."],
  programs: ["プログラム", "Programs"],
  card: ["リーダーの中のカード", "The card in the reader"],
  continue: ["端末で続けるには", "How to continue in a terminal"],
  people: ["試験用の人物", "People for tests"],
  people_lead: ["全員が架空の人物で、暗証番号は公開された試験値です。",
    "All of them are fictional, and their PINs are published test values."],
  set: ["障害・時計・人物の設定", "Set faults, clock and people"],
  about: ["OpenJPKI は公的個人認証サービスの非公式な実装で、開発と試験のためのものです。",
    "OpenJPKI is an unofficial implementation of JPKI, for development and tests."],

  good: ["すべて動いています（{0} 個のプログラム）", "Everything runs ({0} programs)"],
  wait: ["起動しています", "Starting"],
  bad: ["動いていないプログラムがあります", "Something does not run"],
  gone: ["サンドボックスは動いていません", "The sandbox has gone"],
  unanswered: ["このページを出しているプログラムが応答しません。サンドボックスを起動し直してから開き直してください。",
    "The program behind this page does not answer. Start the sandbox again and open this page anew."],
  restart: ["端末で jpki-sandbox up を実行すると、また動きます。", "Run jpki-sandbox up in a terminal to have it back."],
  down: ["動いていないもの: {0}", "Not running: {0}"],
  directory: ["ディレクトリー", "Directory"],
  read_at: ["最後に読めた時刻: {0}（日本時間）", "Last read at {0} (Japan time)"],
  unreadable: ["読めませんでした: {0}", "Could not be read: {0}"],

  program: ["プログラム", "Program"],
  state: ["状態", "State"],
  pid: ["PID", "PID"],
  restarts: ["再起動", "Restarts"],
  socket: ["ソケット", "Socket"],
  running: ["稼働中", "running"],
  restarting: ["再起動待ち", "restarting"],
  failed: ["停止", "failed"],
  last_ending: ["前回の終わり方", "last time"],
  one_user: ["すべてのプログラムが同じ利用者で動いているため、signerd は相手を区別できません。",
    "All programs run as one user: signerd cannot tell its peers apart."],
  addresses: ["アドレス", "Addresses"],
  this_page: ["このページ", "this page"],

  no_card: ["カードは入っていません。", "There is none."],
  plugged: ["リーダーの中", "in the reader"],
  has_reader: ["PC/SC のリーダーがあり、OpenSC などのプログラムからも使えます。",
    "There is a PC/SC reader: programs such as OpenSC can use the card."],
  no_reader: ["リーダーなし（カードのソケットで使います）: {0}", "No reader, the card has its own socket: {0}"],
  refusal: ["最後の差し替えはできませんでした: {0}", "The last wish for a card could not be fulfilled: {0}"],

  pin_auth: ["PIN（利用者証明）", "PIN (log in)"],
  pin_sign: ["パスワード（署名）", "Password (sign)"],
  birth_date: ["生年月日", "Born"],
  sex: ["性別", "Sex"],
  address: ["住所", "Address"],
  male: ["男", "male"],
  female: ["女", "female"],
  unknown: ["記載なし", "not stated"],
  copy_card: ["挿入コマンドをコピー", "Copy the command to insert it"],
  copy: ["コピー", "Copy"],
  copied: ["コピーしました: {0}", "Copied: {0}"],
  not_copied: ["コピーできませんでした。選んでコピーしてください。", "Could not be copied: select it instead."],

  no_steps: ["まだ何も行われていません。", "Nothing has been done yet."],
  run: ["{0} {1}（日本時間）、{2} 手順", "{0} {1} (Japan time), steps: {2}"],
  older: ["これより前の {0} 回分は jpki-sandbox trace で見られます。", "Earlier runs: {0}, see jpki-sandbox trace."],
  news: ["新しい手順が {0} 件あります。", "New steps: {0}."],
  F1: ["カードと電子証明書の発行", "A card and its certificates are issued"],
  F2: ["署名", "A document is signed and judged"],
  F3: ["ログイン（利用者証明）", "A person logs in"],
  F4: ["転居による失効", "A move revokes a certificate"],
  F5: ["最新の利用者情報の提供", "A provider gets the latest attributes"],

  do_env: ["この端末からサンドボックスを使えるようにする", "Let this terminal reach the sandbox"],
  do_card: ["花子のカードを作って入れる", "Make the card of hanako and insert it"],
  do_info: ["カードを調べる", "Look at the card"],
  do_sign: ["文書に署名する（パスワードを聞かれます）", "Sign a document (asks for the password)"],
  do_verify: ["署名を検証する", "Check the signature"],
  do_opensc: ["別のプログラムからリーダーを見る", "See the reader from another program"],
  do_trace: ["この記録を端末で見る", "See these steps in the terminal"],
  do_down: ["サンドボックスを止める", "Stop the sandbox"],
};

// What the programs write in English, in Japanese. A text that is not here is shown as it is.
const SAID = {
  "the counter registered a resident": "窓口が住民を登録しました",
  "the counter recorded the card": "窓口がカードを記録しました",
  "the card made a key pair": "カードが鍵ペアを作りました",
  "the card proved that it holds its keys": "カードが、鍵を持っていることを示しました",
  "signerd checked and signed a certificate": "signerd が電子証明書の内容を確かめて署名しました",
  "the authority issued a certificate": "機構が電子証明書を発行しました",
  "the register made what is written on the card": "住民登録側がカードに書き込む内容を作りました",
  "the card took its certificates": "カードが電子証明書を受け取りました",
  "the card is active": "カードが有効になりました",
  "jpki had the card sign a document's digest": "jpki がカードに、文書のダイジェストへ署名させました",
  "jpki sent digest, signature and certificate to the platform":
    "jpki がダイジェスト・署名・電子証明書をプラットフォームに送りました",
  "jpki found the document to be the one that was signed": "jpki が、署名された文書と同じものだと確かめました",
  "the platform opened the signature with the certificate's key":
    "プラットフォームが電子証明書の公開鍵で署名を開きました",
  "the platform compared it with the document's digest": "プラットフォームが、文書のダイジェストと突き合わせました",
  "the platform asked the authority whether the certificate is in force":
    "プラットフォームが機構に、電子証明書の有効性を照会しました",
  "the authority's responder answered whether the certificate is in force":
    "機構の応答プログラムが、電子証明書の有効性を回答しました",
  "the platform made a challenge": "プラットフォームが乱数を作りました",
  "the sandbox's phone had the card sign the message of a login":
    "サンドボックスのスマートフォンがカードに、ログインのメッセージへ署名させました",
  "the sandbox's phone sent signature and certificate": "サンドボックスのスマートフォンが署名と電子証明書を送りました",
  "jpki had the card sign the message of a login": "jpki がカードに、ログインのメッセージへ署名させました",
  "jpki sent signature and certificate to the platform": "jpki が署名と電子証明書をプラットフォームに送りました",
  "the platform found the signature to be over its own message":
    "プラットフォームが、自分のメッセージへの署名だと確かめました",
  "the counter recorded a move": "窓口が転居を記録しました",
  "the authority revoked a certificate": "機構が電子証明書を失効させました",
  "the card put a new key in the place of the old": "カードが古い鍵を新しい鍵に置き換えました",
  "jpki had the card sign what a provider asked for": "jpki がカードに、サービス事業者の求めたものへ署名させました",
  "the platform handed on what the holder consented to": "プラットフォームが、本人の同意を機構に送りました",
  "the platform saw that a certificate has ended": "プラットフォームが、電子証明書の失効を知りました",
  "the provider asked the platform for the latest attributes":
    "サービス事業者がプラットフォームに、最新の利用者情報を求めました",
  "the authority looked at the consent and the certificates": "機構が同意と電子証明書を確かめました",
  "the authority gave the latest attributes": "機構が最新の利用者情報を提供しました",
  "the platform passed them on and keeps none":
    "プラットフォームが最新の利用者情報を渡しました。手元には残しません",
  "signerd checked and signed a list of revoked certificates": "signerd が失効リストの内容を確かめて署名しました",

  "moved after the card was issued, and has not been to the counter with it: no sign certificate that counts": "カードを作った後に転居し、窓口でまだ手続きをしていない人。有効な署名用電子証明書がありません",
  "changed the name after the card was issued: the card was written anew and has another sign certificate": "カードを作った後に氏名が変わった人。カードの記載と署名用電子証明書は新しくなっています",
  "receives public assistance: three inquiries of the municipality are in the log and not shown by law, one is shown; protected from somebody who looks for her, so kiosks give her no certificate": "生活保護を受けている人。市の照会のうち三件は法令により履歴に表示されず、一件は表示されます。支援措置の対象で、コンビニでは証明書を受け取れません",
  "old, with care insurance, handbooks of all three kinds and a designated disease": "高齢の人。介護保険、三種類すべての手帳、指定難病の受給者証があります",
  "raises a child, kodomo, alone: allowances, check-ups, benefits at work":
    "ひとりで子ども (kodomo) を育てている人。手当、健診、雇用の給付があります",
  "a child with a chronic disease: medical costs, treatment and a facility": "慢性の病気の子ども。医療費、療育、施設の給付があります",
  "the default: short attributes, which every known client can read": "標準の人物。短い属性で、どのソフトでも読めます",
  "an address of 200 characters, the longest a certificate carries": "住所が 200 文字。電子証明書に入る最長です",
  "under 15 until May 2031: an auth certificate only, a card of five years; oya is the parent and acts for her at the portal":
    "2031 年 5 月まで 15 歳未満。利用者証明用のみ、カードは 5 年。親は oya で、ポータルで代わりに操作します",
  "under 18 until September 2028: both certificates, a card of five years":
    "2028 年 9 月まで 18 歳未満。電子証明書は両方、カードは 5 年",
  "born on 29 February": "2 月 29 日生まれ",
  "a foreign resident: a name in Latin letters": "外国人住民。氏名がローマ字です",
  "characters of JIS X 0212, in the name and in the address": "氏名と住所に JIS X 0212 の文字があります",
  "born in the Taisho era, over a hundred years old": "大正生まれ。100 歳を超えています",
  "born on the last day of the Showa era": "昭和の最後の日の生まれ",
  "born on the first day of the Heisei era": "平成の最初の日の生まれ",
  "sex not stated": "性別の記載がありません",
  "one of two who differ in the number and one character of the name":
    "双子の一人。番号と氏名の 1 文字だけが違います",
  "the other one": "双子のもう一人",
  "under 1 until July 2027: no photo, an auth certificate only": "2027年7月まで1歳未満: 顔写真がなく、利用者証明用電子証明書だけです",
  "a card of the kind known by the face: no PINs, no sign certificate":
    "顔認証マイナンバーカード: 暗証番号も署名用電子証明書もありません",
};

let language = "ja";
// What was read last: objects, or null where nothing could be read.
const seen = { state: null, trace: null, personas: null };
const problems = { state: "", trace: "", personas: "" };
let readAt = null;
// What each part shows now, as text: it is built anew only when that changes.
const shown = {};

function text(key, ...values) {
  const found = TEXTS[key][language === "ja" ? 0 : 1];
  return values.reduce((all, value, index) => all.replace(`{${index}}`, () => String(value)), found);
}

function known(key) {
  return Object.hasOwn(TEXTS, key) ? text(key) : key;
}

function element(name, properties, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties))
    if (key === "text") made.textContent = value;
    else made.setAttribute(key, value);
  made.append(...children);
  return made;
}

// What a program said: in Japanese if that is known, else marked as English.
function said(name, properties, words) {
  const ours = language === "ja" && Object.hasOwn(SAID, words);
  return element(name, { ...properties, text: ours ? SAID[words] : words, lang: ours ? "ja" : "en" });
}

function byId(id) {
  return document.getElementById(id);
}

// Build a part anew if what it shows has changed since.
function show(id, facts, build) {
  const key = JSON.stringify([language, facts]);
  if (shown[id] === key) return;
  shown[id] = key;
  byId(id).replaceChildren(...build());
}

function say(id, words) {
  if (byId(id).textContent !== words) byId(id).textContent = words;
}

function clock(ms) {
  return new Date(ms + JST_MS).toISOString().slice(11, 19);
}

function day(ms) {
  return new Date(ms + JST_MS).toISOString().slice(0, 10);
}

// -- health --

function verdictOf(state) {
  if (state === null) return "gone";
  if (state.healthy) return "good";
  return state.ready || state.programs.some((row) => row.state === "failed") ? "bad" : "wait";
}

function reasonOf(state) {
  if (state === null) return problems.state || text("unanswered");
  const rows = state.programs.filter((row) => row.state !== "running");
  return rows.length === 0 ? "" : text("down", rows.map((row) => row.name).join(", "));
}

function showHealth() {
  const state = seen.state;
  const verdict = verdictOf(state);
  byId("health").dataset.health = verdict;
  say("verdict", text(verdict, state === null ? 0 : state.programs.length));
  say("reason", reasonOf(state));
  show("where", state && state.directory, () => state === null
    ? [element("span", { text: text("restart") })]
    : [element("span", { text: text("directory") + " " }), element("code", { text: state.directory })]);
  say("read-at", readAt === null ? "" : text("read_at", clock(readAt)));
}

// -- programs --

function below(directory, path) {
  return path.startsWith(directory + "/") ? path.slice(directory.length + 1) : path;
}

function programRow(state, row) {
  const kinds = { running: "good", restarting: "wait", failed: "bad" };
  const cell = (label, properties, ...children) =>
    element("td", { role: "cell", "data-label": text(label), ...properties }, ...children);
  const name = element("th", { scope: "row", role: "rowheader" }, element("span", { text: row.name }));
  if (row.last_ending !== null)
    name.append(element("p", { class: "ending", text: `${text("last_ending")}: ${row.last_ending}` }));
  return element("tr", { role: "row" }, name,
    cell("state", {}, element("span", { class: `chip ${kinds[row.state] || ""}`, text: known(row.state) })),
    cell("pid", { class: "number", text: row.pid === null ? "–" : row.pid }),
    cell("restarts", { class: "number", text: row.restarts }),
    cell("socket", {}, row.socket === null ? "–"
      : element("code", { text: below(state.directory, row.socket) })));
}

function programTable(state) {
  const head = element("tr", { role: "row" },
    ...["program", "state", "pid", "restarts", "socket"].map((key) =>
      element("th", { scope: "col", role: "columnheader", text: text(key),
        class: key === "pid" || key === "restarts" ? "number" : "" })));
  return element("table", { role: "table", "aria-labelledby": "programs-title" },
    element("thead", { role: "rowgroup" }, head),
    element("tbody", { role: "rowgroup" }, ...state.programs.map((row) => programRow(state, row))));
}

// A link only to this machine; anything else is shown as text.
function address(name, url) {
  const words = name === "page" ? text("this_page") : name;
  const link = /^http:\/\/(127\.0\.0\.1|localhost)(:\d{1,5})?(\/|$)/.test(url)
    ? element("a", { href: url, rel: "noopener", text: url }) : element("code", { text: url });
  return element("li", {}, element("span", { class: "soft", text: words }), link);
}

function showPrograms() {
  const state = seen.state;
  show("programs", state && [state.programs, state.separate_users, state.directory], () => {
    if (state === null) return [element("p", { class: "soft", text: text("gone") })];
    return [programTable(state)].concat(state.separate_users ? []
      : [element("p", { class: "soft", text: text("one_user") })]);
  });
  const urls = Object.entries((state && state.urls) || {}).filter(([, url]) => typeof url === "string");
  show("urls", urls, () => urls.length === 0 ? [] : [
    element("h3", { class: "soft", text: text("addresses") }),
    element("ul", { class: "urls" }, ...urls.map(([name, url]) => address(name, url)))]);
}

// -- the card and the people --

function cardLines(state, person) {
  const lines = [];
  if (state.plugged === null) lines.push(element("p", { text: text("no_card") }));
  else lines.push(element("p", {}, element("strong", { lang: "ja", text: person ? person.full_name : "" }), " ",
    element("code", { text: state.plugged }), " ",
    element("span", { class: "chip good", text: text("plugged") })));
  lines.push(element("p", { class: "soft",
    text: state.reader ? text("has_reader") : text("no_reader", state.no_reader_reason) }));
  if (state.plug_refusal !== null)
    lines.push(element("p", { text: text("refusal", state.plug_refusal) }));
  return lines;
}

function showCard() {
  const state = seen.state;
  const people = seen.personas === null ? [] : seen.personas.personas;
  const person = state && people.find((row) => row.name === state.plugged);
  show("card", state && [state.plugged, state.reader, state.no_reader_reason, state.plug_refusal, person],
    () => state === null ? [element("p", { class: "soft", text: text("gone") })] : cardLines(state, person));
}

function facts(person) {
  const rows = [
    ["pin_auth", element("code", { class: "pin", text: person.pin_auth })],
    ["pin_sign", element("code", { class: "pin", text: person.pin_sign })],
    ["birth_date", element("time", { datetime: person.birth_date, text: person.birth_date })],
    ["sex", element("span", { text: known(person.sex) })],
    ["address", element("span", { lang: "ja", text: person.address })]];
  return element("dl", {}, ...rows.flatMap(([key, value]) => {
    const place = key === "address" ? { class: "wide" } : {};
    return [element("dt", { ...place, text: text(key) }), element("dd", place, value)];
  }));
}

function personItem(person, plugged) {
  const title = element("h3", {}, element("span", { lang: "ja", text: person.full_name }),
    element("code", { text: person.name }));
  if (plugged) title.append(element("span", { class: "chip good", text: text("plugged") }));
  return element("li", plugged ? { class: "plugged" } : {}, title, said("p", { class: "soft" }, person.note),
    facts(person), copyButton(command("jpki-sandbox persona card " + person.name), text("copy_card")));
}

function showPeople() {
  const people = seen.personas === null ? [] : seen.personas.personas;
  const plugged = seen.state && seen.state.plugged;
  show("people", [people, plugged, problems.personas, seen.state && seen.state.directory], () =>
    problems.personas ? [element("li", { text: text("unreadable", problems.personas) })]
      : people.map((person) => personItem(person, person.name === plugged)));
}

// -- the trace --

function ordinal(step) {
  const number = step.codePointAt(0) - "①".codePointAt(0) + 1;
  return number >= 1 && number <= 20 ? number : 0;
}

// Steps of one flow, oldest first, to runs: a first step, a beginning after an end, or a long
// pause starts one. That is a way of showing them; nobody wrote it.
function runsOf(steps) {
  const last = { F1: 7, F2: 6, F3: 7 };
  const runs = [];
  let highest = 0;
  for (const step of steps) {
    const run = runs[runs.length - 1];
    const before = run && run[run.length - 1];
    const number = ordinal(step.step);
    const begins = !run || (number === 1 && ordinal(before.step) !== 1) ||
      (number < highest && highest === last[step.flow]) || step.at_us - before.at_us > RUN_GAP_US;
    if (begins) runs.push([step]);
    else run.push(step);
    highest = begins ? number : Math.max(highest, number);
  }
  return runs.reverse();
}

function stepItem(step, start) {
  const when = clock(step.utc * 1000);
  return element("li", {}, element("span", { class: "step", text: step.step }),
    element("div", {}, said("p", {}, step.text),
      element("p", { class: "by" },
        element("time", { datetime: new Date(step.utc * 1000).toISOString(), text: when }),
        element("span", { text: `+${Math.round((step.at_us - start) / 1000)} ms` }),
        element("span", { class: "mono", text: `${step.program} [${step.pid}]` }))));
}

function runItem(run) {
  const at = run[0].utc * 1000;
  return element("div", { class: "run" },
    element("p", { class: "run-title", text: text("run", day(at), clock(at), run.length) }),
    element("ol", { class: "steps" }, ...run.map((step) => stepItem(step, run[0].at_us))));
}

function flowPart(flow, steps) {
  const runs = runsOf(steps);
  const title = element("h3", {}, element("span", { class: "mono", text: flow }));
  if (Object.hasOwn(TEXTS, flow)) title.append(element("span", { text: text(flow) }));
  const part = element("div", { class: "flow" }, title, ...runs.slice(0, RUNS_SHOWN).map(runItem));
  if (runs.length > RUNS_SHOWN)
    part.append(element("p", { class: "soft", text: text("older", runs.length - RUNS_SHOWN) }));
  return part;
}

function flowsOf(steps) {
  const flows = new Map();
  for (const step of steps) {
    if (!flows.has(step.flow)) flows.set(step.flow, []);
    flows.get(step.flow).push(step);
  }
  const newest = ([, rows]) => rows[rows.length - 1].at_us;
  return [...flows].sort((a, b) => newest(b) - newest(a));
}

let stepsBefore = -1;

function showTrace() {
  const steps = seen.trace === null ? [] : seen.trace.steps;
  show("flows", [problems.trace, steps], () => {
    if (problems.trace) return [element("p", { text: text("unreadable", problems.trace) })];
    if (steps.length === 0) return [element("p", { class: "soft", text: text("no_steps") })];
    return flowsOf(steps).map(([flow, rows]) => flowPart(flow, rows));
  });
  if (stepsBefore >= 0 && steps.length > stepsBefore) say("news", text("news", steps.length - stepsBefore));
  if (seen.trace !== null) stepsBefore = steps.length;
}

// -- commands --

// A directory may be called anything: quoted for the shell.
function quoted(words) {
  return /^[\w./-]+$/.test(words) ? words : "'" + words.replaceAll("'", "'\\''") + "'";
}

function command(words) {
  return seen.state === null ? words : `${words} --dir ${quoted(seen.state.directory)}`;
}

async function copy(line) {
  try {
    await navigator.clipboard.writeText(line);
    say("copied", text("copied", line));
  } catch {
    say("copied", text("not_copied"));
  }
}

function copyButton(line, label) {
  const button = element("button", { type: "button", text: label });
  button.addEventListener("click", () => copy(line));
  return button;
}

function commandItem(what, line) {
  const button = copyButton(line, text("copy"));
  button.setAttribute("aria-label", `${text("copy")}: ${line}`);
  return element("li", {}, element("p", { class: "soft", text: text(what) }),
    element("div", { class: "line" }, element("code", { text: line }), button));
}

function showCommands() {
  const state = seen.state;
  const rows = [
    ["do_env", `eval "$(${command("jpki-sandbox env")})"`],
    ["do_card", command("jpki-sandbox persona card hanako")],
    ["do_info", "jpki card info"],
    ["do_sign", "jpki sign report.pdf"],
    ["do_verify", "jpki verify report.pdf"],
    ["do_opensc", "opensc-tool --list-readers"],
    ["do_trace", command("jpki-sandbox trace")],
    ["do_down", command("jpki-sandbox down")]];
  const wanted = rows.filter(([what]) => what !== "do_opensc" || (state && state.reader));
  show("commands", wanted, () => wanted.map(([what, line]) => commandItem(what, line)));
}

// -- reading and language --

function showAll() {
  showHealth();
  showPrograms();
  showCard();
  showTrace();
  showPeople();
  showCommands();
}

// What a path serves now. Without an answer there is nothing; a refusal says why.
async function read(name) {
  try {
    const answer = await fetch("/v1/" + name, { cache: "no-store", signal: AbortSignal.timeout(TIMEOUT_MS) });
    const body = await answer.json();
    problems[name] = answer.ok ? "" : body.detail || body.title;
    if (answer.ok) seen[name] = body;
    else if (name === "state") seen.state = null;
    return true;
  } catch {
    if (name === "state") {
      seen.state = null;
      problems.state = "";
    }
    return false;
  }
}

async function refresh() {
  if (!document.hidden) {
    const answers = await Promise.all(Object.keys(seen).map(read));
    if (answers.every(Boolean) && seen.state !== null) readAt = Date.now();
    showAll();
  }
  setTimeout(refresh, REFRESH_MS);
}

function firstLanguage() {
  const asked = new URLSearchParams(location.search).get("lang");
  const wanted = asked || navigator.language || "ja";
  return wanted.toLowerCase().startsWith("ja") ? "ja" : "en";
}

function setLanguage(wanted) {
  language = wanted;
  document.documentElement.lang = wanted;
  document.title = "OpenJPKI " + text("title");
  for (const part of document.querySelectorAll("[data-text]")) part.textContent = text(part.dataset.text);
  for (const name of ["ja", "en"]) byId(name).setAttribute("aria-pressed", String(name === wanted));
}

function changeLanguage(wanted) {
  setLanguage(wanted);
  history.replaceState(null, "", "?lang=" + wanted);
  showAll();
}

setLanguage(firstLanguage());
byId("ja").addEventListener("click", () => changeLanguage("ja"));
byId("en").addEventListener("click", () => changeLanguage("en"));
refresh();
