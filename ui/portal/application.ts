// SPDX-License-Identifier: Apache-2.0
// An application as the portal has it, for whoever has logged in and for whoever has its ticket.
import { acting, mandateFor, saveActing } from "./acting";
import { ask, askAs, DELETE, GET, POST, PUT } from "./api";
import { unseal, Unreadable, type PageKey } from "./sealed";
import { session } from "./session";

const prefix = "openjpki.ticket.";

/** What whoever applies without a login shows instead; kept as long as the tab is open. */
export function ticketOf(id: string): string | null {
  try {
    return sessionStorage.getItem(prefix + id);
  } catch {
    return null;
  }
}

function keepTicket(id: string, ticket: string): void {
  sessionStorage.setItem(prefix + id, ticket);
}

/** Fields of a request about it: nothing for somebody who has logged in. */
function fieldsOf(id: string): { headers?: Record<string, string> } {
  const ticket = ticketOf(id);
  return ticket === null || session.get().state === "open" ? {} : { headers: { Authorization: `Bearer ${ticket}` } };
}

/** As askAs where there is a session to be over. */
async function askOf<T>(id: string, asked: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  return ticketOf(id) === null ? askAs(asked) : ask(asked);
}

export async function begin(psid: string): Promise<string> {
  const { id, ticket } = await askAs(POST("/v1/applications", { body: { psid } }));
  if (ticket !== undefined) keepTicket(id, ticket);
  return id;
}

export async function fetchApplication(id: string) {
  return askOf(id, GET("/v1/applications/{id}", { params: { path: { id } }, ...fieldsOf(id) }));
}

export type Application = Awaited<ReturnType<typeof fetchApplication>>;
export type State = Application["state"];
export type Problem = Application["problems"][number];
export type Form = Application["form"];
export type Field = Form["fields"][number];
export type FileKind = NonNullable<Form["attachments"]>[number];
export type Answers = Readonly<Record<string, string>>;

export async function putAnswers(id: string, answers: Answers) {
  const body = { answers: Object.entries(answers).filter(([, value]) => value !== "").map(([field, value]) => ({ field, value })) };
  return askOf(id, PUT("/v1/applications/{id}/answers", { params: { path: { id } }, body, ...fieldsOf(id) }));
}

/** What a file shows, as whoever attaches it says, and whether that bears an individual number, which is not taken. */
export const documents = {
  "other": false, "card-front": false, "card-back": true, "number-notice": true, "resident-record": false,
  "resident-record-number": true,
} as const;
export type Document = keyof typeof documents;

/** A file goes as it is; of what type it is, the portal tells from its octets. */
export async function attach(id: string, kind: string, document: Document, file: File) {
  const query = { kind, name: file.name, document };
  const { headers } = fieldsOf(id);
  return askOf(id, POST("/v1/applications/{id}/files", {
    params: { path: { id }, query }, body: file as never, bodySerializer: (body: unknown) => body as File,
    headers: { ...headers, "Content-Type": "application/octet-stream" },
  }));
}

export async function detach(id: string, number: number) {
  return askOf(id, DELETE("/v1/applications/{id}/files/{number}",
    { params: { path: { id, number: String(number) } }, ...fieldsOf(id) }));
}

/** Where an attachment is to be had. */
export function fileOf(id: string, number: number): string {
  return `/v1/applications/${encodeURIComponent(id)}/files/${number}`;
}

/** Whether a link is enough to have one. */
export function isLinked(id: string): boolean {
  return acting.get() === null && fieldsOf(id).headers === undefined;
}

export async function saveFile(id: string, number: number, name: string) {
  return saveActing(fileOf(id, number), name, fieldsOf(id).headers);
}

/** What a card says, by what the form's fields mean by it. */
export type Said = Readonly<Partial<Record<NonNullable<Field["prefill"]>, string>>>;

export async function openReading(id: string, key: PageKey["public"]) {
  return askOf(id, POST("/v1/applications/{id}/reading", { params: { path: { id } }, body: { key }, ...fieldsOf(id) }));
}

export type Reading = Awaited<ReturnType<typeof openReading>>;

