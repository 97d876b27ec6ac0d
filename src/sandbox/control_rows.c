/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of the control API: what each call takes and answers, member by member. */
#include "sandbox/control.h"
#include "sandbox/control_handlers.h"
#include "sandbox/page_host.h"

static const char *const ways[] = {"request", "holder", "act", NULL};
static const struct http_form code_form = {"^[0-9]{6}$", "six digits"};

static const struct http_member fault_members[] = {
    {"name", HTTP_TEXT, HTTP_REQUIRED, "one word"},
    {"place", HTTP_TEXT, HTTP_REQUIRED, "the program in which it happens"},
    {"way", HTTP_TEXT, HTTP_REQUIRED, "how it comes about", .values = ways},
    {"text", HTTP_TEXT, HTTP_REQUIRED, "what it does"},
    {"left", HTTP_INT, HTTP_OR_NULL,
     "how often it will yet be met; 0: until it is cleared; null: "
     "it is not set"},
    {"met", HTTP_INT, HTTP_REQUIRED, "how often it was met since it was set"},
    {NULL},
};
static const struct http_member faults_members[] = {
    {"faults", HTTP_ARRAY, HTTP_REQUIRED, "all there are", fault_members},
    {NULL},
};
static const struct http_member put_fault_body[] = {
    {"times", HTTP_INT, HTTP_OPTIONAL, "how often it is to be met; 0 or none: until it is cleared"},
    {"persona", HTTP_TEXT, HTTP_OPTIONAL,
     "to whom an act is done; else to whose card is in the reader"},
    {NULL},
};
static const struct http_answer faults_answers[] = {{200, "the faults", faults_members}, {0}};
static const struct http_answer fault_answers[] = {{200, "the fault", fault_members}, {0}};
static const struct http_answer cleared_answers[] = {{204, "it is not set"}, {0}};

static const char *const registrations[] = {"strict", "loose", NULL};
static const struct http_member set_fault_members[] = {
    {"name", HTTP_TEXT, HTTP_REQUIRED, "one word"},
    {"times", HTTP_INT, HTTP_OPTIONAL, "how often it will yet be met; 0: until it is cleared"},
    {NULL},
};
const struct http_member control_powers_members[] = {
    {"faults", HTTP_ARRAY, HTTP_REQUIRED, "those that are set", set_fault_members},
    {"persona", HTTP_TEXT, HTTP_OR_NULL, "who logs in without being asked"},
    {"registration", HTTP_TEXT, HTTP_REQUIRED, "loose: any address of this computer is registered",
     .values = registrations},
    {NULL},
};
static const struct http_member put_state_body[] = {
    {"faults", HTTP_ARRAY, HTTP_OPTIONAL, "none if not given", set_fault_members},
    {"persona", HTTP_TEXT, HTTP_OPTIONAL, "nobody if not given"},
    {"registration", HTTP_TEXT, HTTP_OPTIONAL, "strict if not given", .values = registrations},
    {NULL},
};
static const struct http_answer powers_answers[] = {{200, "what is set", control_powers_members},
                                                    {0}};

static const struct http_member clock_members[] = {
    {"now", HTTP_INT, HTTP_REQUIRED, "the sandbox's time, in UTC seconds"},
    {"text", HTTP_TEXT, HTTP_REQUIRED, "the same in Japan", .form = &http_form_time},
    {"offset_s", HTTP_INT, HTTP_REQUIRED, "how far it is ahead of the machine's"},
    {NULL},
};
static const struct http_member clock_body[] = {
    {"by", HTTP_INT, HTTP_OPTIONAL, "seconds to move it forward"},
    {"to", HTTP_INT, HTTP_OPTIONAL, "UTC seconds to move it to"},
    {NULL},
};
static const struct http_answer clock_answers[] = {{200, "the clock", clock_members}, {0}};
static const struct http_answer reset_answers[] = {{204, "nothing is set"}, {0}};

static const struct http_answer page_answers[] = {{200, "the page", .type = CONTROL_PAGE_TYPE},
                                                  {0}};
