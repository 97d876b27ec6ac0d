/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A register for tests, with a clock that is moved and an authority that is not there: what it
 * orders can be looked at. Failures end the running test.
 */
#pragma once

#include "register/act.h"
#include "support/pki.h"
#include "support/tempdir.h"

#define DAY(y_, m_, d_) ((struct caldate){(y_), (m_), (d_)})

struct register_site {
    struct tempdir dir;
    char path[TEMPDIR_FILE_SIZE];
    char authority[TEMPDIR_FILE_SIZE]; /* nobody listens there */
    struct register_store *store;
    struct clock clock;
    struct counter counter;
    char resident[RESIDENT_ID_LEN + 1]; /* who was added last */
    unsigned ids;
};

extern struct register_site site;
extern struct test_pki site_pki;

/* For a group of tests: certificates and municipalities. */
int site_make_pki(void **state);
int site_release_pki(void **state);
void site_reopen(void);
/* At that moment of the day in Japan. */
void site_set_time(struct caldate day, int hour, int minute, int second);
void site_set_day(struct caldate day);
/* Who does it, now. */
struct audit_origin site_clerk(void);
void site_add_resident(struct caldate birth, struct caldate stay_until);
int site_try_card(const char *serial, bool is_further);
/* An empty register on 23 November 2026; with Hanako, who was born on 15 April 1990. */
int site_set_up(void **state);
int site_set_up_hanako(void **state);
int site_tear_down(void **state);
/* A request of a card, answered with that certificate (empty: not yet), which ends then. */
void site_issue(const char *card, enum cert_kind kind, struct bytes certificate, int64_t end);
struct bytes site_cert(enum profile_kind kind);
/* A card with both certificates, which end then, in the holder's hands. */
void site_hand_over(const char *serial, int64_t end);
/* The same from stock on, with certificates until 15 April 2031. */
void site_give_card(const char *serial);
/* Of the resident who was added last. */
struct act_entry act_of_resident(const char *act);
struct act_entry act_of_card(const char *act, const char *serial);
/* Under this id. */
int site_act_as(struct act_entry entry, const char *id, struct act_done *done, struct err *err);
/* Under a new id. */
int site_try_act(struct act_entry entry);
void site_act(struct act_entry entry);
void assert_card_state(const char *serial, enum card_state expected);
/* The orders behind *above, which are there: "sign reason" and "auth reason". */
void assert_orders(int64_t *above, const char *const expected[]);
#define ASSERT_ORDERS(above_, ...) assert_orders((above_), (const char *const[]){__VA_ARGS__, NULL})
