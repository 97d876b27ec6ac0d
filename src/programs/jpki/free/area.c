/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki/free/area.h"

#include "base/hex.h"
#include "programs/keyset.h"

#include <stdio.h>

int free_read_keys(const char *path, const char *option, struct icc_keys *ret, struct err *err)
{
    CLEANUP(keyset_done) struct keyset keyset = KEYSET_INIT;

    if (path == NULL)
        return FAIL(err, ERR_USAGE, "--%s is needed", option);
    TRY(keyset_read(path, &keyset, err));
    *ret = (struct icc_keys){keyset.version, keyset.enc, keyset.mac, keyset.dek};
    keyset = (struct keyset)KEYSET_INIT;
    return 0;
}

int free_issuer_keys(const char *path, struct icc_keys *ret, struct err *err)
{
    return free_read_keys(path == NULL ? environment("JPKI_ISSUER_KEY_FILE") : path,
                          "issuer-key-file", ret, err);
}

int free_put_aid(struct json *object, const struct icc_aid *aid, struct err *err)
{
    CLEANUP(buf_done) struct buf hex = BUF_INIT;
    char name[5];

    icc_area_name(aid, name);
    TRY(hex_append(&hex, bytes_of(aid->bytes, aid->len), err));
    TRY(json_put_optional(object, "area", name[0] == '\0' ? NULL : name, err));
    return json_put_bytes(object, "aid", buf_bytes(&hex), err);
}

int free_tell(const struct icc_aid *aid, const char *area, bool json, const char *done,
              struct err *err)
{
    CLEANUP(json_freep) struct json *object = NULL;

    if (!json) {
        print_field(tr(done), area);
        return 0;
    }
    object = json_object_new();
    TRY(free_put_aid(object, aid, err));
    return output_json(object, err);
}
