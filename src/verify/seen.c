/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows of a few places. Which row is said by the last bytes, which are those of the CA's signature:
 * as good as random, and nobody else's to choose, because only what a trusted CA signed gets in.
 * The oldest place of the row is overwritten. Some locks for all rows, so that threads seldom meet.
 */
#include "verify/seen.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { PLACES = 4, LOCKS = 16 };

struct row {
    struct shown places[PLACES]; /* no certificate: empty */
    unsigned next;
};

struct seen {
    pthread_mutex_t locks[LOCKS]; /* row n is behind lock n % LOCKS */
    struct row *rows;
    size_t count;
};

void shown_done(struct shown *shown)
{
    x509_cert_freep(&shown->cert);
}

int seen_new(size_t most, struct seen **ret, struct err *err)
{
    struct seen *seen = calloc(1, sizeof *seen);

    if (seen == NULL)
        return FAIL_NOMEM(err);
    seen->count = most / 2 + 1; /* half full, hardly any row is too short */
    seen->rows = calloc(seen->count, sizeof *seen->rows);
    if (seen->rows == NULL) {
        free(seen);
        return FAIL_NOMEM(err);
    }
    for (size_t i = 0; i < LOCKS; i++)
        (void)pthread_mutex_init(&seen->locks[i], NULL);
    *ret = seen;
    return 0;
}

void seen_forget(struct seen *seen)
{
    for (size_t i = 0; i < seen->count; i++) {
        (void)pthread_mutex_lock(&seen->locks[i % LOCKS]);
        for (size_t n = 0; n < PLACES; n++)
            shown_done(&seen->rows[i].places[n]);
        (void)pthread_mutex_unlock(&seen->locks[i % LOCKS]);
    }
}

void seen_free(struct seen *seen)
{
    if (seen == NULL)
        return;
    seen_forget(seen);
    for (size_t i = 0; i < LOCKS; i++)
        (void)pthread_mutex_destroy(&seen->locks[i]);
    free(seen->rows);
    free(seen);
}

static size_t row_of(const struct seen *seen, struct bytes der)
{
    uint64_t end = 0;

    if (der.len >= sizeof end)
        memcpy(&end, der.ptr + der.len - sizeof end, sizeof end);
    return (size_t)(end % seen->count);
}

/* Under the row's lock; NULL if it is not there. */
static const struct shown *find_place(const struct row *row, struct bytes der)
{
    for (size_t n = 0; n < PLACES; n++)
        if (row->places[n].cert != NULL && bytes_equal(x509_cert_der(row->places[n].cert), der))
            return &row->places[n];
    return NULL;
}

bool seen_find(struct seen *seen, struct bytes der, struct shown *ret)
{
    size_t at = row_of(seen, der);
    const struct shown *place;

    (void)pthread_mutex_lock(&seen->locks[at % LOCKS]);
    place = find_place(&seen->rows[at], der);
    if (place != NULL) {
        *ret = *place;
        ret->cert = x509_cert_share(place->cert);
    }
    (void)pthread_mutex_unlock(&seen->locks[at % LOCKS]);
    return place != NULL;
}

void seen_keep(struct seen *seen, const struct shown *shown)
{
    struct bytes der = x509_cert_der(shown->cert);
    size_t at = row_of(seen, der);
    struct row *row = &seen->rows[at];

    if (shown->issuer == NULL)
        return;
    (void)pthread_mutex_lock(&seen->locks[at % LOCKS]);
    if (find_place(row, der) == NULL) {
        struct shown *place = &row->places[row->next++ % PLACES];

        shown_done(place);
        *place = *shown;
        place->cert = x509_cert_share(shown->cert);
    }
    (void)pthread_mutex_unlock(&seen->locks[at % LOCKS]);
}
