/* SPDX-License-Identifier: Apache-2.0 */
/*
 * file   = header sealed-image
 * header = "OJPKCARD" (8), version (2), card id (16), bytes that follow (4)
 *
 * The header is the context of the seal, so nothing in the file can be changed unnoticed. Reading
 * never writes; writing goes through file_replace, so power loss leaves the old file or the new.
 */
#include "card/store.h"

#include "base/file.h"
#include "base/rand.h"
#include "card/counters.h"
#include "card/keyfile.h"
#include "crypto/seal.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    MAGIC_SIZE = 8,
    VERSION = 2, /* 1 had the JPKI applet only, and is read as before */
    VERSION_OFFSET = 8,
    ID_OFFSET = 10,
    LENGTH_OFFSET = 26,
    HEADER_SIZE = 30,
    FILE_MAX = HEADER_SIZE + CARD_BODY_MAX + SEAL_OVERHEAD,
};

static const uint8_t magic[MAGIC_SIZE] = {'O', 'J', 'P', 'K', 'C', 'A', 'R', 'D'};

struct store {
    struct card_storage storage; /* first, so that one is the other */
    char *path;
    struct secret key;
    uint8_t id[CARD_ID_SIZE];
    struct counters counters;
    struct buf kept; /* the card file as it was loaded or last saved, sealed */
};

static void store_done(struct store *store)
{
    counters_done(&store->counters);
    secret_done(&store->key);
    buf_done(&store->kept);
    free_text(&store->path);
}

static int key_path(const struct store_paths *paths, char **ret, struct err *err)
{
    return paths->key == NULL ? path_format(ret, err, "%s.key", paths->card)
                              : path_format(ret, err, "%s", paths->key);
}

static void put_header(const uint8_t id[CARD_ID_SIZE], size_t sealed_len, uint8_t ret[HEADER_SIZE])
{
    memcpy(ret, magic, MAGIC_SIZE);
    ret[VERSION_OFFSET] = 0;
    ret[VERSION_OFFSET + 1] = VERSION;
    memcpy(ret + ID_OFFSET, id, CARD_ID_SIZE);
    for (int i = 0; i < 4; i++)
        ret[LENGTH_OFFSET + i] = (uint8_t)(sealed_len >> 8 * (3 - i) & 0xff);
}

/* The whole card file. */
static int seal_image(const struct store *store, const struct image *image, struct buf *ret,
                      struct err *err)
{
    CLEANUP(secret_done) struct secret body = SECRET_INIT;
    CLEANUP(buf_done) struct buf sealed = BUF_INIT;
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    uint8_t header[HEADER_SIZE];

    TRY(image_write(image, &body, err));
    put_header(store->id, body.len + SEAL_OVERHEAD, header);
    TRY(seal_close(&store->key, BYTES_ARRAY(header), secret_bytes(&body), &sealed, err));
    TRY(buf_append(&file, BYTES_ARRAY(header), err));
    TRY(buf_append(&file, buf_bytes(&sealed), err));
    buf_move(ret, &file);
    return 0;
}

/*
 * A file that could not be saved may have come as far as its name, and would be there after the
 * next start although nobody was told. So what was there is put back, if that is possible.
 */
static int save_image(struct card_storage *storage, const struct image *image, struct err *err)
{
    struct store *store = (struct store *)storage;
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    int rc;

    TRY(seal_image(store, image, &file, err));
    rc = file_replace(store->path, 0600, buf_bytes(&file), err);
    if (rc < 0) {
        (void)!file_replace(store->path, 0600, buf_bytes(&store->kept), NULL);
        return rc;
    }
    buf_done(&store->kept);
    buf_move(&store->kept, &file);
    return 0;
}

static int save_tries(struct card_storage *storage, const unsigned tries[CARD_PINS_],
                      struct err *err)
{
    return counters_save(&((struct store *)storage)->counters, tries, err);
}

static void close_store(struct card_storage *storage)
{
    store_done((struct store *)storage);
    free(storage);
}

int store_parse(struct bytes file, struct bytes *ret_header, struct bytes *ret_sealed,
                struct err *err)
{
    size_t len = 0;

    if (!bytes_start_with(file, BYTES_ARRAY(magic)))
        return FAIL(err, ERR_INPUT, "not a card file");
    if (file.len < HEADER_SIZE)
        return FAIL(err, ERR_INPUT, "the card file is cut off");
    if (file.ptr[VERSION_OFFSET] != 0 || file.ptr[VERSION_OFFSET + 1] > VERSION)
        return FAIL(err, ERR_CONFLICT,
                    "the card file has version %u, this program knows %d; use a newer OpenJPKI",
                    (unsigned)file.ptr[VERSION_OFFSET] << 8 | file.ptr[VERSION_OFFSET + 1],
                    VERSION);
    if (file.ptr[VERSION_OFFSET + 1] == 0)
        return FAIL(err, ERR_INPUT, "the card file has no version");
    for (int i = 0; i < 4; i++)
        len = len << 8 | file.ptr[LENGTH_OFFSET + i];
    if (file.len - HEADER_SIZE != len)
        return FAIL(err, ERR_INPUT, "the card file has %zu bytes after its header, not %zu",
                    file.len - HEADER_SIZE, len);
    *ret_header = bytes_part(file, 0, HEADER_SIZE);
    *ret_sealed = bytes_part(file, HEADER_SIZE, len);
    return 0;
}

