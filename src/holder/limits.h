/* SPDX-License-Identifier: Apache-2.0 */
/* What a holder's side believes of a platform at most; each has a test at it and one past it. */
#pragma once

enum {
    ORIGIN_MAX = 255,               /* characters of an origin */
    TENANT_KEY_MAX = 512,           /* characters of a provider's key */
    REMOTE_ANSWER_MAX = 64 * 1024,  /* bytes of an answer */
    CHALLENGE_NAME_MAX = 256,       /* bytes of a provider's name, of its origin, of its id */
    CHALLENGE_SESSION_MAX = 128,    /* characters of a challenge's id, of its secret */
    CHALLENGE_ISSUERS_MAX = 64,     /* authorities a platform may list */
    CHALLENGE_URI_MAX = 2048,       /* characters of the address a browser goes on to */
    CHALLENGE_SECONDS_MAX = 5 * 60, /* longest time a challenge may be good for, as we see it */
    CHALLENGE_CODE_LEN = 6,         /* digits that are shown to whoever opened a login */
    SUBJECT_MAX = 128,              /* characters of a pseudonym */
    CONSENT_ID_DIGITS = 32,         /* hexadecimal digits of a consent's id */
    REVOKE_REASON_MAX = 32,         /* letters of an authority's reason */
    WEB_EID_NONCE_MIN = 44,         /* characters of a Web eID challenge: base64 of 32 octets */
    WEB_EID_NONCE_MAX = 128,        /* and at most */
    SIGNING_TITLE_MAX = 200,        /* bytes of what a document is called */
    SIGNING_TEXT_MAX = 4096,        /* bytes of what is said of it */
    SIGNING_DOCUMENT_MAX = 2 << 20, /* bytes of a document that is shown before it is signed */
    SIGNING_SECONDS_MAX = 60 * 60,  /* longest time a signing may be open for, as we see it */
    OPINION_REASONS_MAX = 32,       /* reasons of a verdict */
    OPINION_TEXT_MAX = 1024,        /* bytes of a reason, of an attribute */
};
