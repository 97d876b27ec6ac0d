/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a verdict was made of, for whoever writes the provider's side: the digest that the platform
 * went by, each step of the path, and where and of when revocation was known. Nothing of the
 * certificate is among it, and of a revocation no more than a provider may know: as in the answer
 * itself (platform/verification/disclose.h).
 */
#include "programs/jpki-platformd/powers_parts.h"

#include "base/hex.h"
#include "platform/verification/disclose.h"

#include <string.h>

enum { JUDGED_MAX = 2, REASONS_OF_STEP = 4 };

/* What one thread found while it handled one request. */
struct noted {
    struct digest digest, issuer; /* issuer: SHA-256 of its certificate */
    struct report report;
    int64_t at, this_update, next_update;
    enum revocation_policy policy;
    size_t anchors;
    bool has_issuer, was_asked;
};

static _Thread_local struct {
    struct noted at[JUDGED_MAX];
    size_t count;
} notes;

void debug_note(const struct platform *platform, const struct judged *judged)
{
    const struct signature_report *found = judged->found;
    struct noted *noted = &notes.at[notes.count];

    if (notes.count == JUDGED_MAX)
        return;
    *noted = (struct noted){.digest = judged->digest,
                            .report = disclose(&found->report),
                            .at = judged->trust->at,
                            .this_update = found->status.this_update,
                            .next_update = found->status.next_update,
                            .policy = platform->policy,
                            .anchors = anchors_count(judged->trust->anchors),
                            .was_asked = judged->trust->status != NULL};
    noted->has_issuer = found->issuer != NULL &&
                        digest_compute(DIGEST_SHA256, x509_cert_der(found->issuer), &noted->issuer,
                                       NULL) == 0;
    notes.count++;
}

/* In the order they are looked at; none but the first two without an issuer. */
static const struct step {
    const char *text;
    enum reason reasons[REASONS_OF_STEP]; /* that speak against it */
    size_t count;
    bool needs_issuer;
} steps[] = {
    {"the issuer is one of the CAs of this platform", {REASON_ISSUER_UNKNOWN}, 1, false},
    {"that CA signed the certificate", {REASON_ISSUER_FORGED}, 1, false},
    {"the CA is valid at that time", {REASON_ISSUER_NOT_VALID}, 1, true},
    {"the certificate is valid at that time", {REASON_NOT_YET_VALID, REASON_EXPIRED}, 2, true},
    {"it is of the kind that is needed, and its policy",
     {REASON_WRONG_USAGE, REASON_WRONG_POLICY},
     2,
     true},
    {"it has the form of such certificates",
     {REASON_WRONG_PROFILE, REASON_PROFILE_UNKNOWN, REASON_UNKNOWN_CRITICAL_EXTENSION},
     3,
     true},
    {"its key signed the digest",
     {REASON_SIGNATURE_BROKEN, REASON_DOCUMENT_CHANGED, REASON_WEAK_HASH},
     3,
     false},
    {"it is not revoked",
     {REASON_REVOKED, REASON_HELD, REASON_REVOCATION_NOT_CHECKED, REASON_STATUS_UNKNOWN},
     4,
     true},
};

static const char *reason_against(const struct report *report, const struct step *step)
{
    for (size_t i = 0; i < report->reason_count; i++)
        for (size_t j = 0; j < step->count; j++)
            if (report->reasons[i] == step->reasons[j])
                return reason_name(report->reasons[i]);
    return NULL;
}

static int add_step(const struct noted *noted, const struct step *step, struct json *list,
                    struct err *err)
{
    const char *against = reason_against(&noted->report, step);
    CLEANUP(json_freep) struct json *row = json_object_new();

    TRY(json_put_text(row, "step", step->text, err));
    if (against == NULL && step->needs_issuer && !noted->has_issuer)
        TRY(json_put_null(row, "holds", err)); /* not looked at */
    else
        TRY(json_put_bool(row, "holds", against == NULL, err));
    TRY(json_put_optional(row, "reason", against, err));
    return json_add(list, json_steal(&row), err);
}

static int put_hex(struct json *object, const char *name, const struct digest *digest,
                   struct err *err)
{
    CLEANUP(buf_done) struct buf hex = BUF_INIT;

    TRY(hex_append(&hex, digest_bytes(digest), err));
    return json_put_bytes(object, name, buf_bytes(&hex), err);
}

static int put_revocation(const struct noted *noted, struct json *object, struct err *err)
{
    static const char *const policies[REVOCATION_POLICIES_] = {
        [REVOCATION_OCSP] = "ocsp", [REVOCATION_FEED] = "feed", [REVOCATION_CRL] = "crl"};
    CLEANUP(json_freep) struct json *revocation = json_object_new();

    TRY(json_put_optional(revocation, "policy", noted->was_asked ? policies[noted->policy] : NULL,
                          err));
    TRY(noted->this_update == 0 ? json_put_null(revocation, "this_update", err)
                                : json_put_int(revocation, "this_update", noted->this_update, err));
    TRY(noted->next_update == 0 ? json_put_null(revocation, "next_update", err)
                                : json_put_int(revocation, "next_update", noted->next_update, err));
    return json_put(object, "revocation", json_steal(&revocation), err);
}

static int add_noted(const struct noted *noted, struct json *list, struct err *err)
{
    CLEANUP(json_freep) struct json *row = json_object_new();
    CLEANUP(json_freep) struct json *path = json_array_new();

    TRY(put_hex(row, "digest", &noted->digest, err));
    TRY(json_put_int(row, "at", noted->at, err));
    TRY(json_put_int(row, "cas", (int64_t)noted->anchors, err));
    if (noted->has_issuer)
        TRY(put_hex(row, "issuer_sha256", &noted->issuer, err));
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
        TRY(add_step(noted, &steps[i], path, err));
    TRY(json_put(row, "path", json_steal(&path), err));
    TRY(put_revocation(noted, row, err));
    return json_add(list, json_steal(&row), err);
}

/* Whatever this thread noted was noted for this request. */
int debug_explain(const struct http_call *call, struct json *debug, struct err *err)
{
    CLEANUP(json_freep) struct json *list = json_array_new();
    size_t count = notes.count;

    (void)call;
    notes.count = 0;
    if (debug == NULL)
        return 0;
    for (size_t i = 0; i < count; i++)
        TRY(add_noted(&notes.at[i], list, err));
    return json_put(debug, "judged", json_steal(&list), err);
}
