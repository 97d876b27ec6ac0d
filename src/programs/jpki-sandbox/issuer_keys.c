/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys are on the card before they are in their file: what interrupts us in between leaves a card
 * with keys that nobody knows, which gets others the next time.
 */
#include "programs/jpki-sandbox/issuer_keys.h"

#include "base/file.h"
#include "base/hex.h"
#include "programs/keyset.h"
#include "sandbox/clerk.h"

#include <errno.h>
#include <unistd.h>

enum { KEY_SIZE = 32 };

int issuer_keys_path(const struct layout *layout, char **ret, struct err *err)
{
    return layout_path(layout, "issuer-keys/reader", ret, err);
}

static int path_of(const struct layout *layout, const char *persona, char **ret, struct err *err)
{
    return path_format(ret, err, "%s/issuer-keys/of-%s", layout->dir, persona);
}

static int copy_file(const char *from, const char *to, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT; /* wiped when it is released */

    TRY(file_read(from, KEYSET_FILE_MAX, &text, err));
    return file_replace(to, 0600, buf_bytes(&text), err);
}

int issuer_keys_use(const struct layout *layout, const char *persona, struct err *err)
{
    CLEANUP(free_text) char *own = NULL;
    CLEANUP(free_text) char *reader = NULL;

    TRY(path_of(layout, persona, &own, err));
    TRY(issuer_keys_path(layout, &reader, err));
    if (access(own, F_OK) == 0)
        return copy_file(own, reader, err);
    return unlink(reader) < 0 && errno != ENOENT ? FAIL_ERRNO(err, "%s", reader) : 0;
}

static int put_key(struct json *body, const char *name, const struct secret *key, struct err *err)
{
    CLEANUP(buf_done) struct buf hex = BUF_INIT;

    TRY(hex_append(&hex, secret_bytes(key), err));
    return json_put_bytes(body, name, buf_bytes(&hex), err);
}

static int give(const struct layout *layout, const struct keyset *keys, struct err *err)
{
    CLEANUP(clerk_done) struct clerk clerk = CLERK_INIT;
    CLEANUP(json_freep) struct json *body = json_object_new();

    TRY(json_put_int(body, "version", keys->version, err));
    TRY(put_key(body, "enc", &keys->enc, err));
    TRY(put_key(body, "mac", &keys->mac, err));
    TRY(put_key(body, "dek", &keys->dek, err));
    TRY(clerk_open(layout, NULL, &clerk, err));
    return clerk_ask(clerk.card, "/v1/issuer-keys", body, NULL, err);
}

int issuer_keys_put(const struct layout *layout, const char *persona, struct err *err)
{
    CLEANUP(keyset_done) struct keyset keys = KEYSET_INIT;
    CLEANUP(free_text) char *path = NULL;

    TRY(path_of(layout, persona, &path, err));
    if (access(path, F_OK) < 0) {
        TRY(keyset_make(KEY_SIZE, &keys, err));
        TRY(give(layout, &keys, err));
        TRY(keyset_write(path, &keys, err));
    }
    return issuer_keys_use(layout, persona, err);
}
