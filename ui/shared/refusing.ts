// SPDX-License-Identifier: Apache-2.0
// A daemon's own sentences are English: what they say in Japanese, out of a table by sentence. %d and %s of a sentence
// stand for what is in it; a %d of its words takes that, in the same order.
export type Refusals = Readonly<Record<string, readonly string[]>>;

/** By a sentence and which of its words are wanted; undefined where there are none. */
export function teller(table: Refusals): (sentence: string, which?: number) => string | undefined {
  const formats = Object.entries(table).map(([sentence, words]) => {
    const exact = sentence.split(/%d|%s/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("(.+)");
    return { pattern: new RegExp(`^${exact}$`), words };
  });
  return (sentence, which = 0) => {
    for (const { pattern, words } of formats) {
      const told = pattern.exec(sentence)?.slice(1);
      if (told !== undefined) return words[which]?.replace(/%d/g, () => told.shift() ?? "");
    }
    return undefined;
  };
}
