/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What all interfaces that people consent to do with a request of a service: find its consent, and
 * have what is handed over in the person's log before it leaves.
 */
#pragma once

#include "exchange/note.h"
#include "portal/operator/process.h"

/*
 * The consent that a request shows, by an interface that is in service; the failures are those of
 * operator_problems. api NULL: by whichever.
 */
MUST_CHECK int operator_pull_consent(const struct http_call *call, const char *api,
                                     struct operator_consent *ret, struct err *err);
struct audit_origin operator_pull_by(const struct http_call *call,
                                     const struct operator_consent *consent);

/* OPERATOR_CONSENT_OVER if it has ended since it was found. */
MUST_CHECK int operator_pull_check(struct db_txn *txn, const struct operator_consent *consent,
                                   int64_t now, struct err *err);
/* What a service is called and what for it asks, as far as the person's log has room for it. */
struct operator_words {
    char name[NOTE_WORDS_MAX + 1], name_en[NOTE_WORDS_MAX + 1];
    char purpose[NOTE_WORDS_MAX + 1], purpose_en[NOTE_WORDS_MAX + 1];
};
void operator_words_of(const struct operator_client *client, struct operator_words *ret);
/* As much of a text as there is room for in the log, without the sign that parts its texts. */
void operator_cut(const char *text, char ret[NOTE_WORDS_MAX + 1]);

/* One thing that is handed over: whose (NULL: the portal's own), and of which kind. */
struct operator_handed {
    const char *giver, *info;
    struct names items; /* in words, where info is NULL */
};
struct operator_pull {
    const struct operator_consent *consent;
    enum operator_act act;
    const char *subject; /* of the act */
    const struct operator_handed *handed;
    size_t count;
};
/*
 * In one transaction: the person's log, the audit log, and the notice of a first use.
 * OPERATOR_CONSENT_OVER if the consent has ended since it was found: then nothing may leave.
 */
MUST_CHECK int operator_pull_note(const struct portal *portal, const struct operator_pull *pull,
                                  const struct audit_origin *by, struct err *err);
