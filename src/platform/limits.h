/* SPDX-License-Identifier: Apache-2.0 */
/* What the platform accepts at most; each has a test at the limit and one past it. */
#pragma once

enum {
    CLIENT_ID_MAX = 64,          /* characters: letters, digits, hyphens, dots */
    TENANT_NAME_MAX = 120,       /* bytes of a provider's name */
    TENANT_ORIGIN_MAX = 200,     /* bytes of a provider's origin */
    TENANT_KEYS_MAX = 16,        /* of one provider, revoked ones not counted */
    TENANT_KEY_NAME_MAX = 64,    /* bytes of a key's name */
    STEP_REFERENCE_MAX = 120,    /* bytes of a paper's reference */
    TENANTS_PAGE_MAX = 100,      /* tenants in one answer */
    OPERATOR_KEYS_MAX = 16,      /* that are not revoked */
    MEMBERS_MAX = 64,            /* of one provider, or of the operator */
    MEMBER_NAME_MAX = 64,        /* bytes of a member's name */
    INVITATION_SECONDS = 604800, /* until it is accepted */
    SESSION_IDLE_SECONDS = 1800, /* between two requests of a session of the console */
    SESSION_SECONDS = 28800,     /* from its beginning to its end, however busy */
    MEMBER_SESSIONS_MAX = 8,     /* of a member; one more, and the oldest ends */
    TENANT_SOURCES_MAX = 511,    /* bytes of the list of addresses a provider asks from */
    TENANT_RATE = 500,           /* requests a second, if its operator has said nothing */
    TENANT_RATE_MAX = 100000,
    TENANT_QUOTA_MAX = 1000000000, /* judgements a month */
    LOGIN_SECONDS = 60,            /* between a challenge and its answer (design 5, F3) */
    LOGIN_REDEEM_SECONDS = 60,     /* more, for whoever opened it to fetch the result */
    LOGIN_CODES_MAX = 3,           /* wrong codes, after which a login is over */
    LOGIN_REFUSALS_MAX = 3,        /* refused answers of a login that are put into the audit log */
    AUTHENTICATION_AHEAD = 75,     /* seconds until a message that a tenant shows expires */
    VERIFICATION_ONCE_SECONDS = 86400, /* that an Idempotency-Key is remembered */
    IDEMPOTENCY_KEY_MAX = 255,         /* characters of it */
    VERIFICATIONS_PAGE = 50,           /* listed at a time */
    VERIFICATIONS_PAGE_MAX = 100,
    USAGE_PAGE = 31, /* days of usage in one answer */
    USAGE_PAGE_MAX = 366,
    DOCUMENT_MAX = 3000000,      /* bytes of a document that is sent whole */
    VERIFICATION_PARTS_MAX = 16, /* signatures of a document */
    KYC_METHODS_MAX = 64,        /* rows of the table of methods */
    KYC_FILE_MAX = 32768,        /* bytes of its file */
    KYC_PROOF_MAX = 20480,       /* bytes of a document's signature, as it is kept */
    KYC_PAGE = 100,              /* identifications listed at a time */
    LINKS_MAX = 16,              /* certificates back that a person is looked for */
    LOGINS_OPEN_MAX = 10000,     /* logins kept at one time */
    CONSENTS_PAGE_MAX = 100,     /* consents in one answer */
    CONSENT_REMIND_DAYS = 90,    /* before its end that a tenant is told of it */
    LATEST_NAME_MAX = 64,  /* characters of a service, and of a tenant's name for a question */
    EVENTS_PAGE_MAX = 100, /* events in one answer */
    WEBHOOKS_MAX = 5,      /* of a tenant */
    WEBHOOK_URL_MAX = 500, /* characters */
    WEBHOOK_OVERLAP_SECONDS = 86400, /* that an old secret signs beside the new one */
    DELIVERY_TRIES = 8,              /* then it is given up */
    DELIVERY_WHY_SIZE = 41,          /* characters of why, and a NUL */
};
