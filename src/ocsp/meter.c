/* SPDX-License-Identifier: Apache-2.0 */
#include "ocsp/meter.h"

#include "base/file.h"
#include "base/hex.h"
#include "base/rand.h"
#include "fetch/fetch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC "OJPKIMT1"

enum { FILE_MODE = 0600, TIMEOUT_MS = 3000 };

/* The file, in the byte order of this computer, which it never leaves. */
struct place {
    char name[METER_NAME_MAX + 1];
    _Atomic uint64_t count[OCSP_CAS_];
};

struct contents {
    char magic[sizeof MAGIC - 1];
    uint8_t id[METER_ID_SIZE];
    _Atomic uint64_t number; /* of the last batch */
    _Atomic uint64_t used;   /* places; one is used when its name is whole */
    struct place places[METER_NAMES_MAX];
};

_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2, "another process finds what a killed one has counted");

struct ocsp_meter {
    struct contents *map;
    int fd;
    uint64_t told; /* the sum of all totals that the authority has confirmed */
    uint64_t kept; /* and of those that are on the disk */
};

/* A file with all its blocks: a mapping of one without could not be written on a full disk. */
static int make(const char *path, struct err *err)
{
    CLEANUP(buf_done) struct buf blank = BUF_INIT;
    struct contents *contents;

    TRY(buf_reserve(&blank, sizeof *contents, err));
    memset(blank.ptr, 0, sizeof *contents);
    blank.len = sizeof *contents;
    memcpy(blank.ptr, MAGIC, sizeof MAGIC - 1);
    TRY(rand_fill(blank.ptr + offsetof(struct contents, id), METER_ID_SIZE, err));
    return file_create(path, FILE_MODE, buf_bytes(&blank), err);
}

static int open_file(const char *path, int *ret, struct err *err)
{
    int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);

    if (fd < 0 && errno == ENOENT) {
        TRY(make(path, err));
        fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    }
    if (fd < 0)
        return FAIL_ERRNO(err, "cannot open %s", path);
    *ret = fd;
    return 0;
}

static bool is_sound(const struct contents *contents)
{
    if (!bytes_equal(bytes_of(contents->magic, sizeof contents->magic), BYTES_LITERAL(MAGIC)) ||
        contents->used > METER_NAMES_MAX)
        return false;
    for (size_t i = 0; i < contents->used; i++) {
        const struct place *place = &contents->places[i];

        if (place->name[0] == '\0' || memchr(place->name, '\0', sizeof place->name) == NULL)
            return false;
    }
    return true;
}

static int map_file(struct ocsp_meter *meter, const char *path, struct err *err)
{
    struct stat file;
    void *map;

    if (flock(meter->fd, LOCK_EX | LOCK_NB) < 0)
        return FAIL(err, ERR_CONFLICT, "%s is in use by another process", path);
    if (fstat(meter->fd, &file) < 0)
        return FAIL_ERRNO(err, "cannot look at %s", path);
    if (!S_ISREG(file.st_mode) || file.st_size != (off_t)sizeof *meter->map)
        return FAIL(err, ERR_INPUT, "%s is no meter", path);
    map = mmap(NULL, sizeof *meter->map, PROT_READ | PROT_WRITE, MAP_SHARED, meter->fd, 0);
    if (map == MAP_FAILED)
        return FAIL_ERRNO(err, "cannot map %s", path);
    meter->map = map;
    return is_sound(meter->map) ? 0 : FAIL(err, ERR_INPUT, "%s is no meter", path);
}

int ocsp_meter_open(const char *path, struct ocsp_meter **ret, struct err *err)
{
    CLEANUP(ocsp_meter_closep) struct ocsp_meter *meter = calloc(1, sizeof *meter);

    if (meter == NULL)
        return FAIL_NOMEM(err);
    meter->fd = -1;
    TRY(open_file(path, &meter->fd, err));
    TRY(map_file(meter, path, err));
    *ret = meter;
    meter = NULL;
    return 0;
}

void ocsp_meter_close(struct ocsp_meter *meter)
{
    if (meter == NULL)
        return;
    if (meter->map != NULL)
        (void)munmap(meter->map, sizeof *meter->map);
    fd_done(&meter->fd);
    free(meter);
}

void ocsp_meter_closep(struct ocsp_meter **meter)
{
    ocsp_meter_close(*meter);
    *meter = NULL;
}

