/* SPDX-License-Identifier: Apache-2.0 */
#include "register/clerk.h"

#include "base/hex.h"
#include "register/repertoire.h"

#include <string.h>

const char *const clerk_role_names[] = {
    [ROLE_ADMINISTRATOR] = "administrator",
    [ROLE_REGISTRAR] = "registrar",
    [ROLE_ISSUER] = "issuer",
    [ROLE_APPROVER] = "approver",
    [ROLE_LOSS_LINE] = "loss-line",
    [CLERK_ROLES_] = NULL,
};

int clerk_role_parse(const char *name, enum clerk_role *ret, struct err *err)
{
    for (unsigned i = 0; i < CLERK_ROLES_; i++) {
        if (strcmp(clerk_role_names[i], name) == 0) {
            *ret = (enum clerk_role)i;
            return 0;
        }
    }
    return FAIL(err, ERR_INPUT, "there is no such role of clerks");
}

static int municipality_check(const char *code, const struct municipalities *list, struct err *err)
{
    const struct municipality *found;

    return strcmp(code, EVERY_MUNICIPALITY) == 0 ? 0 : municipality_find(list, code, &found, err);
}

int clerk_check(const struct clerk *clerk, const struct municipalities *list, struct err *err)
{
    if (clerk->name[0] == '\0')
        return FAIL(err, ERR_INPUT, "name is empty");
    TRY(repertoire_check("name", clerk->name, err));
    TRY(municipality_check(clerk->municipality, list, err));
    return clerk->window[0] == '\0' ? 0 : window_check(clerk->window, err);
}

int clerk_counter_check(const char *counter, const struct municipalities *list, struct err *err)
{
    char code[MUNICIPALITY_CODE_LEN + 1];

    if (strlen(counter) != COUNTER_LEN)
        return FAIL(err, ERR_INPUT, "a counter is the code of a municipality and four characters");
    memcpy(code, counter, MUNICIPALITY_CODE_LEN);
    code[MUNICIPALITY_CODE_LEN] = '\0';
    TRY(municipality_check(code, list, err));
    return window_check(counter + MUNICIPALITY_CODE_LEN, err);
}

bool clerk_covers(const char *counter, const char *municipality)
{
    return strncmp(counter, EVERY_MUNICIPALITY, MUNICIPALITY_CODE_LEN) == 0 ||
           strncmp(counter, municipality, MUNICIPALITY_CODE_LEN) == 0;
}

bool clerk_is_of_counter(const struct clerk *clerk, const char *counter)
{
    if (strcmp(clerk->municipality, EVERY_MUNICIPALITY) != 0 &&
        strncmp(clerk->municipality, counter, MUNICIPALITY_CODE_LEN) != 0)
        return false;
    return clerk->window[0] == '\0' || strcmp(clerk->window, counter + MUNICIPALITY_CODE_LEN) == 0;
}

static int hash(struct bytes der, uint8_t ret[CLERK_HASH_LEN], struct err *err)
{
    struct digest digest;

    TRY(digest_compute(DIGEST_SHA256, der, &digest, err));
    memcpy(ret, digest.value, CLERK_HASH_LEN);
    return 0;
}

int clerk_card_of(const struct x509_cert *sign, struct bytes auth_der, struct clerk_card *ret,
                  struct err *err)
{
    const struct tbs *tbs = x509_cert_tbs(sign);
    CLEANUP(buf_done) struct buf issuer = BUF_INIT;
    struct clerk_card card = {.serial = (uint32_t)tbs_serial_number(tbs)};
    const char *text;

    if (tbs_serial_number(tbs) > UINT32_MAX || tbs->authority_key_id.len != CLERK_ISSUER_LEN / 2)
        return FAIL(err, ERR_INPUT, "the sign certificate is none of this infrastructure");
    TRY(hex_append(&issuer, tbs->authority_key_id, err));
    TRY(buf_text(&issuer, &text, err));
    memcpy(card.issuer, text, sizeof card.issuer);
    TRY(hash(x509_cert_der(sign), card.sign, err));
    TRY(hash(auth_der, card.auth, err));
    *ret = card;
    return 0;
}

int clerk_is_certificate(const uint8_t expected[CLERK_HASH_LEN], struct bytes der, bool *ret,
                         struct err *err)
{
    uint8_t value[CLERK_HASH_LEN];

    TRY(hash(der, value, err));
    *ret = bytes_equal_secret(BYTES_ARRAY(value), bytes_of(expected, CLERK_HASH_LEN));
    return 0;
}
