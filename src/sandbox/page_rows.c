/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/control.h"
#include "sandbox/page.h"
#include "sandbox/page_handlers.h"
#include "sandbox/page_host.h"

const struct http_about page_about = {
    "sandbox-page", "OpenJPKI sandbox",
    "The start page of a sandbox and what it shows. Everybody in it is fictional, and the PINs are "
    "published test values."};

/* The language is the script's business. */
static const struct http_member html_query[] = {
    {"lang", HTTP_TEXT, HTTP_OPTIONAL, "ja or en; without it as the browser prefers"},
    {NULL},
};
static const struct http_answer html_answers[] = {
    {200, "the page", .type = "text/html; charset=utf-8"}, {0}};
static const struct http_answer script_answers[] = {
    {200, "its script", .type = "text/javascript; charset=utf-8"}, {0}};
static const struct http_answer style_answers[] = {
    {200, "its style", .type = "text/css; charset=utf-8"}, {0}};
static const struct http_answer icon_answers[] = {{200, "its icon", .type = "image/svg+xml"}, {0}};

static const char *const program_states[] = {"running", "restarting", "failed", NULL};
static const struct http_member program_members[] = {
    {"name", HTTP_TEXT, HTTP_REQUIRED, "the program"},
    {"state", HTTP_TEXT, HTTP_REQUIRED, "how it is", .values = program_states},
    {"pid", HTTP_INT, HTTP_OR_NULL, "its process; null unless it runs"},
    {"restarts", HTTP_INT, HTTP_REQUIRED, "how often it was started again"},
    {"last_ending", HTTP_TEXT, HTTP_OR_NULL, "how it ended last"},
    {"socket", HTTP_TEXT, HTTP_OR_NULL, "where it listens"},
    {"log", HTTP_TEXT, HTTP_REQUIRED, "its log"},
    {NULL},
};
static const struct http_member url_members[] = {
    {"page", HTTP_TEXT, HTTP_REQUIRED, "this page"},
    {"platform", HTTP_TEXT, HTTP_REQUIRED, "the platform for providers"},
    {"ocsp", HTTP_TEXT, HTTP_REQUIRED, "the OCSP responders, at /sign and /auth"},
    {"authority", HTTP_TEXT, HTTP_REQUIRED, "the authority, for holders"},
    {"authapp", HTTP_TEXT, HTTP_REQUIRED, "the OpenID provider, for relying parties and browsers"},
    {"portal", HTTP_TEXT, HTTP_REQUIRED, "the portal for citizens"},
    {"counter", HTTP_TEXT, HTTP_REQUIRED, "the register's counter, for clerks' browsers"},
    {"office", HTTP_TEXT, HTTP_REQUIRED, "the portal's pages for people of a municipality"},
    {NULL},
};
static const char *const timings[] = {"fast", "real", NULL};
static const struct http_member state_members[] = {
    {"version", HTTP_INT, HTTP_REQUIRED, "of this form: 1"},
    {"pid", HTTP_INT, HTTP_REQUIRED, "process of the supervisor"},
    {"directory", HTTP_TEXT, HTTP_REQUIRED, "the sandbox's"},
    {"ready", HTTP_BOOL, HTTP_REQUIRED, "whether everything was started"},
    {"programs", HTTP_ARRAY, HTTP_REQUIRED, "in the order they are started", program_members},
    {"healthy", HTTP_BOOL, HTTP_REQUIRED, "whether all of them run"},
    {"urls", HTTP_OBJECT, HTTP_REQUIRED, "where services listen on 127.0.0.1", url_members},
    {"timing", HTTP_TEXT, HTTP_REQUIRED, "how soon revocations become known", .values = timings},
    {"reader", HTTP_BOOL, HTTP_REQUIRED, "whether there is a PC/SC service"},
    {"no_reader_reason", HTTP_TEXT, HTTP_OR_NULL, "why not"},
    {"separate_users", HTTP_BOOL, HTTP_REQUIRED, "whether each program has a user of its own"},
    {"plugged", HTTP_TEXT, HTTP_OR_NULL, "whose card is in the reader"},
    {"plug_request", HTTP_TEXT, HTTP_OR_NULL, "the last wish for a card that was answered"},
    {"plug_refusal", HTTP_TEXT, HTTP_OR_NULL, "why it could not be done"},
    {"powers", HTTP_OBJECT, HTTP_REQUIRED, "what is set", control_powers_members},
    {NULL},
};
static const struct http_answer state_answers[] = {
    {200, "what jpki-sandbox status --json prints", state_members}, {0}};