int ocsp_meter_place(struct ocsp_meter *meter, const char *name, unsigned *ret, struct err *err)
{
    struct contents *map = meter->map;
    size_t used = map->used;
    size_t len = strlen(name);

    if (len == 0 || len > METER_NAME_MAX)
        return FAIL(err, ERR_INPUT, "a requester's name has 1 to %d characters", METER_NAME_MAX);
    for (size_t i = 0; i < used; i++) {
        if (strcmp(map->places[i].name, name) == 0) {
            *ret = (unsigned)i;
            return 0;
        }
    }
    if (used == METER_NAMES_MAX)
        return FAIL(err, ERR_CONFLICT, "the meter has %d requesters already", METER_NAMES_MAX);
    /* Whoever was killed here before may have left a part of another name. */
    memset(map->places[used].name, 0, sizeof map->places[used].name);
    memcpy(map->places[used].name, name, len);
    atomic_store_explicit(&map->used, used + 1, memory_order_release);
    *ret = (unsigned)used;
    return 0;
}

void ocsp_meter_count(struct ocsp_meter *meter, unsigned place, enum ocsp_ca ca)
{
    atomic_fetch_add_explicit(&meter->map->places[place].count[ca], 1, memory_order_relaxed);
}

int ocsp_meter_cut(struct ocsp_meter *meter, struct meter_batch *ret, struct err *err)
{
    struct contents *map = meter->map;

    ret->count = map->used;
    for (size_t i = 0; i < ret->count; i++) {
        ret->totals[i].name = map->places[i].name;
        for (unsigned ca = 0; ca < OCSP_CAS_; ca++)
            ret->totals[i].count[ca] = atomic_load_explicit(&map->places[i].count[ca],
                                                            memory_order_relaxed);
    }
    memcpy(ret->id, map->id, sizeof ret->id);
    ret->number = atomic_fetch_add_explicit(&map->number, 1, memory_order_relaxed) + 1;
    if (msync(map, sizeof *map, MS_SYNC) < 0)
        return FAIL_ERRNO(err, "the meter cannot be written");
    return 0;
}

/* What has been counted altogether. */
static uint64_t sum(const struct contents *map)
{
    uint64_t all = 0;

    for (size_t i = 0; i < map->used; i++)
        for (unsigned ca = 0; ca < OCSP_CAS_; ca++)
            all += atomic_load_explicit(&map->places[i].count[ca], memory_order_relaxed);
    return all;
}

int ocsp_meter_keep(struct ocsp_meter *meter, struct err *err)
{
    uint64_t all = sum(meter->map);

    if (all == meter->kept)
        return 0;
    if (msync(meter->map, sizeof *meter->map, MS_SYNC) < 0)
        return FAIL_ERRNO(err, "the meter cannot be written");
    meter->kept = all;
    return 0;
}

static uint64_t sum_of(const struct meter_batch *batch)
{
    uint64_t all = 0;

    for (size_t i = 0; i < batch->count; i++)
        for (unsigned ca = 0; ca < OCSP_CAS_; ca++)
            all += batch->totals[i].count[ca];
    return all;
}

static int put_total(struct json *list, const struct meter_total *total, enum ocsp_ca ca,
                     struct err *err)
{
    CLEANUP(json_freep) struct json *entry = json_object_new();

    if (total->count[ca] == 0)
        return 0;
    TRY(json_put_text(entry, "verifier", total->name, err));
    TRY(json_put_text(entry, "kind", ocsp_ca_name(ca), err));
    TRY(json_put_int(entry, "total", (int64_t)total->count[ca], err));
    return json_add(list, json_steal(&entry), err);
}

static int put_batch(struct json *body, const struct meter_batch *batch, struct err *err)
{
    CLEANUP(json_freep) struct json *totals = json_array_new();
    CLEANUP(buf_done) struct buf id = BUF_INIT;
    const char *text;

    TRY(hex_append(&id, BYTES_ARRAY(batch->id), err));
    TRY(buf_text(&id, &text, err));
    for (size_t i = 0; i < batch->count; i++)
        for (unsigned ca = 0; ca < OCSP_CAS_; ca++)
            TRY(put_total(totals, &batch->totals[i], (enum ocsp_ca)ca, err));
    TRY(json_put_text(body, "meter", text, err));
    TRY(json_put_int(body, "number", (int64_t)batch->number, err));
    return json_put(body, "totals", json_steal(&totals), err);
}

static int send_batch(const struct meter_batch *batch, const char *socket, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
    const struct fetch_request request = {.method = "POST",
                                          .socket = socket,
                                          .url = "/v1/usage",
                                          .body = body,
                                          .timeout_ms = TIMEOUT_MS};

    TRY(put_batch(body, batch, err));
    return fetch(&request, &response, err);
}

static void batch_freep(struct meter_batch **batch)
{
    free(*batch);
}

int ocsp_meter_deliver(struct ocsp_meter *meter, const char *socket, struct err *err)
{
    CLEANUP(batch_freep) struct meter_batch *batch = NULL;

    if (sum(meter->map) == meter->told)
        return 0;
    batch = malloc(sizeof *batch);
    if (batch == NULL)
        return FAIL_NOMEM(err);
    TRY(ocsp_meter_cut(meter, batch, err));
    TRY(send_batch(batch, socket, err));
    meter->told = sum_of(batch);
    return 0;
}
