/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Card-verifiable certificates (card.md 3.2, EF 0004): 568 bytes in which a root vouches for the
 * key that signs the personal data of many cards.
 *
 *   7F21 820233 { 5F4E 820129 <body>, 5F37 820100 <signature> }
 *   body: 16 bytes of the root's key id, 16 of the subject's, 265 of the subject's key
 *   key:  90 03 010001, 91 820100 <modulus>
 *
 * Two-phase: the body is built here, signed by the root (RSASSA-PKCS1-v1_5 with SHA-256 over the
 * 297 bytes of the body), and assembled here. All keys have 2048 bits.
 */
#pragma once

#include "base/bytes.h"
#include "carddata/applets.h"

struct pubkey;

enum {
    CVC_KEY_ID_SIZE = 16,
    CVC_KEY_SIZE = 265,
    CVC_BODY_SIZE = 2 * CVC_KEY_ID_SIZE + CVC_KEY_SIZE,
    CVC_SIGNATURE_SIZE = 256,
    CVC_SIZE = 568,
};

/*
 * Our own key ids, outside of the real ranges (5000..., and 6000... of the official test cards):
 * "9000033" and "9000023" of the roots, "9000034" and "9000024" of the keys they vouch for.
 */
struct bytes cvc_root_id(enum carddata_applet applet);
struct bytes cvc_subject_id(enum carddata_applet applet);

/*
 * A public key as the card's files write it: CVC_KEY_SIZE bytes, appended. ERR_INPUT if spki is no
 * RSA key of 2048 bits.
 */
MUST_CHECK int cvc_append_key(struct buf *buf, struct bytes spki, struct err *err);
/* The other direction, exactly. */
MUST_CHECK int cvc_key_parse(struct bytes key, struct pubkey **ret, struct err *err);

/* First phase: CVC_BODY_SIZE bytes. Both ids have CVC_KEY_ID_SIZE bytes. */
MUST_CHECK int cvc_build_body(struct bytes issuer_id, struct bytes subject_id, struct bytes spki,
                              struct buf *ret, struct err *err);
/* Second phase: CVC_SIZE bytes, as EF 0004 holds them. */
MUST_CHECK int cvc_assemble(struct bytes body, struct bytes signature, struct buf *ret,
                            struct err *err);

/* Ranges point into the input. */
struct cvc {
    struct bytes body;       /* what is signed */
    struct bytes issuer_id;  /* CVC_KEY_ID_SIZE */
    struct bytes subject_id; /* CVC_KEY_ID_SIZE */
    struct bytes key;        /* CVC_KEY_SIZE */
    struct bytes signature;  /* CVC_SIGNATURE_SIZE */
};

/* A body alone, as a root is asked to sign it; signature stays empty. ERR_INPUT. */
MUST_CHECK int cvc_parse_body(struct bytes body, struct cvc *ret, struct err *err);
/* A whole one: exactly CVC_SIZE bytes of exactly this form, else ERR_INPUT. */
MUST_CHECK int cvc_parse(struct bytes whole, struct cvc *ret, struct err *err);
/*
 * ERR_UNTRUSTED unless root made the signature. The issuer's id names a root and proves nothing:
 * the caller has chosen the key by it.
 */
MUST_CHECK int cvc_verify(const struct cvc *cvc, const struct pubkey *root, struct err *err);
