/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows of a few places; the hash chooses the row, whose oldest place is overwritten. Some locks for
 * all rows, so that threads seldom meet.
 */
#include "verify/seen.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { PLACES = 4, LOCKS = 16 };

struct place {
    uint8_t key[SEEN_KEY_SIZE];
    struct shown shown; /* no certificate: empty */
};

struct row {
    struct place places[PLACES];
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
    seen->count = most / PLACES + 1;
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
            shown_done(&seen->rows[i].places[n].shown);
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

static size_t row_of(const struct seen *seen, const uint8_t key[SEEN_KEY_SIZE])
{
    uint64_t start;

    memcpy(&start, key, sizeof start);
    return (size_t)(start % seen->count);
}

/* Under the row's lock; NULL if it is not there. */
static struct place *find_place(struct row *row, const uint8_t key[SEEN_KEY_SIZE])
{
    for (size_t n = 0; n < PLACES; n++)
        if (row->places[n].shown.cert != NULL &&
            bytes_equal(BYTES_ARRAY(row->places[n].key), bytes_of(key, SEEN_KEY_SIZE)))
            return &row->places[n];
    return NULL;
}

bool seen_find(struct seen *seen, const uint8_t key[SEEN_KEY_SIZE], struct shown *ret)
{
    size_t at = row_of(seen, key);
    const struct place *place;

    (void)pthread_mutex_lock(&seen->locks[at % LOCKS]);
    place = find_place(&seen->rows[at], key);
    if (place != NULL) {
        *ret = place->shown;
        ret->cert = x509_cert_share(place->shown.cert);
    }
    (void)pthread_mutex_unlock(&seen->locks[at % LOCKS]);
    return place != NULL;
}

void seen_keep(struct seen *seen, const uint8_t key[SEEN_KEY_SIZE], const struct shown *shown)
{
    size_t at = row_of(seen, key);
    struct row *row = &seen->rows[at];

    if (shown->issuer == NULL)
        return;
    (void)pthread_mutex_lock(&seen->locks[at % LOCKS]);
    if (find_place(row, key) == NULL) {
        struct place *place = &row->places[row->next++ % PLACES];

        shown_done(&place->shown);
        memcpy(place->key, key, SEEN_KEY_SIZE);
        place->shown = *shown;
        place->shown.cert = x509_cert_share(shown->cert);
    }
    (void)pthread_mutex_unlock(&seen->locks[at % LOCKS]);
}
