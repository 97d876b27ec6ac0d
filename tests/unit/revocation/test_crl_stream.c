/* SPDX-License-Identifier: Apache-2.0 */
/* Lists in pieces, against what crl.h reads of the same bytes in one. */
#include "revocation/crl_stream.h"

#include "revocation/crl_write.h"
#include "support/revocations.h"
#include "x509/der.h"
#include "x509/limits.h"
#include "x509/name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { NOW = 1780000000, MANY = 2000, LIMIT = 1 << 20 };

static struct revocation entries[MANY];

static int make_entries(void **state)
{
    static const uint32_t steps[] = {1, 2, 100, 30000}; /* serial numbers of all lengths */

    (void)state;
    for (uint32_t i = 0; i < MANY; i++)
        entries[i] = (struct revocation){(i == 0 ? 0 : entries[i - 1].serial) + steps[i * 4 / MANY],
                                         NOW - (int64_t)i,
                                         i % 3 == 0 ? CRL_UNSPECIFIED : CRL_SUPERSEDED};
    return 0;
}

/* A name with that many bytes of text, in as many parts as that needs. */
static void make_name(size_t size, struct buf *ret)
{
    static char texts[X509_RDNS_MAX][X509_ATTRIBUTE_MAX + 1];
    struct name_row rows[X509_RDNS_MAX];
    size_t count = 0;

    while (size > 0) {
        size_t len = size < X509_ATTRIBUTE_MAX ? size : X509_ATTRIBUTE_MAX;

        memset(texts[count], 'a', len);
        texts[count][len] = 0;
        rows[count] = (struct name_row){OID_ORGANIZATIONAL_UNIT, DER_UTF8_STRING, texts[count]};
        count++;
        size -= len;
    }
    assert_int_equal(name_build(rows, count, ret, NULL), 0);
}

/* A list whose issuer's name has that many bytes of text. */
static void make_list(size_t count, size_t size, struct buf *ret)
{
    CLEANUP(buf_done) struct buf issuer = BUF_INIT;
    CLEANUP(buf_done) struct buf point = BUF_INIT;
    struct test_revocations all = {.entries = entries, .count = count};
    const struct revocation_source source = test_revocations_source(&all);
    const struct crl_sink sink = crl_sink_buf(ret);
    struct crl_head head = {.authority_key_id = BYTES_LITERAL("key id of the CA"),
                            .number = 300,
                            .this_update = NOW,
                            .next_update = NOW + 86400,
                            .scope = CRL_SCOPE_USERS};

    make_name(size, &issuer);
    make_name(5, &point);
    head.issuer = buf_bytes(&issuer);
    head.distribution_point = buf_bytes(&point);
    assert_int_equal(crl_write_tbs(&head, &source, &sink, NULL, NULL), 0);
}

/* Compares with the entries above, in order. */
static int look_same(void *context, const struct crl *front, const struct revocation *entry,
                     struct err *err)
{
    size_t *seen = context;

    (void)err;
    assert_int_equal(front->this_update, NOW);
    assert_int_equal(entry->serial, entries[*seen].serial);
    assert_int_equal(entry->at, entries[*seen].at);
    assert_int_equal(entry->reason, entries[*seen].reason);
    ++*seen;
    return 0;
}

static int look_nowhere(void *context, const struct crl *front, const struct revocation *entry,
                        struct err *err)
{
    (void)context;
    (void)front;
    (void)entry;
    (void)err;
    return 0;
}

/* In pieces of this size; 0 is all in one. */
static int stream(struct bytes tbs, size_t size, size_t limit, struct err *err)
{
    CLEANUP(crl_stream_freep) struct crl_stream *reader = NULL;
    const struct crl_look look = {look_nowhere, NULL};
    struct crl_streamed streamed;

    assert_int_equal(crl_stream_begin(limit, &look, &reader, NULL), 0);
    for (size_t at = 0; at < tbs.len; at += size == 0 ? tbs.len : size)
        TRY(crl_stream_add(reader, bytes_part(tbs, at, size == 0 ? tbs.len : size), err));
    return crl_stream_end(reader, &streamed, err);
}

