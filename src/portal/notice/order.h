/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Notices of offices (portal.md, S303). The portal keeps no attribute of anybody, so a rule can
 * only be over what is there anyway: codes that the office knows its persons by, life events that
 * people want to hear of, applications that they have at this municipality. The office is not told
 * who was reached: whether somebody has an account is nobody's business. Inside this room only.
 */
#pragma once

#include "exchange/exchange.h"
#include "portal/notice/store.h"

enum notice_rule {
    NOTICE_TO_PERSONS,     /* whom it knows by these codes */
    NOTICE_TO_SUBSCRIBERS, /* who want to hear of a life event from it */
    NOTICE_TO_APPLICANTS,  /* who have submitted an application for a procedure of it */
    NOTICE_RULES_
};
extern const char *const notice_rules[]; /* "persons", ..., NULL */

struct notice_order {
    const char *municipality;
    const char *key; /* the same order once more has the same */
    enum notice_rule rule;
    const struct json *codes; /* of persons; NULL: none */
    const char *event, *psid; /* what the rule needs; NULL: not given */
    const char *topic;
    const struct json *parameters; /* NULL: none */
    struct bytes text;             /* all of it as it came, to tell whether it is the same */
};
/*
 * Send it: at once, to all of them or nobody; the same order again does nothing. ERR_INPUT for what
 * the rule or topic does not take, or codes that are none; ERR_CONFLICT for a key that another
 * order had, or NOTICE_ORDERS_MAX in a day; ERR_ABSENT for a procedure that is not the
 * municipality's; ERR_REMOTE for codes where there is no exchange (x NULL).
 */
MUST_CHECK int notice_order(struct db *db, const struct exchange *x,
                            const struct notice_order *order, const struct audit_origin *by,
                            struct err *err);
