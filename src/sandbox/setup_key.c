/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of relying parties: nobody has them but whoever plays one. */
#include "base/file.h"
#include "base/json.h"
#include "sandbox/setup_parts.h"

enum { KEY_MAX = 4096 };

/* What of a private key others may see (RFC 7518, 6.2.1). */
static int append_public(struct bytes jwk, struct buf *ret, struct err *err)
{
    static const char *const members[] = {"kty", "crv", "x", "y", "use", "alg", "kid", NULL};
    CLEANUP(json_freep) struct json *private = NULL;
    CLEANUP(json_freep) struct json *public = json_object_new();
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    TRY(json_parse(jwk, &private, err));
    for (size_t i = 0; members[i] != NULL; i++) {
        const char *value = NULL;

        TRY(json_get_text(private, members[i], &value, err));
        TRY(json_put_text(public, members[i], value, err));
    }
    TRY(json_write(public, &text, err));
    return buf_append(ret, buf_bytes(&text), err);
}

int setup_have_key(const struct roster *roster, const char *below, struct buf *ret_public,
                   struct err *err)
{
    const struct tool keygen = {
        .program = "jpki-authappd", .words = {"client", "keygen"}, .identity = IDENTITY_OWNER};
    CLEANUP(free_text) char *path = NULL;
    CLEANUP(buf_done) struct buf jwk = BUF_INIT;

    TRY(setup_keep(roster, &keygen, below, 0600, err));
    TRY(layout_path(roster->layout, below, &path, err));
    TRY(file_read(path, KEY_MAX, &jwk, err));
    return append_public(buf_bytes(&jwk), ret_public, err);
}
