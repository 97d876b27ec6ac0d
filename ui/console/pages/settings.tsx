// SPDX-License-Identifier: Apache-2.0
import { Facts, Part } from "../../shared/components/small";
import type { Me } from "../session";
import { useWords } from "../speak";

export function SettingsPage({ me }: { me: Me }) {
  const { t, word } = useWords();
  return (
    <>
      <Part id="who" title={t("settings.session")}>
        <Facts rows={[
          [t("member.name"), <span lang="ja">{me.member.name}</span>],
          [t("member.role"), word("role", me.member.role)],
          [t("overview.tenant"), me.tenant === null ? word("role", "operator") : <span lang="ja">{me.tenant.name}</span>],
        ]} />
      </Part>
      <Part id="look" title={t("settings.look")}>
        <p>{t("settings.look_text")}</p>
        <p>{t("settings.times")}</p>
      </Part>
      <Part id="about" title={t("settings.about")}>
        <ul>
          <li><a href="licences.txt">{t("settings.licences")}</a></li>
          <li><a href="../openapi.json">{t("settings.api")}</a></li>
        </ul>
      </Part>
    </>
  );
}
