/* SPDX-License-Identifier: Apache-2.0 */
/* What is signed for a Web eID token. */
#include "holder/web_eid.h"

#include "base/hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define NONCE "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

/* By Python's hashlib: sha256(sha256("https://ria.ee") + sha256(NONCE)). */
static void origin_and_nonce_are_hashed_each_and_then_together(void **state)
{
    CLEANUP(buf_done) struct buf hex = BUF_INIT;
    struct digest digest;
    const char *text;

    (void)state;
    assert_int_equal(web_eid_digest("https://ria.ee", NONCE, &digest, NULL), 0);
    assert_int_equal(hex_append(&hex, digest_bytes(&digest), NULL), 0);
    assert_int_equal(buf_text(&hex, &text, NULL), 0);
    assert_string_equal(text, "6c52db394ca5f7f9bc20832da5584e45a3950604d6c946e44f725de158e70063");
}

static void a_nonce_has_its_lengths(void **state)
{
    char nonce[WEB_EID_NONCE_MAX + 5];
    struct digest digest;

    (void)state;
    memset(nonce, 'A', sizeof nonce);
    nonce[WEB_EID_NONCE_MIN] = '\0';
    assert_int_equal(web_eid_digest("https://a.example", nonce, &digest, NULL), 0);
    nonce[WEB_EID_NONCE_MIN - 4] = '\0';
    assert_int_equal(web_eid_digest("https://a.example", nonce, &digest, NULL), -ERR_INPUT);
    memset(nonce, 'A', sizeof nonce);
    nonce[WEB_EID_NONCE_MAX] = '\0';
    assert_int_equal(web_eid_digest("https://a.example", nonce, &digest, NULL), 0);
    nonce[WEB_EID_NONCE_MAX] = 'A';
    nonce[WEB_EID_NONCE_MAX + 4] = '\0';
    assert_int_equal(web_eid_digest("https://a.example", nonce, &digest, NULL), -ERR_INPUT);
}

static void a_nonce_is_base64(void **state)
{
    static const char *const others[] = {"", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
                                         "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9=",
                                         "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n",
                                         "AAECAwQFBgcICQoL DA0ODxAREhMUFRYXGBkaGxwdHh8="};
    struct digest digest;

    (void)state;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_int_equal(web_eid_digest("https://a.example", others[i], &digest, NULL), -ERR_INPUT);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(origin_and_nonce_are_hashed_each_and_then_together),
        cmocka_unit_test(a_nonce_has_its_lengths),
        cmocka_unit_test(a_nonce_is_base64),
    };

    return cmocka_run_group_tests_name("holder/web_eid", tests, NULL, NULL);
}