static void assert_same(struct bytes tbs, size_t count, size_t size)
{
    CLEANUP(crl_stream_freep) struct crl_stream *reader = NULL;
    size_t seen = 0;
    const struct crl_look look = {look_same, &seen};
    struct crl_streamed streamed;
    struct digest digest;
    struct crl crl;

    assert_int_equal(crl_stream_begin(tbs.len, &look, &reader, NULL), 0);
    for (size_t at = 0; at < tbs.len; at += size) {
        uint8_t piece[8192];
        struct bytes part = bytes_part(tbs, at, size);

        memcpy(piece, part.ptr, part.len);
        assert_int_equal(crl_stream_add(reader, bytes_of(piece, part.len), NULL), 0);
        memset(piece, 0xff, sizeof piece); /* nothing points into it */
    }
    assert_int_equal(crl_stream_end(reader, &streamed, NULL), 0);
    assert_int_equal(seen, count);
    assert_int_equal(streamed.count, count);
    assert_int_equal(crl_parse_tbs(tbs, &crl, NULL), 0);
    assert_true(bytes_equal(streamed.crl.issuer, crl.issuer));
    assert_true(bytes_equal(streamed.crl.number, crl.number));
    assert_true(bytes_equal(streamed.crl.authority_key_id, crl.authority_key_id));
    assert_true(bytes_equal(streamed.crl.distribution_point, crl.distribution_point));
    assert_int_equal(streamed.crl.next_update, crl.next_update);
    assert_int_equal(streamed.crl.scope, crl.scope);
    assert_int_equal(streamed.crl.digest, crl.digest);
    assert_int_equal(digest_compute(DIGEST_SHA256, tbs, &digest, NULL), 0);
    assert_true(bytes_equal(digest_bytes(&digest), digest_bytes(&streamed.digest)));
}

static void pieces_of_any_size_are_the_same_list(void **state)
{
    static const size_t counts[] = {0, 1, 90, 110, MANY};
    static const size_t sizes[] = {1, 7, 35, 36, 1000, 4095, 4096, 4097, 8192};

    (void)state;
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        CLEANUP(buf_done) struct buf tbs = BUF_INIT;

        make_list(counts[i], 2, &tbs);
        for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++)
            assert_same(buf_bytes(&tbs), counts[i], sizes[k]);
    }
}

static void a_list_that_is_cut_off_or_longer_is_refused(void **state)
{
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;

    (void)state;
    make_list(200, 2, &tbs);
    for (size_t len = 0; len < tbs.len; len++)
        assert_int_equal(stream(bytes_of(tbs.ptr, len), 1000, LIMIT, NULL), -ERR_INPUT);
    assert_int_equal(stream(buf_bytes(&tbs), 1000, tbs.len, NULL), 0);
    assert_int_equal(stream(buf_bytes(&tbs), 1000, tbs.len - 1, NULL), -ERR_INPUT);
    assert_int_equal(buf_append_byte(&tbs, 0, NULL), 0);
    assert_int_equal(stream(buf_bytes(&tbs), 1000, LIMIT, NULL), -ERR_INPUT);
    assert_int_equal(stream(buf_bytes(&tbs), 0, LIMIT, NULL), -ERR_INPUT);
}

/* The announcement alone, before a nation's bytes have come for it. */
static void a_list_past_the_limit_is_refused_at_its_beginning(void **state)
{
    CLEANUP(crl_stream_freep) struct crl_stream *reader = NULL;
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;
    const struct crl_look look = {look_nowhere, NULL};
    struct err err;

    (void)state;
    make_list(MANY, 2, &tbs);
    assert_int_equal(crl_stream_begin(tbs.len - 1, &look, &reader, NULL), 0);
    assert_int_equal(crl_stream_add(reader, bytes_of(tbs.ptr, CRL_END_MAX - 1), NULL), 0);
    assert_int_equal(crl_stream_add(reader, bytes_of(tbs.ptr + CRL_END_MAX - 1, 1), &err),
                     -ERR_INPUT);
    assert_non_null(strstr(err.text, "a list of more than"));
}

/* Every octet of a list, changed: whatever is refused in one is refused in pieces. */
static void no_changed_octet_passes_in_pieces_that_does_not_in_one(void **state)
{
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;

    (void)state;
    make_list(130, 2, &tbs);
    for (size_t i = 0; i < tbs.len; i++) {
        struct revocation entry;
        struct crl crl;
        int rc;

        tbs.ptr[i] ^= 0x15;
        rc = crl_parse_tbs(buf_bytes(&tbs), &crl, NULL);
        while (rc == 0 && crl.entries.len > 0)
            rc = crl_next(&crl.entries, &entry, NULL);
        assert_int_equal(stream(buf_bytes(&tbs), 900, LIMIT, NULL), rc);
        tbs.ptr[i] ^= 0x15;
    }
}

