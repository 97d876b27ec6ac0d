/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A municipality whose procedures somebody applies for who has logged in and signs, or who has no
 * login where nothing is signed. The platform is one that opens the certificate, verifies the
 * signature itself, and says the verdict that a test wants. Everything fails the running test.
 */
#pragma once

#include "portal/municipality/key.h"
#include "support/pki.h"
#include "support/portal_site.h"

/* One at a time. */
struct applying_site {
    struct portal_site site;
    struct test_pki pki; /* hanako's card is of it */
    struct portal_browser hanako, taro;
    char clerk[MUNICIPALITY_KEY_SIZE], neighbour[MUNICIPALITY_KEY_SIZE],
        editor[MUNICIPALITY_KEY_SIZE];
    /* Procedures: what is signed; what is not; what is on paper; what ended yesterday. */
    char allowance[PSID_SIZE], run[PSID_SIZE], paper[PSID_SIZE], over[PSID_SIZE];
    struct applying_platform {
        char path[TEMPDIR_FILE_SIZE];
        struct http_server *server;
        struct privkey *key;
        struct pubkey *shown;
        const char *verdict;
        unsigned asked;
    } platform;
};
extern struct applying_site applying;

/* Answers: for the allowance, without and with what needs an attachment; for the run. */
#define CHILD "{\"answers\":[{\"field\":\"child\",\"value\":\"番号　太郎 <&>\"}]}"
#define APART                                                                                      \
    "{\"answers\":[{\"field\":\"child\",\"value\":\"番号　太郎\"},"                           \
    "{\"field\":\"apart\",\"value\":\"yes\"}]}"
#define RUNNER "{\"answers\":[{\"field\":\"runner\",\"value\":\"走る人\"}]}"

int applying_make_keys(void **state); /* once */
int applying_drop_keys(void **state);
int applying_set_up(void **state); /* for each test */
int applying_tear_down(void **state);

struct db *applying_db(void);
/* What the text with that code asks from now on; its number. */
int64_t applying_put_form(const char *code, const char *form_text);
extern const char applying_allowance_form[];

/* A request with a body of JSON (NULL: none), by a browser or by whoever has a key or ticket. */
struct portal_answer applying_ask(struct portal_browser *browser, const char *key, const char *line,
                                  const char *body);
unsigned applying_status(struct portal_browser *browser, const char *key, const char *line,
                         const char *body);
/* The line of a request about an application, for its owner and for a municipality. The last four
 * of each can be used. */
const char *applying_path(const char *method, const char *id, const char *rest);
const char *applying_received(const char *method, const char *receipt, const char *rest);

/* ret_ticket is NULL for who has logged in. */
void applying_begin(struct portal_browser *browser, const char *psid, char ret_id[32],
                    char ret_ticket[64]);
/* A draft of hanako's for the allowance, with its answers. */
void applying_draft(char ret_id[32]);
/* What the card makes of a prepared application: the body of a submission. */
void applying_sign(const char *id, enum profile_kind with, struct buf *ret);
unsigned applying_submit(const char *id, struct buf *body, char ret_receipt[32]);
/* All of that: signed and submitted. */
void applying_apply(char ret_id[32], char ret_receipt[32]);
/* To another state, by a municipality. */
unsigned applying_move(const char *receipt, const char *key, const char *body);
/* The notices of all accounts, one after the other: topic, parameters, link. */
struct json *applying_notices(void);