static const struct http_answer form_answers[] = {{303, "back to the page: it is done"}, {0}};

static const struct http_member rotation_members[] = {
    {"kid", HTTP_TEXT, HTTP_OR_NULL,
     "of the key that signs ID tokens with ES256 now; null if a fault hides it"},
    {"jwks_uri", HTTP_TEXT, HTTP_REQUIRED, "where it is published, beside those of before"},
    {NULL},
};
static const struct http_answer rotation_answers[] = {{200, "other keys sign", rotation_members},
                                                      {0}};

static const struct http_member login_body[] = {
    {"address", HTTP_TEXT, HTTP_REQUIRED, "of the login, as its page shows it"},
    {"code", HTTP_TEXT, HTTP_REQUIRED, "as its page shows it", .form = &code_form},
    {"persona", HTTP_TEXT, HTTP_REQUIRED, "who is to answer"},
    {"faults", HTTP_ARRAY, HTTP_OPTIONAL, "names of what goes wrong on the holder's side"},
    {NULL},
};
static const struct http_answer login_answers[] = {{202, "the card is being asked"}, {0}};

#define READS(path_, handle_, operation_, summary_, answers_)                                      \
    {                                                                                              \
        .method = HTTP_GET, .path = (path_), .access = &page_local, .handle = (handle_),           \
        .operation = (operation_), .summary = (summary_), .answers = (answers_),                   \
        .fails = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT)                                   \
    }
#define CHANGES(method_, path_, body_, handle_, operation_, summary_, answers_)                    \
    {                                                                                              \
        .method = (method_), .path = (path_), .access = &page_own_origin, .body = (body_),         \
        .handle = (handle_), .operation = (operation_), .summary = (summary_),                     \
        .answers = (answers_),                                                                     \
        .fails = HTTP_FAIL(ERR_DENIED) | HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT)           \
    }

const struct route page_control_routes[] = {
    READS("/v1/faults", control_list_faults, "listFaults", "What can go wrong, and what is set",
          faults_answers),
    CHANGES(HTTP_DELETE, "/v1/faults", NULL, control_clear_faults, "clearFaults",
            "Let nothing go wrong", cleared_answers),
    READS("/v1/faults/:name", control_get_fault, "getFault", "One of them", fault_answers),
    CHANGES(HTTP_PUT, "/v1/faults/:name", put_fault_body, control_put_fault, "setFault",
            "Let it go wrong", fault_answers),
    CHANGES(HTTP_DELETE, "/v1/faults/:name", NULL, control_delete_fault, "clearFault",
            "Let it not go wrong", cleared_answers),
    CHANGES(HTTP_PUT, "/v1/state", put_state_body, control_put_state, "putState",
            "Set exactly that, and nothing else", powers_answers),
    READS("/v1/clock", control_get_clock, "getClock", "What time it is in the sandbox",
          clock_answers),
    CHANGES(HTTP_PUT, "/v1/clock", clock_body, control_put_clock, "moveClock",
            "Move it forward, in all programs at once", clock_answers),
    CHANGES(HTTP_POST, "/v1/reset", NULL, control_post_reset, "reset",
            "Clear whatever is set; what has happened to people and cards stays", reset_answers),
    CHANGES(HTTP_POST, "/v1/rotations", NULL, control_post_rotation, "rotateKeys",
            "Have other keys sign ID tokens and validation reports", rotation_answers),
    CHANGES(HTTP_POST, "/v1/logins", login_body, control_post_login, "answerLogin",
            "Have a person answer a login with the card", login_answers),
    READS("/set", control_get_page, "getSettings", "A page with forms, without a script",
          page_answers),
    {.method = HTTP_POST,
     .path = "/set",
     .access = &page_own_origin,
     .body_type = "application/x-www-form-urlencoded",
     .handle = control_post_page,
     .operation = "postSettings",
     .summary = "What its forms do",
     .answers = form_answers,
     .fails = HTTP_FAIL(ERR_DENIED) | HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT),
     .is_foreign = true},
    {.path = NULL},
};
