/* SPDX-License-Identifier: Apache-2.0 */
/* That verifications were made, as it is kept (platform/store.h). */
#pragma once

#include "crypto/digest.h"
#include "platform/holder/store.h"
#include "platform/limits.h"
#include "platform/store.h"

enum {
    VERIFICATION_ID_SIZE = 23, /* 16 octets in base64url and a NUL */
    VERIFICATION_REASONS_SIZE = 512,
};

/* One of the signatures of a document. */
struct verification_part {
    char verdict[16];
    char reasons[VERIFICATION_REASONS_SIZE];
    char covers[16]; /* "document", "revision", "nothing" */
};

/* A verdict that was given. */
struct verification {
    char id[VERIFICATION_ID_SIZE];
    char client_id[CLIENT_ID_MAX + 1];
    int64_t at;
    char verdict[16];
    char purpose[16];                        /* "signature" or "liveness" */
    char reasons[VERIFICATION_REASONS_SIZE]; /* names as they were told, with blanks between */
    char kind[16];                           /* "signature", or a document's form: "cms", "pdf" */
    struct digest digest;                    /* of what was signed, or of the document */
    /* For keeping alone; reading leaves them NULL: how revocation was looked up, for what is
     * counted (usage/store.h), and the signatures of a document. */
    const char *method;
    const struct verification_part *parts;
    size_t part_count;
};

/* How a tenant asks once, whatever happens on the way (Idempotency-Key). */
struct verification_once {
    const char *key;           /* the tenant's own */
    struct digest fingerprint; /* of all that was asked */
};

/*
 * outcome, for the audit log alone, is the verdict and why (AUDIT_OUTCOME_MAX). once may be NULL;
 * ERR_CONFLICT if its key was used within VERIFICATION_ONCE_SECONDS.
 */
MUST_CHECK int platform_keep_verification(struct platform_store *store,
                                          const struct verification *verification,
                                          const struct verification_once *once, const char *outcome,
                                          const struct audit_origin *by, struct err *err);
/* The same with the name of the signer, found in the same transaction. */
struct verification_keeping {
    const struct verification *verification;
    const struct verification_once *once;
    const char *outcome;
    const struct holder_key *signer; /* his sign certificate; NULL: he is not asked for */
};
/*
 * ret_name is the pseudonym under which the tenant was shown that certificate last
 * (holder/store.h), and "" if it was not.
 */
MUST_CHECK int platform_keep_named(struct platform_store *store,
                                   const struct verification_keeping *keeping,
                                   const struct audit_origin *by, char ret_name[HOLDER_NAME_SIZE],
                                   struct err *err);
/*
 * What was answered under that key within VERIFICATION_ONCE_SECONDS before now. ERR_ABSENT if
 * nothing was; ERR_CONFLICT if something else was asked.
 */
MUST_CHECK int platform_get_verification_once(struct platform_store *store, const char *client_id,
                                              const struct verification_once *once, int64_t now,
                                              struct verification *ret, struct err *err);
/* ERR_ABSENT also if it is another tenant's. */
MUST_CHECK int platform_get_verification(struct platform_store *store, const char *id,
                                         const char *client_id, struct verification *ret,
                                         struct err *err);
/* The signatures of a document, in its order: *ret_count of VERIFICATION_PARTS_MAX at most. */
MUST_CHECK int platform_list_parts(struct platform_store *store, const char *id,
                                   struct verification_part ret[VERIFICATION_PARTS_MAX],
                                   size_t *ret_count, struct err *err);
/*
 * Put into the audit log that its tenant was shown the record of it, with the verdict it was told
 * and that record's number; *ret is the new record's. ERR_ABSENT as above; ERR_CONFLICT if it was
 * judged before such numbers were kept.
 */
MUST_CHECK int platform_show_verification(struct platform_store *store, const char *id,
                                          const char *client_id, const struct audit_origin *by,
                                          int64_t *ret, struct err *err);
/* Forget it, and the key it was asked under. ERR_ABSENT as above. */
MUST_CHECK int platform_delete_verification(struct platform_store *store, const char *id,
                                            const char *client_id, const struct audit_origin *by,
                                            struct err *err);

/* Which of a tenant's verifications are listed, the newest first. */
struct verification_filter {
    const char *client_id;
    const char *verdict, *purpose; /* NULL: any */
    int64_t since, until;          /* UTC seconds, both inclusive */
    int64_t before_at;             /* only what comes after this one in the list: INT64_MAX: all */
    const char *before_id;
    unsigned count; /* at most VERIFICATIONS_PAGE_MAX */
};
/* *ret_count of them in ret, which has room for count. */
MUST_CHECK int platform_list_verifications(struct platform_store *store,
                                           const struct verification_filter *filter,
                                           struct verification *ret, unsigned *ret_count,
                                           struct err *err);
