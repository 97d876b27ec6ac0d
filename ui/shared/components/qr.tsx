// SPDX-License-Identifier: Apache-2.0
import qrcode from "qrcode-generator";
import { useMemo } from "preact/hooks";
import { useSharedWords } from "../i18n/shared";

const quiet = 4; // modules around it: ISO/IEC 18004

/** One path of dark squares: always dark on white, as cameras want it. */
function squares(text: string): { path: string; size: number } {
  const code = qrcode(0, "M");
  code.addData(text);
  code.make();
  const count = code.getModuleCount();
  let path = "";
  for (let row = 0; row < count; row++)
    for (let column = 0; column < count; column++)
      if (code.isDark(row, column)) path += `M${column + quiet} ${row + quiet}h1v1h-1z`;
  return { path, size: count + 2 * quiet };
}

export function Qr({ text, what }: { text: string; what: string }) {
  const { t } = useSharedWords();
  const { path, size } = useMemo(() => squares(text), [text]);
  return (
    <svg class="qr" role="img" aria-label={t("qr.label", { what })} viewBox={`0 0 ${size} ${size}`}>
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}
