/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A portal with two kiosks, and a municipality with registers of its own in which somebody lives
 * with her family. Platform and register say what a test wants: certificates are their holders'
 * names, and a signature is the digest of what was signed. Everything fails the running test.
 */
#pragma once

#include "exchange/civil.h"
#include "portal/kiosk/order.h"
#include "support/portal_site.h"

enum {
    KIOSK_OPENS = 26200, /* after PORTAL_SITE_NOW, 23:13:20 in Japan: half past six, */
    KIOSK_CLOSES = 85600 /* and eleven in the evening */
};
enum { HER_CODE = 2 }; /* at her municipality: each octet */

extern struct portal_site site;
extern struct holdings *holdings;
extern char key[KIOSK_KEY_SIZE], other[KIOSK_KEY_SIZE]; /* of KIOSK-1 and KIOSK-2 */
extern struct kiosk_registry {
    const char *municipality; /* where she lives */
    enum err_kind fails;
} registry;

int kiosk_site_set_up(void **state);
int kiosk_site_tear_down(void **state);
struct db *kiosk_db(void);
const struct audit_origin *kiosk_clerk(void);
bool kiosk_is_logged(const char *act, const char *outcome);

/* ---- the municipality's registers ---- */

struct civil_person kiosk_person(enum civil_relation relation, const char *name, int year);
/* Husband, she, two children: her name there is as it was before the register's. */
struct household kiosk_family(void);
struct person_code kiosk_her_code(void);
int kiosk_file(const struct household *household);
/* NULL: none any more. */
int kiosk_file_seal(const char *letters);
void kiosk_file_tax(const char *answer);

/* ---- asking ---- */

#define NOTHING       "{}"
#define PAYMENT       "payment-0123456789"
#define CHOICE        "{\"kind\":\"resident\"}"
#define PAID(payment) "{\"payment\":\"" payment "\",\"amount\":200}"

struct portal_answer kiosk_ask_as(const char *bearer, const char *line, const char *body);
/* A step of an order; body NULL: only look. */
struct portal_answer kiosk_step(const char *bearer, const char *id, const char *what,
                                const char *body);
/* The status of one of KIOSK-1. */
unsigned kiosk_status(const char *id, const char *what, const char *body);
/* A new order; ret_card is the body that shows a card for it. */
void kiosk_open_order(const char *bearer, const char *certificate, char ret_id[32],
                      char ret_card[256]);
/* With a card that was shown. */
void kiosk_begin(char ret_id[32]);
/* And paid for. */
void kiosk_pay(char ret_id[32]);
/* Made, if it was not, and fetched. */
struct portal_answer kiosk_take_document(const char *id);
