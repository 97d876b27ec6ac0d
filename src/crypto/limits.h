/* SPDX-License-Identifier: Apache-2.0 */
/* What this room accepts at most; each has a test at the limit and one past it. */
#pragma once

enum {
    BOUND_NONCE_SIZE = 32,    /* octets of a login's challenge, of a revocation's nonce */
    BOUND_FIELD_MAX = 2048,   /* bytes of a text field of a login or revocation */
    BOUND_ID_MAX = 20,        /* octets of a key identifier, of a serial number (RFC 5280) */
    PASSPHRASE_MAX = 1024,    /* bytes of a passphrase around a private key */
    PBES2_PLAIN_MAX = 16384,  /* bytes under a passphrase */
    SEAL_PLAIN_MAX = 262144,  /* bytes sealed at once */
    SEAL_CONTEXT_MAX = 65536, /* bytes of the context they are bound to */
    JWE_PLAIN_MAX = 32768,    /* bytes encrypted at once */
    JWE_HEADER_MAX = 1024,    /* bytes of the header's text, before base64url */
    JWE_MAX = 49152,          /* bytes of a compact JWE */
    JWS_MAX = 8192,           /* bytes of a compact JWS: what signerd takes, and its signature */
    JWS_NAME_MAX = 255,       /* bytes of its "kid" and "typ" */
    JWS_TRIES_MAX = 8,        /* keys of a set that are tried for one */
    TIMESTAMP_MAX = 16384,    /* bytes of an answer of a timestamp authority, of a token */
    TIMESTAMP_ROOTS_MAX = 262144, /* bytes of PEM with the certificates that are believed */
};
