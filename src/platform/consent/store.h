/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Consents of holders to a tenant's services, as they are kept (platform/store.h): that they are
 * there and until when. The documents are the authority's.
 */
#pragma once

#include "base/json.h"
#include "platform/holder/store.h"

enum {
    CONSENT_ID_SIZE = 33, /* as the authority calls it: 32 hexadecimal digits and a NUL */
    CONSENT_SERVICE_SIZE = 65,
    POLLING_ID_SIZE = 33,
};

struct kept_consent {
    char id[CONSENT_ID_SIZE];
    char holder[HOLDER_NAME_SIZE];
    char service[CONSENT_SERVICE_SIZE];
    unsigned attributes; /* bits (docsign/consent_xml.h) */
    int64_t valid_from, valid_until;
    int64_t withdrawn_at; /* 0: not */
    int64_t polled;       /* platform_polled_until before the authority was asked for it */
};

/* How far changes of a tenant's consents were polled; 0: not at all. */
MUST_CHECK int platform_polled_until(struct platform_store *store, const char *client_id,
                                     int64_t *ret, struct err *err);
/*
 * The authority has taken a consent to a service of a tenant. The same once more changes nothing
 * (*ret_is_new false). What was polled since the authority was asked knew nothing of it, and is
 * polled again.
 */
MUST_CHECK int platform_keep_consent(struct platform_store *store, const char *client_id,
                                     const struct kept_consent *consent,
                                     const struct audit_origin *by, bool *ret_is_new,
                                     struct err *err);
/* All that the holder of a consent has consented to at its service is over, since it was withdrawn.
 */
MUST_CHECK int platform_end_consents(struct platform_store *store, const char *client_id,
                                     const struct kept_consent *ended,
                                     const struct audit_origin *by, struct err *err);
/* ERR_ABSENT also if it is another tenant's. */
MUST_CHECK int platform_get_consent(struct platform_store *store, const char *client_id,
                                    const char *id, struct kept_consent *ret, struct err *err);

/* Told of each, in the order of ids behind one ("": from the first), CONSENTS_PAGE_MAX at most. */
typedef int consent_visit_fn(void *context, const struct kept_consent *consent, struct err *err);
MUST_CHECK int platform_each_consent(struct platform_store *store, const char *client_id,
                                     const char *behind, consent_visit_fn *visit, void *context,
                                     struct err *err);

/* What the authority says became of consents elsewhere. */
struct consent_change {
    char id[CONSENT_ID_SIZE];
    bool is_withdrawn;
    int64_t at;
};
/* By which id changes of a tenant's consents are polled, and how far that was done. */
struct consent_poll {
    char client_id[CLIENT_ID_MAX + 1];
    char polling_id[POLLING_ID_SIZE];
    int64_t since;
};
/* Keep it for a tenant of that name, if there is one; what was done stays unless the id changes. */
MUST_CHECK int platform_set_polling(struct platform_store *store, const char *client_id,
                                    const char *polling_id, struct err *err);
/* The one behind a tenant ("": the first); ERR_ABSENT behind the last. */
MUST_CHECK int platform_polling_behind(struct platform_store *store, const char *behind,
                                       struct consent_poll *ret, struct err *err);
/* A page of changes, and how far it goes. */
struct consent_page {
    const struct consent_change *changes;
    size_t count;
    int64_t since, last;
};
/*
 * Take a page and note how far it goes, in one transaction, unless that was set back since.
 * Consents that are not known here are passed over: whoever hands one on learns where it stands.
 */
MUST_CHECK int platform_take_changes(struct platform_store *store, const struct consent_poll *poll,
                                     const struct consent_page *page, const struct audit_origin *by,
                                     struct err *err);
/*
 * Tell tenants of consents that end within CONSENT_REMIND_DAYS, and of those that have ended, each
 * once.
 */
MUST_CHECK int platform_remind_of_consents(struct platform_store *store, int64_t now,
                                           struct err *err);
