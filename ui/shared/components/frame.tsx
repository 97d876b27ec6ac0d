// SPDX-License-Identifier: Apache-2.0
// Around a table that may be wider than there is room. One whose cells say what they are is set as blocks then, a row
// each, and never has to be pushed; another moves in its frame. Only where it does, the frame can be reached by keyboard and
// is told of: one that cannot be moved would be a stop on the way and a region among the others for nothing.
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { useSharedWords } from "../i18n/shared";

export function Frame({ name, stacks, children }: { name: string; stacks?: boolean; children: ComponentChildren }) {
  const { t, language } = useSharedWords();
  const frame = useRef<HTMLDivElement>(null);
  const needed = useRef(0); // pixels, by a table that is set as blocks
  const [isNarrow, setNarrow] = useState(false);
  useLayoutEffect(() => {
    const own = frame.current!;
    needed.current = 0; // other words need other room
    const look = () => {
      if (own.scrollWidth > own.clientWidth) needed.current = own.scrollWidth;
      setNarrow(needed.current > own.clientWidth);
      if (stacks !== true) needed.current = 0;
    };
    const watch = new ResizeObserver(look);
    watch.observe(own);
    for (const inside of own.children) watch.observe(inside);
    look();
    return () => watch.disconnect();
  }, [stacks, language]);
  return (
    <div ref={frame} class={isNarrow && stacks === true ? "frame stacked" : "frame"}
      {...(isNarrow && stacks !== true ? { role: "region", tabIndex: 0, "aria-label": t("table.scroll", { name }) } : {})}>
      {children}
    </div>
  );
}