static const struct http_member step_members[] = {
    {"at_us", HTTP_INT, HTTP_REQUIRED, "microseconds on the clock that nobody moves"},
    {"utc", HTTP_INT, HTTP_OPTIONAL, "the machine's time then, in seconds since 1970"},
    {"program", HTTP_TEXT, HTTP_REQUIRED, "who did and wrote it"},
    {"pid", HTTP_INT, HTTP_REQUIRED, "its process"},
    {"flow", HTTP_TEXT, HTTP_REQUIRED, "F1 issue, F2 signature, F3 login, F4 move, F5 latest"},
    {"step", HTTP_TEXT, HTTP_REQUIRED, "its number in the flow"},
    {"text", HTTP_TEXT, HTTP_REQUIRED, "what was done"},
    {"trace_id", HTTP_TEXT, HTTP_OR_NULL, "the request that it belongs to"},
    {NULL},
};
static const struct http_member trace_members[] = {
    {"steps", HTTP_ARRAY, HTTP_REQUIRED, "in the order they were done", step_members},
    {NULL},
};
static const struct http_answer trace_answers[] = {
    {200, "what jpki-sandbox trace --json prints", trace_members}, {0}};

static const char *const kinds[] = {"plastic", "under15", "under1", "face", NULL};
static const char *const sexes[] = {"male", "female", "unknown", NULL};
static const struct http_member persona_members[] = {
    {"name", HTTP_TEXT, HTTP_REQUIRED, "what commands call the person"},
    {"note", HTTP_TEXT, HTTP_REQUIRED, "what the person is for"},
    {"full_name", HTTP_TEXT, HTTP_REQUIRED, "as on the card"},
    {"address", HTTP_TEXT, HTTP_REQUIRED, "as the person was made, before any move"},
    {"birth_date", HTTP_TEXT, HTTP_REQUIRED, "a date", .form = &http_form_date},
    {"sex", HTTP_TEXT, HTTP_REQUIRED, "as registered", .values = sexes},
    {"municipality", HTTP_TEXT, HTTP_REQUIRED, "its code"},
    {"kind", HTTP_TEXT, HTTP_REQUIRED, "of the card", .values = kinds},
    {"pin_auth", HTTP_TEXT, HTTP_REQUIRED, "the PIN to log in, a published test value"},
    {"pin_sign", HTTP_TEXT, HTTP_REQUIRED, "the password to sign, a published test value"},
    {"plugged", HTTP_BOOL, HTTP_REQUIRED, "whether the card is in the reader"},
    {NULL},
};
static const struct http_member personas_members[] = {
    {"personas", HTTP_ARRAY, HTTP_REQUIRED, "all people of the sandbox", persona_members},
    {NULL},
};
static const struct http_answer personas_answers[] = {
    {200, "what jpki-sandbox persona list --json prints", personas_members}, {0}};

#define ROW(path_, get_, operation_, summary_, answers_, ...)                                      \
    {                                                                                              \
        .method = HTTP_GET, .path = (path_), .access = &page_local, .handle = (get_),              \
        .operation = (operation_), .summary = (summary_), .answers = (answers_),                   \
        .fails = HTTP_FAIL(ERR_DENIED) | HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT),          \
        __VA_ARGS__                                                                                \
    }

const struct route page_routes[] = {
    ROW("/", page_get_html, "getPage", "The page", html_answers, .query = html_query),
    ROW("/start.js", page_get_script, "getScript", "Its script", script_answers),
    ROW("/start.css", page_get_style, "getStyle", "Its style", style_answers),
    ROW("/icon.svg", page_get_icon, "getIcon", "Its icon", icon_answers),
    ROW("/v1/state", page_get_state, "getState", "What runs", state_answers),
    ROW("/v1/trace", page_get_trace, "getTrace", "Who did which step", trace_answers),
    ROW("/v1/personas", page_get_personas, "getPersonas", "Who is there", personas_answers),
    {.path = NULL},
};

const struct route *const page_tables[] = {page_routes, page_control_routes, NULL};
