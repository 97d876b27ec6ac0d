// SPDX-License-Identifier: Apache-2.0
// A question before something that cannot be undone. The browser keeps the focus in it and gives it back.
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import type { Failure } from "../api/client";
import { useSharedWords } from "../i18n/shared";
import { FailureNote } from "./failure";

export function Confirm(props: {
  title: string;
  text: ComponentChildren;
  yes: string;
  busy: boolean;
  failure: Failure | null;
  onYes: () => void;
  onClose: () => void;
}) {
  const { t } = useSharedWords();
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const own = dialog.current;
    own?.showModal();
    return () => own?.close();
  }, []);
  return (
    <dialog ref={dialog} aria-labelledby={`${id}-title`} onCancel={(event) => {
      event.preventDefault();
      props.onClose();
    }}>
      <h2 id={`${id}-title`}>{props.title}</h2>
      <div>{props.text}</div>
      <FailureNote failure={props.failure} />
      <p class="buttons">
        <button type="button" autofocus onClick={props.onClose}>{t("dialog.cancel")}</button>
        <button type="button" class="danger" disabled={props.busy} onClick={props.onYes}>{props.yes}</button>
      </p>
    </dialog>
  );
}
