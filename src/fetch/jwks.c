/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch/jwks.h"

#include "fetch/fetch.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { TIMEOUT_MS = 5000, PLACES = 64 };

/* Keys that were fetched, by their address. */
struct jwks_cache {
    pthread_mutex_t lock;
    struct kept {
        char url[FETCH_URI_MAX + 1]; /* "": nothing is here */
        struct json *set;
        int64_t fetched_at;
    } at[PLACES];
    size_t next; /* who gives way */
};

int jwks_cache_new(struct jwks_cache **ret, struct err *err)
{
    struct jwks_cache *cache = calloc(1, sizeof *cache);

    if (cache == NULL)
        return FAIL_NOMEM(err);
    if (pthread_mutex_init(&cache->lock, NULL) != 0) {
        free(cache);
        return FAIL_NOMEM(err);
    }
    *ret = cache;
    return 0;
}

void jwks_cache_freep(struct jwks_cache **cache)
{
    if (*cache == NULL)
        return;
    for (size_t i = 0; i < PLACES; i++)
        json_free((*cache)->at[i].set);
    (void)pthread_mutex_destroy(&(*cache)->lock);
    free(*cache);
    *cache = NULL;
}

static bool names_key(const struct json *set, const char *kid)
{
    const struct json *keys = NULL;
    const char *its = NULL;

    if (kid[0] == '\0' || json_get_array(set, "keys", &keys, NULL) < 0)
        return true;
    for (size_t i = 0; i < json_count(keys); i++)
        if (json_get_text(json_at(keys, i), "kid", &its, NULL) == 0 && strcmp(its, kid) == 0)
            return true;
    return false;
}

static struct kept *find(struct jwks_cache *cache, const char *url)
{
    for (size_t i = 0; i < PLACES; i++)
        if (strcmp(cache->at[i].url, url) == 0)
            return &cache->at[i];
    return NULL;
}

/* A copy of what is kept, if it may still be used for this token; NULL otherwise. */
static int look(struct jwks_cache *cache, const char *url, const char *kid, int64_t now,
                struct json **ret, struct err *err)
{
    const struct kept *kept;
    int rc = 0;

    *ret = NULL;
    (void)pthread_mutex_lock(&cache->lock);
    kept = find(cache, url);
    if (kept != NULL && now - kept->fetched_at <= FETCH_JWKS_SECONDS &&
        (names_key(kept->set, kid) || now - kept->fetched_at < FETCH_JWKS_PAUSE))
        rc = json_duplicate(kept->set, ret, err);
    (void)pthread_mutex_unlock(&cache->lock);
    return rc;
}

static int keep(struct jwks_cache *cache, const char *url, const struct json *set, int64_t now,
                struct err *err)
{
    struct json *copy = NULL;
    struct kept *kept;

    TRY(json_duplicate(set, &copy, err));
    (void)pthread_mutex_lock(&cache->lock);
    kept = find(cache, url);
    if (kept == NULL) {
        kept = &cache->at[cache->next];
        cache->next = (cache->next + 1) % PLACES;
    }
    json_free(kept->set);
    kept->set = copy;
    kept->fetched_at = now;
    memcpy(kept->url, url, strlen(url) + 1);
    (void)pthread_mutex_unlock(&cache->lock);
    return 0;
}

/* A set of keys, if whoever is asked is honest. */
static int fetch_keys(const struct jwks_place *place, struct json **ret, struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
    const struct fetch_request request = {.socket = place->socket,
                                          .url = place->url,
                                          .accept = "application/json, application/jwk-set+json",
                                          .timeout_ms = TIMEOUT_MS,
                                          .limit = FETCH_JWKS_MAX,
                                          .is_public = place->is_public};
    struct err why = {0};
    int rc = fetch(&request, &response, &why);

    if (rc == -ERR_NOMEM)
        return err_copy(err, &why);
    if (rc < 0)
        return FAIL(err, ERR_UNTRUSTED, "keys cannot be fetched where they should be");
    /* The registered type is a JSON type, too (RFC 7517, 8.5.2). */
    if (response.json == NULL)
        TRY(json_parse(buf_bytes(&response.body), &response.json, err));
    *ret = response.json;
    response.json = NULL;
    return 0;
}

int jwks_cache_get(struct jwks_cache *cache, const struct jwks_place *place, const char *kid,
                   int64_t now, struct json **ret, struct err *err)
{
    CLEANUP(json_freep) struct json *set = NULL;

    if (strlen(place->url) > FETCH_URI_MAX)
        return FAIL(err, ERR_USAGE, "an address of more than %d characters", FETCH_URI_MAX);
    TRY(look(cache, place->url, kid, now, &set, err));
    if (set == NULL) {
        TRY(fetch_keys(place, &set, err));
        TRY(keep(cache, place->url, set, now, err));
    }
    *ret = json_steal(&set);
    return 0;
}
