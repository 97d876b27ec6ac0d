/* SPDX-License-Identifier: Apache-2.0 */
#include "holder/consent.h"

#include "holder/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define COMPLETE                                                                                   \
    "{\"id\":\"i\",\"provider_title\":\"p\",\"service_title\":\"s\",\"verifier_title\":\"v\","     \
    "\"attributes\":[\"name\"],\"valid_from\":1,\"valid_until\":2,\"withdrawn_at\":null}"

static int read_text(const char *text, struct own_consent *ret, struct json **json)
{
    json_freep(json);
    assert_int_equal(json_parse(bytes_text(text), json, NULL), 0);
    return own_consent_read(*json, ret, NULL);
}

static void half_a_consent_is_refused(void **state)
{
    static const char *const texts[] = {
        "{}",
        "{\"id\":\"i\",\"provider_title\":\"p\",\"service_title\":\"s\",\"verifier_title\":\"v\","
        "\"attributes\":[1],\"valid_from\":1,\"valid_until\":2,\"withdrawn_at\":null}",
        "{\"id\":\"i\",\"provider_title\":\"p\",\"service_title\":\"s\",\"verifier_title\":\"v\","
        "\"attributes\":[\"name\"],\"valid_from\":1,\"valid_until\":2}",
        "{\"id\":7,\"provider_title\":\"p\",\"service_title\":\"s\",\"verifier_title\":\"v\","
        "\"attributes\":[\"name\"],\"valid_from\":1,\"valid_until\":2,\"withdrawn_at\":null}",
    };
    CLEANUP(json_freep) struct json *json = NULL;
    struct own_consent consent;

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_int_equal(read_text(texts[i], &consent, &json), -ERR_INPUT);
    assert_int_equal(read_text(COMPLETE, &consent, &json), 0);
    assert_string_equal(consent.service_title, "s");
    assert_int_equal(consent.withdrawn_at, 0);
}

/* Before the card is asked for anything: there is none here. */
static void an_id_of_another_length_is_refused(void **state)
{
    char id[CONSENT_ID_DIGITS + 2];
    struct consent_wish wish = {.withdrawal = id, .origin = "https://ca.example"};
    struct consent_order order;

    (void)state;
    memset(id, 'a', sizeof id);
    id[CONSENT_ID_DIGITS + 1] = '\0';
    assert_int_equal(consent_sign(&wish, NULL, &order, NULL), -ERR_INPUT);
    id[CONSENT_ID_DIGITS - 1] = '\0';
    assert_int_equal(consent_sign(&wish, NULL, &order, NULL), -ERR_INPUT);
    id[CONSENT_ID_DIGITS - 1] = 'X';
    id[CONSENT_ID_DIGITS] = '\0';
    assert_int_equal(consent_sign(&wish, NULL, &order, NULL), -ERR_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(half_a_consent_is_refused),
        cmocka_unit_test(an_id_of_another_length_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
