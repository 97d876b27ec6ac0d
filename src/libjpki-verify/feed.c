/* SPDX-License-Identifier: Apache-2.0 */
/* Copies of revocation feeds, for those who ask them by themselves and for verifiers. */
#include "libjpki-verify/verifier.h"

#include "verify/limits.h"

#include <stdlib.h>

/* What jpki/verify.h promises. */
_Static_assert((int)JPKI_FEEDS_MAX == (int)VERIFIER_FEEDS_MAX, "");
_Static_assert((int)JPKI_FEED_ITEM_MAX == (int)FEED_ITEM_MAX, "");
_Static_assert((int)JPKI_FEED_FILES_MAX == (int)FEED_FILES_MAX, "");
_Static_assert((int)JPKI_CLOCK_SKEW == (int)FEED_SKEW, "");
_Static_assert((int)JPKI_FEED_NOT_COVERED == (int)FEED_NOT_COVERED, "");
_Static_assert((int)JPKI_FEED_GOOD == (int)FEED_GOOD, "");
_Static_assert((int)JPKI_FEED_REVOKED == (int)FEED_REVOKED, "");

struct jpki_feed {
    struct feed_copy *copy;
};

static int feed_make(struct jpki_bytes ca, jpki_feed **ret, struct err *err)
{
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    CLEANUP(feed_copy_freep) struct feed_copy *copy = NULL;
    struct bytes contents;
    jpki_feed *feed;

    TRY(take_bytes(ca, &contents, err));
    if (contents.len > ANCHOR_FILE_MAX)
        return FAIL(err, ERR_INPUT, "a CA certificate of more than %d bytes", ANCHOR_FILE_MAX);
    TRY(x509_cert_parse_file(contents, &cert, err));
    TRY(feed_copy_new(x509_cert_der(cert), &copy, err));
    feed = calloc(1, sizeof *feed);
    if (feed == NULL)
        return FAIL_NOMEM(err);
    feed->copy = copy;
    copy = NULL;
    *ret = feed;
    return 0;
}

int jpki_feed_new(struct jpki_bytes ca_certificate, jpki_feed **ret, struct jpki_error *error)
{
    struct err err = {0};

    return tell(feed_make(ca_certificate, ret, &err), &err, error);
}

void jpki_feed_free(jpki_feed *feed)
{
    if (feed != NULL)
        feed_copy_free(feed->copy);
    free(feed);
}

static int take(jpki_feed *feed, struct jpki_bytes items, int64_t now, unsigned *ret_taken,
                struct err *err)
{
    struct bytes bytes;

    TRY(take_bytes(items, &bytes, err));
    return feed_copy_take_all(feed->copy, bytes, now, ret_taken, err);
}

int jpki_feed_take(jpki_feed *feed, struct jpki_bytes items, int64_t now, unsigned *ret_taken,
                   struct jpki_error *error)
{
    struct err err = {0};

    return tell(take(feed, items, now, ret_taken, &err), &err, error);
}

int jpki_feed_load(jpki_feed *feed, const char *path, int64_t now, unsigned *ret_taken,
                   struct jpki_error *error)
{
    struct err err = {0};

    return tell(feed_load(feed->copy, path, now, ret_taken, &err), &err, error);
}

enum jpki_feed_answer jpki_feed_ask(const jpki_feed *feed, struct jpki_bytes serial, int64_t at)
{
    size_t size = serial.data == NULL ? 0 : serial.size;
    uint32_t number = 0;

    for (size_t i = 0; i < size; i++) {
        if (number > UINT32_MAX >> 8)
            return JPKI_FEED_NOT_COVERED; /* larger than any that a feed can have */
        number = number << 8 | serial.data[i];
    }
    return (enum jpki_feed_answer)feed_copy_ask(feed->copy, number, at);
}

static struct feed_standing standing_of(const jpki_feed *feed)
{
    struct feed_standing standing;

    feed_copy_standing(feed->copy, &standing);
    return standing;
}

uint32_t jpki_feed_edition(const jpki_feed *feed)
{
    return standing_of(feed).edition;
}

uint64_t jpki_feed_number(const jpki_feed *feed)
{
    return standing_of(feed).number;
}

int64_t jpki_feed_this_update(const jpki_feed *feed)
{
    const struct feed_standing standing = standing_of(feed);

    return standing.edition == 0 ? JPKI_NO_TIME : standing.this_update;
}

int64_t jpki_feed_next_update(const jpki_feed *feed)
{
    const struct feed_standing standing = standing_of(feed);

    return standing.edition == 0 ? JPKI_NO_TIME : standing.next_update;
}

static int add_feed(struct jpki_verifier *verifier, const jpki_feed *feed, struct err *err)
{
    if (verifier->feed_count == VERIFIER_FEEDS_MAX)
        return FAIL(err, ERR_INPUT, "more than %d feeds", VERIFIER_FEEDS_MAX);
    verifier->feeds[verifier->feed_count++] = feed->copy;
    return 0;
}

int jpki_verifier_add_feed(jpki_verifier *verifier, const jpki_feed *feed, struct jpki_error *error)
{
    struct err err = {0};

    return tell(add_feed(verifier, feed, &err), &err, error);
}
