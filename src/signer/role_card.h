/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What keys of card data may sign (card.md 3.2, 3.3): a root the card-verifiable certificates of
 * the keys below it, each once; a data key the few structures of its own applet that carry a
 * signature on a card.
 *
 * As with CAs the rules are the signer's own: what builds the contents of a card is elsewhere, so
 * that one mistake cannot both make a structure and approve it.
 */
#pragma once

#include "base/bytes.h"
#include "rpc/signer_client.h"
#include "signer/limits.h"

enum { CV_KEY_ID_SIZE = 16 };

/* The applet whose files a data key signs. */
enum card_applet { CARD_APPLET_NONE, CARD_APPLET_TEXT, CARD_APPLET_VISUAL };

struct card_rules {
    uint8_t key_id[CV_KEY_ID_SIZE];
    enum card_applet applet;                                /* of a data key */
    uint8_t subjects[SIGNERD_SUBJECTS_MAX][CV_KEY_ID_SIZE]; /* of a root: whom it may certify */
    size_t subject_count;
};

/*
 * Thirty-two hexadecimal digits of a key id: "9000", three digits, 08 05, three digits, four zero
 * bytes. ERR_INPUT for all else, above all for the ids of the real and the official test roots
 * (5000..., 6000...): nothing here may look like theirs.
 */
MUST_CHECK int cv_key_id_parse(const char *text, uint8_t ret[CV_KEY_ID_SIZE], struct err *err);

/*
 * The body of a CV certificate for one of the root's subjects: ERR_INPUT if it cannot be read,
 * else ERR_UNTRUSTED with one sentence. *ret_number stands for the subject in the ledger.
 */
MUST_CHECK int role_card_check_certificate(const struct card_rules *rules, struct bytes spki,
                                           struct bytes body, uint32_t *ret_number,
                                           struct err *err);
/* One of the structures of the data key's applet; the same failures. */
MUST_CHECK int role_card_check(const struct card_rules *rules, struct bytes spki,
                               enum signer_kind kind, struct bytes tbs, struct err *err);
/* For the log: "card-age"; NULL for a kind that no key of card data signs. */
const char *role_card_name(enum signer_kind kind);

/*
 * The three hashes of a face as they are signed: a DigestInfo that names SHA-256 and carries all
 * 96 bytes (card.md 3.3).
 */
MUST_CHECK int role_card_face_info(struct bytes hashes, struct buf *ret, struct err *err);
/* The body of the CV certificate by which the root vouches for a key. */
MUST_CHECK int role_card_body(const struct card_rules *root, const struct card_rules *subject,
                              struct bytes subject_spki, struct buf *ret, struct err *err);
/* Body and signature in the template of EF 0004 (card.md 3.2). */
MUST_CHECK int role_card_assemble(struct bytes body, struct bytes signature, struct buf *ret,
                                  struct err *err);
