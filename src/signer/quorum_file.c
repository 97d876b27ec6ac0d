/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/quorum.h"

#include "base/file.h"
#include "base/hex.h"
#include "base/json.h"

enum { VERSION = 1 };

static int put_hex(struct json *object, const char *key, struct bytes data, struct err *err)
{
    CLEANUP(buf_done) struct buf hex = BUF_INIT;

    TRY(hex_append(&hex, data, err));
    return json_put_bytes(object, key, buf_bytes(&hex), err);
}

static int add_check(struct json *array, const uint8_t check[MAC_SIZE], struct err *err)
{
    CLEANUP(buf_done) struct buf hex = BUF_INIT;
    const char *text;

    TRY(hex_append(&hex, bytes_of(check, MAC_SIZE), err));
    TRY(buf_text(&hex, &text, err));
    return json_add_text(array, text, err);
}

int quorum_write(const struct quorum *quorum, struct buf *ret, struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();
    CLEANUP(json_freep) struct json *checks = json_array_new();
    CLEANUP(buf_done) struct buf out = BUF_INIT;

    TRY(json_put_int(object, "version", VERSION, err));
    TRY(put_hex(object, "set", BYTES_ARRAY(quorum->set), err));
    TRY(json_put_bool(object, "rehearsal", quorum->is_rehearsal, err));
    TRY(json_put_int(object, "needed", quorum->needed, err));
    TRY(put_hex(object, "commitment", BYTES_ARRAY(quorum->commitment), err));
    for (size_t i = 0; i < quorum->total; i++)
        TRY(add_check(checks, quorum->checks[i], err));
    TRY(json_put(object, "checks", json_steal(&checks), err));
    TRY(json_write(object, &out, err));
    TRY(buf_append_byte(&out, '\n', err));
    buf_move(ret, &out);
    return 0;
}

static int take_hex(const char *text, uint8_t *ret, size_t len, struct err *err)
{
    CLEANUP(buf_done) struct buf data = BUF_INIT;

    if (text == NULL)
        return FAIL(err, ERR_INPUT, "not a text");
    TRY(hex_decode(text, &data, err));
    if (data.len != len)
        return FAIL(err, ERR_INPUT, "%zu bytes where %zu belong", data.len, len);
    memcpy(ret, data.ptr, len);
    return 0;
}

static int get_hex(const struct json *object, const char *key, uint8_t *ret, size_t len,
                   struct err *err)
{
    const char *text;

    TRY(json_get_text(object, key, &text, err));
    return err_prefix(err, take_hex(text, ret, len, err), "%s", key);
}

static int get_checks(const struct json *object, struct quorum *quorum, struct err *err)
{
    const struct json *checks;

    TRY(json_get_array(object, "checks", &checks, err));
    if (json_count(checks) > SHARES_MAX || json_count(checks) < quorum->needed)
        return FAIL(err, ERR_INPUT, "%zu checks, %u shares are needed", json_count(checks),
                    quorum->needed);
    quorum->total = (uint8_t)json_count(checks);
    for (size_t i = 0; i < quorum->total; i++)
        TRY(err_prefix(err,
                       take_hex(json_text(json_at(checks, i)), quorum->checks[i], MAC_SIZE, err),
                       "checks"));
    return 0;
}

int quorum_parse(struct bytes text, struct quorum *ret, struct err *err)
{
    static const char *const keys[] = {"version",    "set",    "rehearsal", "needed",
                                       "commitment", "checks", NULL};
    CLEANUP(json_freep) struct json *object = NULL;
    struct quorum quorum = {.needed = 0};
    int64_t version;
    int64_t needed;

    TRY(json_parse(text, &object, err));
    TRY(json_only(object, keys, err));
    TRY(json_get_int(object, "version", &version, err));
    if (version != VERSION)
        return FAIL(err, ERR_INPUT, "version %lld is not known here", (long long)version);
    TRY(get_hex(object, "set", quorum.set, sizeof quorum.set, err));
    TRY(json_get_bool(object, "rehearsal", &quorum.is_rehearsal, err));
    TRY(json_get_int(object, "needed", &needed, err));
    if (needed < SHARES_NEEDED_MIN || needed > SHARES_MAX)
        return FAIL(err, ERR_INPUT, "needed: must be %d to %d", SHARES_NEEDED_MIN, SHARES_MAX);
    quorum.needed = (uint8_t)needed;
    TRY(get_hex(object, "commitment", quorum.commitment, sizeof quorum.commitment, err));
    TRY(get_checks(object, &quorum, err));
    *ret = quorum;
    return 0;
}

int quorum_read(const char *path, struct quorum *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    TRY(file_read(path, QUORUM_FILE_MAX, &text, err));
    return err_prefix(err, quorum_parse(buf_bytes(&text), ret, err), "%s", path);
}