/* By the issuer's name, up to where the first entry begins. */
static void the_front_has_its_limit(void **state)
{
    bool was_at_the_limit = false;

    (void)state;
    for (size_t size = 3760; size < 3860; size++) {
        CLEANUP(buf_done) struct buf tbs = BUF_INIT;
        struct crl crl;
        size_t front;

        make_list(MANY, size, &tbs);
        assert_int_equal(crl_parse_tbs(buf_bytes(&tbs), &crl, NULL), 0);
        front = (size_t)(crl.entries.ptr - tbs.ptr);
        assert_int_equal(stream(buf_bytes(&tbs), 1000, LIMIT, NULL),
                         front <= CRL_END_MAX ? 0 : -ERR_INPUT);
        was_at_the_limit = was_at_the_limit || front == CRL_END_MAX;
    }
    assert_true(was_at_the_limit);
}

/* A list without entries, whose back has an extension that nobody knows, of so many bytes. */
static void make_back(size_t size, struct buf *ret)
{
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;
    static const uint8_t filling[2 * CRL_END_MAX];
    struct bytes back;
    struct der outer;
    struct der list;
    size_t marks[4];

    make_list(0, 2, &tbs);
    struct bytes all = buf_bytes(&tbs);
    assert_int_equal(der_take(&all, DER_SEQUENCE, "list", &outer, NULL), 0);
    back = outer.value;
    while (!der_follows(back, DER_CONTEXT_CONSTRUCTED(0)))
        assert_int_equal(der_next(&back, &list, NULL), 0);
    assert_int_equal(der_begin(ret, DER_SEQUENCE, &marks[0], NULL), 0);
    assert_int_equal(buf_append(ret, bytes_of(outer.value.ptr, outer.value.len - back.len), NULL),
                     0);
    assert_int_equal(der_next(&back, &outer, NULL), 0);
    assert_int_equal(der_next(&outer.value, &list, NULL), 0);
    assert_int_equal(der_begin(ret, DER_CONTEXT_CONSTRUCTED(0), &marks[1], NULL), 0);
    assert_int_equal(der_begin(ret, DER_SEQUENCE, &marks[2], NULL), 0);
    assert_int_equal(buf_append(ret, list.value, NULL), 0);
    assert_int_equal(der_begin(ret, DER_SEQUENCE, &marks[3], NULL), 0);
    assert_int_equal(der_put_oid(ret, OID_KEY_USAGE, NULL), 0);
    assert_int_equal(der_put(ret, DER_OCTET_STRING, bytes_of(filling, size), NULL), 0);
    for (int i = 3; i >= 0; i--)
        assert_int_equal(der_finish(ret, marks[i], NULL), 0);
}

static size_t back_of(struct bytes tbs)
{
    struct der part;

    assert_int_equal(der_take(&tbs, DER_SEQUENCE, "list", &part, NULL), 0);
    tbs = part.value;
    while (!der_follows(tbs, DER_CONTEXT_CONSTRUCTED(0)))
        assert_int_equal(der_next(&tbs, &part, NULL), 0);
    return tbs.len;
}

static void the_back_has_its_limit(void **state)
{
    CLEANUP(buf_done) struct buf limit = BUF_INIT;
    CLEANUP(buf_done) struct buf past = BUF_INIT;
    size_t size = CRL_END_MAX;
    struct err err;

    (void)state;
    make_back(size, &past);
    size -= back_of(buf_bytes(&past)) - CRL_END_MAX;
    make_back(size, &limit);
    assert_int_equal(back_of(buf_bytes(&limit)), CRL_END_MAX);
    assert_int_equal(stream(buf_bytes(&limit), 1000, LIMIT, NULL), 0);
    buf_clear(&past);
    make_back(size + 1, &past);
    assert_int_equal(stream(buf_bytes(&past), 1000, LIMIT, &err), -ERR_INPUT);
    assert_non_null(strstr(err.text, "behind its entries"));
}

