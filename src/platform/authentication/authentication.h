/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Somebody's answer to a message that a tenant itself showed him, judged for that tenant: the way
 * of an OpenID provider, which opens its logins itself (design 5, F3). The message is built here
 * from its fields (crypto/bound.h), never taken as a digest, so no document can pass for it; its
 * origin is the one the tenant is registered with, so what was signed elsewhere holds for nobody.
 *
 * With the sign key as well, the four attributes are told, once, if the authority says that both
 * certificates are one person's.
 */
#pragma once

#include "crypto/bound.h"
#include "platform/authentication/store.h"
#include "platform/login/login.h"
#include "platform/platform.h"
#include "platform/tenant/store.h"
#include "verify/verdict.h"

/* What one key of the card gave for the message. */
struct authentication_answer {
    const char *certificate; /* compact JWE; NULL: this key gave nothing */
    struct bytes signature;
};

struct authentication_request {
    const struct tenant *tenant;
    struct bound message;
    struct authentication_answer auth, sign;
    bool wants_reference; /* for the register (reference.h) */
    const char *trace_id; /* of the request, for the audit log; NULL: none */
};

struct authentication {
    char id[AUTHENTICATION_ID_SIZE];
    struct report report;            /* as it may be told (verification/disclose.h) */
    char holder[LOGIN_SUBJECT_SIZE]; /* "" unless valid */
    struct x509_cert *signer; /* NULL unless valid and signed: whose attributes may be told */
    struct buf reference;     /* empty unless valid and wanted */
};

#define AUTHENTICATION_INIT                                                                        \
    {                                                                                              \
        .report = {VERDICT_INDETERMINATE, {REASON_DOCUMENT_CHANGED}, 0}, .reference = BUF_INIT     \
    }

/*
 * A verdict is a success, whichever it is, and in the audit log before it is given. A message that
 * is found valid counts once: then ERR_CONFLICT. ERR_UNTRUSTED for another origin than the
 * tenant's, or an expiry more than AUTHENTICATION_AHEAD ahead; ERR_REMOTE if the authority
 * cannot be asked whose certificates they are; ERR_DENIED for a reference that is not for this
 * tenant; else as platform_open_certificate.
 */
MUST_CHECK int authentication_make(const struct platform *platform, struct signer *signer,
                                   const struct authentication_request *request,
                                   struct authentication *ret, struct err *err);
void authentication_done(struct authentication *authentication);
