/* SPDX-License-Identifier: Apache-2.0 */
#include "ocsp/cache.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { CAPACITY = 100 };

static const struct bytes tail = {(const uint8_t *)"-tail", 5};

static struct ocsp_cache *make(size_t capacity)
{
    struct ocsp_cache *cache = NULL;

    assert_int_equal(ocsp_cache_new(capacity, &cache, NULL), 0);
    return cache;
}

static struct ocsp_cache_key key_of(uint32_t serial)
{
    return (struct ocsp_cache_key){OCSP_CA_SIGN, serial, BYTES_LITERAL("id")};
}

static void put(struct ocsp_cache *cache, const struct ocsp_cache_key *key, uint64_t version,
                const char *body)
{
    const struct ocsp_kept kept = {.version = version, .single = {.status = OCSP_GOOD}};

    ocsp_cache_put(cache, key, &kept, bytes_text(body));
}

static void assert_finds(struct ocsp_cache *cache, const struct ocsp_cache_key *key,
                         const char *body, uint64_t version)
{
    CLEANUP(buf_done) struct buf found = BUF_INIT;
    struct ocsp_kept kept;
    int rc = ocsp_cache_find(cache, key, tail, &kept, &found, NULL);

    assert_int_equal(rc, body == NULL ? -ERR_ABSENT : 0);
    if (body == NULL)
        return;
    assert_int_equal(kept.version, version);
    assert_int_equal(found.len, strlen(body) + tail.len);
    assert_memory_equal(found.ptr, body, strlen(body));
    assert_memory_equal(found.ptr + strlen(body), tail.ptr, tail.len);
}

static void a_cache_has_its_size(void **state)
{
    struct ocsp_cache *cache = NULL;

    (void)state;
    assert_int_equal(ocsp_cache_new(0, &cache, NULL), -ERR_USAGE);
    assert_int_equal(ocsp_cache_new(OCSP_CACHE_MAX + 1, &cache, NULL), -ERR_USAGE);
    assert_null(cache);
    cache = make(OCSP_CACHE_MAX);
    ocsp_cache_freep(&cache);
    cache = make(1);
    put(cache, &(struct ocsp_cache_key){OCSP_CA_SIGN, 1, tail}, 1, "a");
    put(cache, &(struct ocsp_cache_key){OCSP_CA_SIGN, 2, tail}, 1, "b");
    assert_int_equal(ocsp_cache_count(cache), 1);
    ocsp_cache_freep(&cache);
}

static void an_answer_is_found_by_all_of_its_key(void **state)
{
    CLEANUP(ocsp_cache_freep) struct ocsp_cache *cache = make(CAPACITY);
    const struct ocsp_cache_key key = key_of(7);
    const struct ocsp_cache_key others[] = {{OCSP_CA_AUTH, 7, BYTES_LITERAL("id")},
                                            {OCSP_CA_SIGN, 8, BYTES_LITERAL("id")},
                                            {OCSP_CA_SIGN, 7, BYTES_LITERAL("ie")},
                                            {OCSP_CA_SIGN, 7, BYTES_LITERAL("i")}};

    (void)state;
    assert_finds(cache, &key, NULL, 0);
    put(cache, &key, 3, "answer");
    assert_finds(cache, &key, "answer", 3);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        assert_finds(cache, &others[i], NULL, 0);
        put(cache, &others[i], 4, "other");
    }
    assert_finds(cache, &key, "answer", 3);
    ocsp_cache_clear(cache);
    assert_finds(cache, &key, NULL, 0);
    assert_int_equal(ocsp_cache_count(cache), 0);
}

static void a_newer_answer_takes_the_place_and_an_older_does_not(void **state)
{
    CLEANUP(ocsp_cache_freep) struct ocsp_cache *cache = make(CAPACITY);
    const struct ocsp_cache_key key = key_of(7);

    (void)state;
    put(cache, &key, 3, "third");
    put(cache, &key, 4, "fourth");
    put(cache, &key, 3, "late");
    assert_finds(cache, &key, "fourth", 4);
    assert_int_equal(ocsp_cache_count(cache), 1);
}

static void only_an_answer_that_says_the_same_is_confirmed(void **state)
{
    CLEANUP(ocsp_cache_freep) struct ocsp_cache *cache = make(CAPACITY);
    const struct ocsp_cache_key key = key_of(7);
    const struct ocsp_kept good = {.version = 9, .single = {.status = OCSP_GOOD}};
    const struct ocsp_kept revoked = {.version = 9, .single = {.status = OCSP_REVOKED}};
    const struct ocsp_kept earlier = {.version = 2, .single = {.status = OCSP_GOOD}};

    (void)state;
    ocsp_cache_confirm(cache, &key, &good); /* there is none */
    put(cache, &key, 3, "answer");
    ocsp_cache_confirm(cache, &key, &revoked);
    ocsp_cache_confirm(cache, &key, &earlier);
    assert_finds(cache, &key, "answer", 3);
    ocsp_cache_confirm(cache, &key, &good);
    assert_finds(cache, &key, "answer", 9);
}

static void what_was_not_asked_for_longest_goes_first(void **state)
{
    CLEANUP(ocsp_cache_freep) struct ocsp_cache *cache = make(CAPACITY);

    (void)state;
    for (uint32_t serial = 1; serial <= CAPACITY; serial++) {
        const struct ocsp_cache_key key = key_of(serial);

        put(cache, &key, 1, "answer");
    }
    assert_finds(cache, &(struct ocsp_cache_key){OCSP_CA_SIGN, 1, BYTES_LITERAL("id")}, "answer",
                 1);
    for (uint32_t serial = CAPACITY + 1; serial <= CAPACITY + 10; serial++) {
        const struct ocsp_cache_key key = key_of(serial);

        put(cache, &key, 1, "answer");
    }
    assert_int_equal(ocsp_cache_count(cache), CAPACITY);
    for (uint32_t serial = 1; serial <= CAPACITY + 10; serial++) {
        const struct ocsp_cache_key key = key_of(serial);

        assert_finds(cache, &key, serial == 1 || serial > 11 ? "answer" : NULL, 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cache_has_its_size),
        cmocka_unit_test(an_answer_is_found_by_all_of_its_key),
        cmocka_unit_test(a_newer_answer_takes_the_place_and_an_older_does_not),
        cmocka_unit_test(only_an_answer_that_says_the_same_is_confirmed),
        cmocka_unit_test(what_was_not_asked_for_longest_goes_first),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