/* The card file into *image; also finds out the card's id. */
static int load_image(struct store *store, struct image *image, struct err *err)
{
    CLEANUP(secret_done) struct secret body = SECRET_INIT;
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    struct bytes header, sealed;
    int rc;

    TRY(file_read(store->path, FILE_MAX, &file, err));
    TRY(err_prefix(err, store_parse(buf_bytes(&file), &header, &sealed, err), "%s", store->path));
    rc = seal_open(&store->key, header, sealed, &body, err);
    if (rc == -ERR_UNTRUSTED)
        return FAIL(err, ERR_UNTRUSTED, "%s: changed or damaged, or this is not its key file",
                    store->path);
    TRY(rc);
    memcpy(store->id, header.ptr + ID_OFFSET, CARD_ID_SIZE);
    TRY(err_prefix(err, image_read(secret_bytes(&body), image, err), "%s", store->path));
    buf_done(&store->kept);
    buf_move(&store->kept, &file);
    return 0;
}

/* Everything in place but the heap object; the caller releases *store and *image, also half. */
static int load(const struct store_paths *paths, enum counters_mode mode, struct store *store,
                struct image *image, struct err *err)
{
    CLEANUP(free_text) char *key = NULL;
    CLEANUP(free_text) char *counters = NULL;

    TRY(path_format(&store->path, err, "%s", paths->card));
    TRY(path_format(&counters, err, "%s.counters", paths->card));
    TRY(key_path(paths, &key, err));
    if (access(paths->card, F_OK) < 0) /* the clearer message of the two */
        return FAIL(err, ERR_ABSENT, "%s: no such card file", paths->card);
    TRY(keyfile_open(key, &store->key, err));
    TRY(load_image(store, image, err));
    TRY(counters_open(counters, &store->key, store->id, mode, &store->counters, err));
    if (mode == COUNTERS_LOOK)
        return 0;
    /*
     * Only the owner changes the file, and only now is it certain who that is. An owner before us
     * may have been killed between replacing the file and syncing that.
     */
    TRY(file_sync_folder(store->path, err));
    image_done(image);
    return load_image(store, image, err);
}

static const struct store store_empty = {
    .storage = {save_tries, save_image, close_store},
    .key = SECRET_INIT,
    .counters = COUNTERS_INIT,
};

int store_open(const struct store_paths *paths, struct card **ret, struct err *err)
{
    struct image image = {.serial = ""};
    struct store *store = malloc(sizeof *store);
    int rc;

    if (store == NULL)
        return FAIL_NOMEM(err);
    *store = store_empty;
    rc = load(paths, COUNTERS_OWN, store, &image, err);
    if (rc == 0)
        rc = card_new(&image, store->counters.tries, &store->storage, ret, err);
    if (rc < 0) {
        image_done(&image);
        close_store(&store->storage);
    }
    return rc;
}

int store_look(const struct store_paths *paths, struct card_status *ret, struct err *err)
{
    struct image image = {.serial = ""};
    struct store store = store_empty;
    int rc = load(paths, COUNTERS_LOOK, &store, &image, err);

    if (rc == 0)
        card_status_of(&image, store.counters.tries, ret);
    image_done(&image);
    store_done(&store);
    return rc;
}

/*
 * The counters first: a card file is a whole card. Counters without a card, left by a cut between
 * the two, are replaced.
 */
static int make(const struct store_paths *paths, const struct image *image, struct store *store,
                struct err *err)
{
    CLEANUP(free_text) char *counters = NULL;
    CLEANUP(free_text) char *key = NULL;
    CLEANUP(buf_done) struct buf file = BUF_INIT;

    TRY(path_format(&counters, err, "%s.counters", paths->card));
    TRY(key_path(paths, &key, err));
    if (access(paths->card, F_OK) == 0)
        return FAIL(err, ERR_CONFLICT, "%s: exists already", paths->card);
    TRY(rand_fill(store->id, sizeof store->id, err));
    TRY(keyfile_open_or_make(key, &store->key, err));
    TRY(seal_image(store, image, &file, err));
    TRY(counters_create(counters, &store->key, store->id, err));
    return file_create(paths->card, 0600, buf_bytes(&file), err);
}

int store_make_from(const struct store_paths *paths, const struct image *image, struct err *err)
{
    struct store store = store_empty;
    int rc = make(paths, image, &store, err);

    store_done(&store);
    return rc;
}

int store_make(const struct store_paths *paths, const char *serial, struct err *err)
{
    struct image image;

    TRY(image_init(&image, serial, err));
    return store_make_from(paths, &image, err);
}

bool store_has_key(const struct store_paths *paths)
{
    CLEANUP(free_text) char *key = NULL;

    return key_path(paths, &key, NULL) < 0 || access(key, F_OK) == 0;
}

void store_remove(const struct store_paths *paths, bool with_key)
{
    CLEANUP(free_text) char *counters = NULL;
    CLEANUP(free_text) char *key = NULL;

    (void)unlink(paths->card);
    if (path_format(&counters, NULL, "%s.counters", paths->card) == 0)
        (void)unlink(counters);
    if (with_key && key_path(paths, &key, NULL) == 0)
        (void)unlink(key);
}
