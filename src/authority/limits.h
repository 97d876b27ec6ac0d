/* SPDX-License-Identifier: Apache-2.0 */
/* What the authority accepts at most. Each is tested at the limit and one past it. */
#pragma once

enum {
    REQUEST_ID_MAX = 64,         /* characters of a request id: letters, digits, hyphens */
    SUBJECT_KEY_BITS = 2048,     /* of the keys certificates are made for (pki.md 1.3) */
    LIFETIME_MAX_DAYS = 5 * 366, /* up to the fifth birthday (pki.md 1.3); no renewals yet */
    VERIFIER_NAME_MAX = 64,      /* characters of a verifier's name: as request ids */
    VERIFIERS_MAX = 200,         /* verifiers registered at the same time */
    CRL_ENTRIES_MAX = 25000000,  /* revocations in one list: 38 bytes each, below RPC_LIST_MAX */
    CRL_HOURS = 48,              /* from thisUpdate to nextUpdate */
    BACKOFF_MAX_MS = 60000,      /* between two attempts to publish that fail */
    HOLDER_SECONDS = 60,         /* between a holder's signature and now, either way */
    FEED_PAGE_MAX = 1000,        /* revocations in one answer */
};
