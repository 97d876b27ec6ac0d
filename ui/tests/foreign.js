// SPDX-License-Identifier: Apache-2.0
// What a page says in another language than is marked (WCAG 3.1.2): Japanese where it says English, and sentences in
// English where it says Japanese. What somebody typed is his own, a title has the language of what it names, and a
// name may stand in a sentence of another language. Evaluated in the page, by tests.
(() => {
  const japanese = /[\u3041-\u30ff\u4e00-\u9fff]/;
  const count = (text, letters) => (text.match(new RegExp(letters.source, "g")) ?? []).length;
  const isJapanese = (text) => japanese.test(text) && count(text, japanese) >= count(text, /[A-Za-z]/);
  const english = /[A-Za-z]+[a-z](,? [a-z]{2,}){2}/;
  const isOther = (text, element) => {
    const lang = element.closest("[lang]")?.lang ?? "";
    return lang === "en" ? isJapanese(text) : lang === "ja" && !japanese.test(text) && english.test(text);
  };
  const found = [];
  const tell = (text, element, what) => found.push(`<${element.localName}${what}> ${text.trim().slice(0, 200)}`);
  const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
  for (let at = walker.currentNode; at !== null; at = walker.nextNode()) {
    if (at.nodeType === Node.TEXT_NODE) {
      const around = at.parentElement;
      if (around.closest("title, script, style, noscript, code, pre, textarea") === null && isOther(at.data, around)) tell(at.data, around, "");
      continue;
    }
    for (const name of ["aria-label", "title", "placeholder", "alt", "summary"]) {
      const text = at.getAttribute(name);
      if (text !== null && isOther(text, at)) tell(text, at, ` ${name}`);
    }
  }
  return found;
})()
