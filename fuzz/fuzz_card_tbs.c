/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Structures of card data that somebody wants signed: the first byte chooses the kind. What is
 * taken has exactly the size that its kind has on a card.
 */
#include "fuzz.h"
#include "signer/role_card.h"

enum { BODY_SIZE = 297, DIGESTS_SIZE = 70, CARD_KEY_SIZE = 270, AGE_SIZE = 281, FACE_SIZE = 96 };

static const char root_id[] = "39303030303333080530303100000000";
static const char data_id[] = "39303030303334080530303100000000";

static struct card_rules rules_of(enum signer_kind kind)
{
    struct card_rules rules = {.subject_count = 1};

    FUZZ_CHECK(cv_key_id_parse(root_id, rules.key_id, NULL) == 0);
    FUZZ_CHECK(cv_key_id_parse(data_id, rules.subjects[0], NULL) == 0);
    rules.applet = kind == SIGNER_CARD_DIGESTS || kind == SIGNER_CARD_KEY ? CARD_APPLET_TEXT
                                                                          : CARD_APPLET_VISUAL;
    return rules;
}

/* Whether something of this kind can have this size. */
static bool is_size(enum signer_kind kind, size_t size)
{
    static const size_t sizes[] = {[SIGNER_CV_CERTIFICATE] = BODY_SIZE,
                                   [SIGNER_CARD_DIGESTS] = DIGESTS_SIZE,
                                   [SIGNER_CARD_KEY] = CARD_KEY_SIZE,
                                   [SIGNER_CARD_AGE] = AGE_SIZE,
                                   [SIGNER_CARD_FACE] = FACE_SIZE};

    if (kind == SIGNER_CARD_NUMBER)
        return size > CARD_KEY_SIZE && size <= CARD_KEY_SIZE + 5 + SIGNERD_PICTURE_MAX;
    return size == sizes[kind];
}

FUZZ_TARGET(data, size)
{
    const struct bytes none = {NULL, 0};
    uint32_t number = 0;

    if (size == 0)
        return 0;
    enum signer_kind kind = (enum signer_kind)(SIGNER_CV_CERTIFICATE + data[0] % 6);
    struct bytes tbs = bytes_of(data + 1, size - 1);
    struct card_rules rules = rules_of(kind);
    int rc = kind == SIGNER_CV_CERTIFICATE
                 ? role_card_check_certificate(&rules, none, tbs, &number, NULL)
                 : role_card_check(&rules, none, kind, tbs, NULL);
    if (rc == 0)
        FUZZ_CHECK(is_size(kind, tbs.len));
    if (rc == 0 && kind == SIGNER_CV_CERTIFICATE)
        FUZZ_CHECK(number == 34001 + 1);
    return 0;
}
