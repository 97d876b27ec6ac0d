/* SPDX-License-Identifier: Apache-2.0 */
/* What the authority accepts at most. Each is tested at the limit and one past it. */
#pragma once

enum {
    GENERATIONS_MAX = 9,         /* of one CA; one digit in names, and one in the database */
    SUBJECT_LEN = 32,            /* hexadecimal digits: whose certificate, as the register says */
    REQUEST_ID_MAX = 64,         /* characters of a request id: letters, digits, hyphens */
    SUBJECT_KEY_BITS = 2048,     /* of the keys certificates are made for (pki.md 1.3) */
    LIFETIME_MAX_DAYS = 5 * 366, /* up to the fifth birthday (pki.md 1.3); no renewals yet */
    VERIFIER_NAME_MAX = 64,      /* characters of a verifier's name: as request ids */
    VERIFIERS_MAX = 200,         /* certificates of verifiers in use at the same time */
    PARTY_TITLE_MAX = 192,       /* bytes of what an organisation or service is called */
    PARTY_CERTIFICATES_MAX = 4,  /* of one verifier in use at the same time */
    PROVIDERS_MAX = 500,         /* that one verifier has given notice of */
    SERVICES_MAX = 16,           /* of one provider */
    CRL_ENTRIES_MAX = 25000000,  /* revocations in one list: 38 bytes each, below RPC_LIST_MAX */
    CRL_HOURS = 48,              /* from thisUpdate to nextUpdate */
    BACKOFF_MAX_MS = 60000,      /* between two attempts to publish that fail */
    HOLDER_SECONDS = 60,         /* between a holder's or verifier's signature and now */
    NONCE_SIZE = 32,             /* octets of the random number in a verifier's request */
    NONCE_KEEP_S = 3600,         /* seconds for which that is kept */
    FEED_HOURS = 24,             /* from thisUpdate to nextUpdate of a feed's items */
    FEED_BEAT_S = 600,           /* seconds until what has not changed is said again */
    FEED_KEEP_S = 2 * 86400,     /* seconds that deltas of a feed are kept, and more while needed */
    FEED_DELTAS_MAX = 4 << 20,   /* bytes of deltas in one answer, if it is more than one */
    APPOINTMENT_RENEW_S = 90 * 86400, /* before its end, from when a responder's or feed signer's
                                         certificate is followed by another */
    FEED_ASKS_MAX = 240,              /* requests of one verifier for feeds in a minute */
    FEED_SNAPSHOTS_MAX = 48,          /* snapshots of a CA's feed that one verifier gets on a day */
    FEED_PAGE_MAX = 1000,             /* revocations in one answer */
    CONSENT_DOCUMENT_MAX = 4096,      /* bytes of a consent */
    CONSENT_SIGNATURE_MAX = 16384,    /* and of the signature over it */
    CONSENT_DAYS = 7,                 /* from a consent's signature to its coming here */
    CONSENT_RENEWAL_DAYS = 365,       /* before its end, in which another may be given */
    CONSENT_PAGE_MAX = 500,           /* changes in one answer to a poll */
    DISCLOSURES_MAX = 200,            /* that are told to a holder, the newest ones */
    FEES_MAX = 64,                    /* rows of the table of fees */
    FEES_FILE_MAX = 64 * 1024,        /* bytes of it */
};
