/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/tenant/known.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS = 4096 };

struct entry {
    struct tenant tenant;
    uint64_t edition;
};

struct known {
    pthread_mutex_t lock;
    uint64_t edition;
    struct entry *slots[SLOTS]; /* by the first octets of a hash; the last one found stays */
};

int known_new(struct known **ret, struct err *err)
{
    struct known *known = calloc(1, sizeof *known);

    if (known == NULL)
        return FAIL_NOMEM(err);
    (void)pthread_mutex_init(&known->lock, NULL);
    *ret = known;
    return 0;
}

void known_free(struct known *known)
{
    if (known == NULL)
        return;
    for (size_t i = 0; i < SLOTS; i++)
        free(known->slots[i]);
    (void)pthread_mutex_destroy(&known->lock);
    free(known);
}

static struct entry **slot_of(struct known *known, const struct digest *key)
{
    return &known->slots[((size_t)key->value[0] << 8 | key->value[1]) % SLOTS];
}

/* The entry of this very key that nothing has overtaken; NULL: none. With the lock. */
static struct entry *find(struct known *known, const struct digest *key)
{
    struct entry *entry = *slot_of(known, key);

    if (entry == NULL || entry->edition != known->edition ||
        !bytes_equal_secret(digest_bytes(&entry->tenant.key.hash), digest_bytes(key)))
        return NULL;
    return entry;
}

uint64_t known_edition(struct known *known)
{
    uint64_t edition;

    (void)pthread_mutex_lock(&known->lock);
    edition = known->edition;
    (void)pthread_mutex_unlock(&known->lock);
    return edition;
}

bool known_find(struct known *known, const struct digest *key, int64_t now, struct tenant *ret)
{
    const struct entry *entry;
    bool is_good;

    (void)pthread_mutex_lock(&known->lock);
    entry = find(known, key);
    is_good = entry != NULL &&
              (entry->tenant.key.expires_at == 0 || entry->tenant.key.expires_at >= now);
    if (is_good)
        *ret = entry->tenant;
    (void)pthread_mutex_unlock(&known->lock);
    return is_good;
}

void known_put(struct known *known, const struct tenant *tenant, uint64_t edition)
{
    struct entry **slot;

    (void)pthread_mutex_lock(&known->lock);
    slot = slot_of(known, &tenant->key.hash);
    if (*slot == NULL)
        *slot = malloc(sizeof **slot);
    if (*slot != NULL)
        **slot = (struct entry){*tenant, edition};
    (void)pthread_mutex_unlock(&known->lock);
}

void known_forget(struct known *known)
{
    (void)pthread_mutex_lock(&known->lock);
    known->edition++;
    (void)pthread_mutex_unlock(&known->lock);
}

void known_use(struct known *known, const struct digest *key, int64_t at)
{
    struct entry *entry;

    (void)pthread_mutex_lock(&known->lock);
    entry = find(known, key);
    if (entry != NULL && entry->tenant.key.used_at < at)
        entry->tenant.key.used_at = at;
    (void)pthread_mutex_unlock(&known->lock);
}