/* Serial number 1, and a text of so many bytes in an extension that nobody knows. */
static void make_long_entry(size_t size, struct buf *ret)
{
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;
    static const uint8_t filling[200];
    struct bytes rest;
    struct der outer;
    struct der part;
    size_t marks[5];

    make_list(1, 2, &tbs);
    rest = buf_bytes(&tbs);
    assert_int_equal(der_next(&rest, &outer, NULL), 0);
    rest = outer.value;
    for (int i = 0; i < 5; i++)
        assert_int_equal(der_next(&rest, &part, NULL), 0);
    assert_int_equal(der_begin(ret, DER_SEQUENCE, &marks[0], NULL), 0);
    assert_int_equal(buf_append(ret, bytes_of(outer.value.ptr, outer.value.len - rest.len), NULL),
                     0);
    assert_int_equal(der_begin(ret, DER_SEQUENCE, &marks[1], NULL), 0);
    assert_int_equal(der_begin(ret, DER_SEQUENCE, &marks[2], NULL), 0);
    assert_int_equal(der_put_uint(ret, 1, NULL), 0);
    assert_int_equal(der_put_time(ret, NOW, NULL), 0);
    assert_int_equal(der_begin(ret, DER_SEQUENCE, &marks[3], NULL), 0);
    assert_int_equal(der_begin(ret, DER_SEQUENCE, &marks[4], NULL), 0);
    assert_int_equal(der_put_oid(ret, OID_KEY_USAGE, NULL), 0);
    assert_int_equal(der_put(ret, DER_OCTET_STRING, bytes_of(filling, size), NULL), 0);
    for (int i = 4; i >= 1; i--)
        assert_int_equal(der_finish(ret, marks[i], NULL), 0);
    assert_int_equal(der_next(&rest, &part, NULL), 0); /* the entries of before */
    assert_int_equal(buf_append(ret, rest, NULL), 0);
    assert_int_equal(der_finish(ret, marks[0], NULL), 0);
}

static void an_entry_of_more_than_127_bytes_is_refused(void **state)
{
    enum { AROUND = 3 + 15 + 2 + 2 + 5 + 2 }; /* serial, time, two headers, OID, header */
    CLEANUP(buf_done) struct buf limit = BUF_INIT;
    CLEANUP(buf_done) struct buf past = BUF_INIT;
    struct crl crl;

    (void)state;
    make_long_entry(127 - AROUND, &limit);
    assert_int_equal(stream(buf_bytes(&limit), 50, LIMIT, NULL), 0);
    make_long_entry(127 - AROUND + 1, &past);
    assert_int_equal(crl_parse_tbs(buf_bytes(&past), &crl, NULL), 0);
    assert_int_equal(stream(buf_bytes(&past), 50, LIMIT, NULL), -ERR_INPUT);
}

static int refuse(void *context, const struct crl *front, const struct revocation *entry,
                  struct err *err)
{
    (void)context;
    (void)front;
    return entry->serial < 100 ? 0 : FAIL(err, ERR_UNTRUSTED, "not this one");
}

static void what_the_look_refuses_is_refused_where_it_is(void **state)
{
    CLEANUP(crl_stream_freep) struct crl_stream *reader = NULL;
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;
    const struct crl_look look = {refuse, NULL};
    struct err err;

    (void)state;
    make_list(MANY, 2, &tbs);
    assert_int_equal(crl_stream_begin(LIMIT, &look, &reader, NULL), 0);
    assert_int_equal(crl_stream_add(reader, bytes_of(tbs.ptr, CRL_END_MAX), &err), -ERR_UNTRUSTED);
    assert_string_equal(err.text, "not this one");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_of_any_size_are_the_same_list),
        cmocka_unit_test(a_list_that_is_cut_off_or_longer_is_refused),
        cmocka_unit_test(a_list_past_the_limit_is_refused_at_its_beginning),
        cmocka_unit_test(no_changed_octet_passes_in_pieces_that_does_not_in_one),
        cmocka_unit_test(the_front_has_its_limit),
        cmocka_unit_test(the_back_has_its_limit),
        cmocka_unit_test(an_entry_of_more_than_127_bytes_is_refused),
        cmocka_unit_test(what_the_look_refuses_is_refused_where_it_is),
    };

    return cmocka_run_group_tests(tests, make_entries, NULL);
}
