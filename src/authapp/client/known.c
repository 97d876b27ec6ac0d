/* SPDX-License-Identifier: Apache-2.0 */
#include "authapp/client/known.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS = 256 };

struct entry {
    struct client client;
    uint64_t edition;
};

struct known_clients {
    pthread_mutex_t lock;
    uint64_t edition;
    struct entry *slots[SLOTS]; /* by a hash of the id; the last one found stays */
};

int known_clients_new(struct known_clients **ret, struct err *err)
{
    struct known_clients *known = calloc(1, sizeof *known);

    if (known == NULL)
        return FAIL_NOMEM(err);
    (void)pthread_mutex_init(&known->lock, NULL);
    *ret = known;
    return 0;
}

static void entry_free(struct entry *entry)
{
    if (entry != NULL)
        client_done(&entry->client);
    free(entry);
}

void known_clients_free(struct known_clients *known)
{
    if (known == NULL)
        return;
    for (size_t i = 0; i < SLOTS; i++)
        entry_free(known->slots[i]);
    (void)pthread_mutex_destroy(&known->lock);
    free(known);
}

/* FNV-1a; ids are the operator's to choose. */
static struct entry **slot_of(struct known_clients *known, const char *id)
{
    uint32_t hash = 2166136261U;

    for (; *id != '\0'; id++)
        hash = (hash ^ (uint8_t)*id) * 16777619U;
    return &known->slots[hash % SLOTS];
}

static int copy(const struct client *client, struct client *ret, struct err *err)
{
    struct client made = *client;

    made.metadata = NULL;
    TRY(json_duplicate(client->metadata, &made.metadata, err));
    *ret = made;
    return 0;
}

uint64_t known_clients_edition(struct known_clients *known)
{
    uint64_t edition;

    (void)pthread_mutex_lock(&known->lock);
    edition = known->edition;
    (void)pthread_mutex_unlock(&known->lock);
    return edition;
}

bool known_clients_find(struct known_clients *known, const char *id, struct client *ret)
{
    const struct entry *entry;
    bool is_good;

    (void)pthread_mutex_lock(&known->lock);
    entry = *slot_of(known, id);
    is_good = entry != NULL && entry->edition == known->edition &&
              strcmp(entry->client.id, id) == 0 && copy(&entry->client, ret, NULL) == 0;
    (void)pthread_mutex_unlock(&known->lock);
    return is_good;
}

void known_clients_put(struct known_clients *known, const struct client *client, uint64_t edition)
{
    struct entry *entry = malloc(sizeof *entry);
    struct entry *before;
    struct entry **slot;

    if (entry == NULL || copy(client, &entry->client, NULL) < 0) {
        free(entry);
        return;
    }
    entry->edition = edition;
    (void)pthread_mutex_lock(&known->lock);
    slot = slot_of(known, client->id);
    before = *slot;
    *slot = entry;
    (void)pthread_mutex_unlock(&known->lock);
    entry_free(before);
}

void known_clients_forget(struct known_clients *known)
{
    (void)pthread_mutex_lock(&known->lock);
    known->edition++;
    (void)pthread_mutex_unlock(&known->lock);
}
