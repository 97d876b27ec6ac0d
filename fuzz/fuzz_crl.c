/* SPDX-License-Identifier: Apache-2.0 */
/* Revocation lists from anybody. What is read lies inside the input; walking it ends. */
#include "fuzz.h"
#include "revocation/crl.h"
#include "revocation/crl_stream.h"
#include "revocation/crl_write.h"
#include "revocation/set.h"
#include "revocation/survey.h"

static void must_lie_inside(struct bytes part, struct bytes whole)
{
    if (part.len > 0 && (part.ptr < whole.ptr || part.ptr + part.len > whole.ptr + whole.len))
        abort();
}

static int count(void *context, const struct crl_change *change, struct err *err)
{
    (void)err;
    if (change->before == NULL && change->after == NULL)
        abort();
    ++*(size_t *)context;
    return 0;
}

/* What is counted, collected and compared is the same list. */
static void must_agree(const struct crl *crl)
{
    const struct crl nothing = {.entries = {NULL, 0}};
    CLEANUP(revocation_set_freep) struct revocation_set *set = NULL;
    struct crl_survey survey;
    size_t changes = 0;

    if (crl_look_over(crl, &survey, NULL) < 0)
        return;
    if (crl_compare(crl, crl, count, &changes, NULL, NULL) < 0 || changes != 0 ||
        crl_compare(&nothing, crl, count, &changes, NULL, NULL) < 0 || changes != survey.count)
        abort();
    if (crl_collect(crl, survey.count, &set, NULL) < 0)
        return; /* dates further apart than a set can have */
    if (revocation_set_count(set) != survey.count)
        abort();
}

/* One entry again, as our writer has it: the same bytes, or the reader takes more than one form. */
struct one {
    struct revocation entry;
    bool is_over;
};

static int one_rewind(void *context, struct err *err)
{
    (void)err;
    ((struct one *)context)->is_over = false;
    return 0;
}

static int one_next(void *context, struct revocation *ret, struct err *err)
{
    struct one *one = context;

    if (one->is_over)
        return FAIL(err, ERR_ABSENT, "no more");
    one->is_over = true;
    *ret = one->entry;
    return 0;
}

static void must_be_written_so(const struct revocation *entry, struct bytes der)
{
    struct one one = {.entry = *entry};
    const struct revocation_source source = {&one, one_rewind, one_next};
    const struct crl_head head = {.issuer = BYTES_LITERAL("\x30\x0c\x31\x0a\x30\x08\x06\x03\x55\x04"
                                                          "\x03\x0c\x01x"),
                                  .authority_key_id = BYTES_LITERAL("k"),
                                  .number = 1};
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;
    const struct crl_sink sink = crl_sink_buf(&tbs);
    struct crl crl;

    FUZZ_CHECK(crl_write_tbs(&head, &source, &sink, NULL, NULL) == 0);
    FUZZ_CHECK(crl_parse_tbs(buf_bytes(&tbs), &crl, NULL) == 0);
    /* An explicit unspecified and extensions that are not critical are read, and not written. */
    if (der.len <= crl.entries.len && !bytes_equal(crl.entries, der))
        abort();
}

static int look(void *context, const struct crl *front, const struct revocation *entry,
                struct err *err)
{
    (void)front;
    (void)err;
    *(uint64_t *)context += entry->serial;
    return 0;
}

/* The whole list in one, as a stream would have it: false for what crl.h refuses. */
static bool add_up(const struct crl *crl, uint64_t *ret)
{
    struct bytes rest = crl->entries;
    struct revocation entry;

    *ret = 0;
    while (rest.len > 0) {
        if (crl_next(&rest, &entry, NULL) < 0)
            return false;
        *ret += entry.serial;
    }
    return true;
}

/* What passes in pieces passes in one, and says the same. */
static void stream(struct bytes tbs)
{
    CLEANUP(crl_stream_freep) struct crl_stream *reader = NULL;
    uint64_t sum = 0;
    uint64_t expected;
    const struct crl_look each = {look, &sum};
    size_t size = tbs.len % 97 + 1;
    struct crl_streamed streamed;
    struct digest digest;
    struct crl crl;

    FUZZ_CHECK(crl_stream_begin(1 << 20, &each, &reader, NULL) == 0);
    for (size_t at = 0; at < tbs.len; at += size)
        if (crl_stream_add(reader, bytes_part(tbs, at, size), NULL) < 0)
            return;
    if (crl_stream_end(reader, &streamed, NULL) < 0)
        return;
    FUZZ_CHECK(crl_parse_tbs(tbs, &crl, NULL) == 0 && add_up(&crl, &expected));
    FUZZ_CHECK(sum == expected && streamed.crl.this_update == crl.this_update);
    FUZZ_CHECK(bytes_equal(streamed.crl.number, crl.number));
    FUZZ_CHECK(digest_compute(DIGEST_SHA256, tbs, &digest, NULL) == 0);
    FUZZ_CHECK(bytes_equal(digest_bytes(&digest), digest_bytes(&streamed.digest)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes input = {data, size};
    struct crl crl;
    struct revocation entry;
    uint64_t number;

    stream(input);
    if (crl_parse(input, 1 << 20, &crl, NULL) < 0 && crl_parse_tbs(input, &crl, NULL) < 0)
        return 0;
    stream(crl.tbs);
    must_lie_inside(crl.tbs, input);
    must_lie_inside(crl.entries, input);
    must_lie_inside(crl.authority_key_id, input);
    must_lie_inside(crl.distribution_point, input);
    must_lie_inside(crl.signature, input);
    if (crl_number(&crl, &number, NULL) == 0 && crl.number.len > sizeof number)
        abort();
    must_agree(&crl);
    for (;;) {
        struct bytes before = crl.entries;

        if (crl_next(&crl.entries, &entry, NULL) < 0)
            break;
        if (entry.serial == 0 || entry.reason >= CRL_REASONS_)
            abort();
        must_be_written_so(&entry, bytes_of(before.ptr, before.len - crl.entries.len));
    }
    return 0;
}