async function seeReading(id: string) {
  return askOf(id, GET("/v1/applications/{id}/reading", { params: { path: { id } }, ...fieldsOf(id) }));
}

export type ReadingState = Awaited<ReturnType<typeof seeReading>>["state"];

export async function endReading(id: string) {
  return askOf(id, DELETE("/v1/applications/{id}/reading", { params: { path: { id } }, ...fieldsOf(id) }));
}

const meanings = { name: "name", address: "address", birthdate: "birth_date", gender: "sex" } as const;

/** How far it is, and what the card says; the portal forgets that, which it could not read, at once. */
export async function takeReading(id: string, opened: Reading, key: PageKey): Promise<[ReadingState, Said]> {
  const { state, attributes } = await seeReading(id);
  if (attributes === undefined) return [state, {}];
  await endReading(id);
  const told = await unseal(key, attributes);
  if (told["session"] !== opened.address.split("/").at(-1)) throw new Unreadable("another form's");
  const said = Object.entries(meanings).filter(([name]) => typeof told[name] === "string")
    .map(([name, meaning]) => [meaning, told[name]] as const);
  return [state, Object.fromEntries(said) as Said];
}

export async function openSigning(id: string) {
  return askOf(id, POST("/v1/applications/{id}/signing", { params: { path: { id } }, ...fieldsOf(id) }));
}

export async function fetchSigning(id: string) {
  return askOf(id, GET("/v1/applications/{id}/signing", { params: { path: { id } }, ...fieldsOf(id) }));
}

export type Signing = Awaited<ReturnType<typeof fetchSigning>>;

/** Where the certificate says otherwise than the form, nothing is sent before the applicant has seen that. */
export async function submit(id: string, hasSeen = false) {
  const body = hasSeen ? { certificate_counts: true } : {};
  return askOf(id, POST("/v1/applications/{id}/submission", { params: { path: { id } }, body, ...fieldsOf(id) }));
}

export type Difference = NonNullable<Awaited<ReturnType<typeof submit>>["differs"]>[number];

export async function withdraw(id: string) {
  return askOf(id, POST("/v1/applications/{id}/withdrawal", { params: { path: { id } }, ...fieldsOf(id) }));
}

export function answersOf(one: Application): Answers {
  return Object.fromEntries(one.answers.map(({ field, value }) => [field, value]));
}

/** Whether a field or an attachment is asked for after these answers, as the portal judges it. */
export function isAsked(form: Form, item: { when?: { field: string; is: string } }, answers: Answers): boolean {
  if (item.when === undefined) return true;
  const { field, is } = item.when;
  const before = form.fields.find((one) => one.name === field);
  return before !== undefined && answers[field] === is && isAsked(form, before, answers);
}

/** Whether another one applies for the applicant: whoever sent it, and before that whoever is at it now. */
export function isByProxy(of: Application): boolean {
  return isOpen(of.state) ? mandateFor("/v1/applications") !== null : of.proxy !== undefined;
}

/** What is on a card of the applicant and may be read from it. */
export function isOnCard(of: Application, field: Field): boolean {
  return field.prefill !== undefined && !isByProxy(of);
}

/** Answers with what a card says, where the form can take it. */
export function filledFrom(of: Application, said: Said, answers: Answers): Answers {
  const found = of.form.fields.filter((field) => isOnCard(of, field)).flatMap((field) => {
    const value = field.prefill === undefined ? undefined : said[field.prefill];
    const takes = value !== undefined && (field.options === undefined || field.options.some((one) => one.value === value)) &&
      (field.type !== "date" || !/-00/.test(value)); // a day that is not known is none
    return takes ? [[field.name, value] as const] : [];
  });
  return { ...answers, ...Object.fromEntries(found) };
}

/** What comes from the certificate of the applicant if he signs, whatever is filled in. */
export function comesWithSignature(of: Application, field: Field): boolean {
  return of.form.needs_signature && field.prefill !== undefined && !isByProxy(of);
}

/** Whether it is its owner's to change and to send. */
export function isOpen(state: State): boolean {
  return state === "draft" || state === "returned";
}
