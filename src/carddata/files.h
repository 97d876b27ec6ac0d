/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The personal files of a card, byte for byte (card.md 3.2 to 3.7), and what is signed in them.
 *
 * Two-phase within one call: whatever has to be signed is handed to a function of the caller's,
 * which reaches the key that the applet's CV certificate vouches for. No private key is here.
 */
#pragma once

#include "carddata/applets.h"
#include "carddata/person.h"

struct font;

/* What is signed, by kind. All are signed with RSASSA-PKCS1-v1_5; see carddata_digestinfo. */
enum carddata_tbs {
    CARDDATA_TBS_DIGESTS,  /* text 0003: DF31 and DF32 with their headers, 70 bytes */
    CARDDATA_TBS_CARD_KEY, /* text 0007: DF51 with its header, 270 bytes */
    CARDDATA_TBS_AGE,      /* visual 0001: DF11 and DF12 with their headers, 281 bytes */
    CARDDATA_TBS_FACE,     /* visual 0002: three SHA-256 one after the other, 96 bytes */
    CARDDATA_TBS_NUMBER,   /* visual 0005: DF41 and DF42 with their headers */
    CARDDATA_TBS_KINDS_
};

enum {
    CARDDATA_TBS_DIGESTS_SIZE = 70,
    CARDDATA_TBS_CARD_KEY_SIZE = 270,
    CARDDATA_TBS_AGE_SIZE = 281,
    CARDDATA_TBS_FACE_SIZE = 96,
};

/*
 * What PKCS#1 pads for a signature of this kind: DigestInfo of SHA-256 over tbs; but for the face,
 * whose 96 bytes are themselves the octet string in it (card.md 3.3). For whoever holds the key:
 * privkey_sign_raw over the result.
 */
MUST_CHECK int carddata_digestinfo(enum carddata_tbs kind, struct bytes tbs, struct buf *ret,
                                   struct err *err);

/*
 * Have tbs signed by the key that the applet's certificate vouches for; 256 bytes. A failure ends
 * carddata_build and is handed on.
 */
typedef int (*carddata_sign_fn)(void *context, enum carddata_applet applet, enum carddata_tbs kind,
                                struct bytes tbs, struct buf *ret_signature, struct err *err);

struct carddata_issue {
    const struct cardholder *holder;
    struct bytes text_key, visual_key; /* SubjectPublicKeyInfo of the card's own two keys */
    struct bytes text_cvc, visual_cvc; /* EF 0004 of either applet: CVC_SIZE bytes */
    struct font *font;                 /* carddata/font.h; may be shared between threads */
    carddata_sign_fn sign;
    void *context;
};

struct carddata_file {
    const char *applet; /* "text", "visual", "juki", "common", "mf" */
    uint16_t fid;       /* of an EF; for "mf" the tag of GET DATA */
    struct buf contents;
};

enum { CARDDATA_FILES_SIZE = 32 };

/* In the order of applet and file. Among them are the number and the attributes. */
struct carddata_files {
    struct carddata_file list[CARDDATA_FILES_SIZE];
    size_t count;
};

/*
 * Every file a card of this person has beside the JPKI applet. Record files (common 0001,
 * juki 0002) hold their records as they are read, one after the other: number, length, value.
 *
 * ERR_INPUT for a holder that cardholder_check refuses and for keys that are not RSA of 2048 bits,
 * ERR_USAGE for certificates or signatures of another size. Release with carddata_files_done.
 */
MUST_CHECK int carddata_build(const struct carddata_issue *issue, struct carddata_files *ret,
                              struct err *err);
/* The contents of one file, empty if there is none; they live as long as files. */
struct bytes carddata_files_find(const struct carddata_files *files, const char *applet,
                                 uint16_t fid);
/* Wipes and releases. */
void carddata_files_done(struct carddata_files *files);
