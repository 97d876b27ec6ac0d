// SPDX-License-Identifier: Apache-2.0
// A draft of a text, as the portal keeps it and as it is edited here.
import { Failure } from "../shared/api/client";
import { askAs, GET } from "./api";

async function fetchDraft(code: string, version?: number) {
  return askAs(GET("/v1/municipality/drafts/{code}", {
    params: { path: { code }, query: version === undefined ? {} : { version: String(version) } } }));
}

export type Draft = Awaited<ReturnType<typeof fetchDraft>>;
export type Content = Draft["content"];
type Section = "body" | "target" | "fee" | "method" | "requirements";
type Text = Section | `${Section}_en`;

/** Sections that are edited here, as paragraphs; what has lists or tables stays as it is. */
export const sections: readonly Section[] = ["body", "target", "fee", "method", "requirements"];

const empty: Draft = { version: 0, versions: [], content: { category: "other", events: [], name: "", summary: "" } };

/** The one of that version, or the newest; a new one where there is none. */
export async function loadDraft(code: string, version?: number): Promise<Draft> {
  try {
    return await fetchDraft(code, version);
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.status === 404 && version === undefined) return empty;
    throw thrown;
  }
}

/** Null where there is more than paragraphs. */
export function paragraphsOf(content: Content, section: Text): string | null {
  const blocks = content[section] ?? [];
  return blocks.every((block) => block.paragraph !== undefined) ? blocks.map((block) => block.paragraph).join("\n\n") : null;
}

export function withParagraphs(content: Content, section: Text, text: string): Content {
  const blocks = text.split(/\n\s*\n/).map((paragraph) => paragraph.trim()).filter((paragraph) => paragraph !== "")
    .map((paragraph) => ({ paragraph: paragraph.replace(/\s*\n\s*/g, " ") }));
  const { [section]: _, ...rest } = content;
  return blocks.length === 0 ? rest : { ...rest, [section]: blocks };
}

/** The same with this member, or without it where nothing is written there. */
export function withText(content: Content, member: "name_en" | "summary_en", text: string): Content {
  const { [member]: _, ...rest } = content;
  return text.trim() === "" ? rest : { ...rest, [member]: text };
}

/** As it is saved: nothing in English of a section that is there no more. */
export function settled(content: Content): Content {
  const gone = sections.filter((section) => content[section] === undefined).map((section) => `${section}_en`);
  return Object.fromEntries(Object.entries(content).filter(([name]) => !gone.includes(name))) as Content;
}
