/* SPDX-License-Identifier: Apache-2.0 */
#include "note/note.h"

#include "base/base64.h"
#include "base/utf8.h"
#include "note/checkpoint.h"

#include <string.h>

enum { TIME_SIZE = 8 };

static const char dash[] = "\xe2\x80\x94 "; /* U+2014 and a blank */

/* No control character but the line feed, which ends it. */
static bool is_text(struct bytes file)
{
    if (file.len == 0 || file.len > NOTE_MAX || file.ptr[file.len - 1] != '\n')
        return false;
    for (size_t i = 0; i < file.len; i++)
        if ((file.ptr[i] < ' ' && file.ptr[i] != '\n') || file.ptr[i] == 0x7f)
            return false;
    return utf8_is_valid(file);
}

/* Where the signatures begin: behind the last empty line, which is no part of the text. */
static size_t signatures_at(struct bytes file)
{
    for (size_t at = file.len; at > 2; at--)
        if (file.ptr[at - 1] == '\n' && file.ptr[at - 2] == '\n')
            return at;
    return 0;
}

static int read_signature(struct bytes line, struct note_signature *ret, struct err *err)
{
    const struct bytes start = BYTES_LITERAL(dash);
    CLEANUP(buf_done) struct buf octets = BUF_INIT;
    const uint8_t *blank;
    size_t len;

    if (!bytes_start_with(line, start))
        return FAIL(err, ERR_INPUT, "a line of the note's signatures is none");
    line = bytes_part(line, start.len, line.len);
    blank = line.len == 0 ? NULL : memchr(line.ptr, ' ', line.len);
    len = blank == NULL ? 0 : (size_t)(blank - line.ptr);
    ret->name = bytes_part(line, 0, len);
    TRY(note_name_check(ret->name, err));
    ret->base64 = bytes_part(line, len + 1, line.len);
    TRY(base64_decode(BASE64_PADDED, ret->base64, &octets, err));
    if (octets.len <= NOTE_KEY_ID_SIZE)
        return FAIL(err, ERR_INPUT, "a signature without anything behind its key's id");
    memcpy(ret->key_id, octets.ptr, NOTE_KEY_ID_SIZE);
    return 0;
}

static int read_signatures(struct bytes lines, struct note *note, struct err *err)
{
    while (lines.len > 0) {
        const uint8_t *end = memchr(lines.ptr, '\n', lines.len);
        size_t len = (size_t)(end - lines.ptr);

        if (note->count == NOTE_SIGNATURES_MAX)
            return FAIL(err, ERR_INPUT, "a note with more than %d signatures", NOTE_SIGNATURES_MAX);
        TRY(read_signature(bytes_part(lines, 0, len), &note->signatures[note->count], err));
        note->count++;
        lines = bytes_part(lines, len + 1, lines.len);
    }
    return 0;
}

int note_parse(struct bytes file, struct note *ret, struct err *err)
{
    struct note note = {.count = 0};
    size_t at;

    if (!is_text(file))
        return FAIL(err, ERR_INPUT, "a note is at most %d bytes of text, whole lines of UTF-8",
                    NOTE_MAX);
    at = signatures_at(file);
    if (at == 0 || at == file.len)
        return FAIL(err, ERR_INPUT, "a note without signatures");
    note.text = bytes_part(file, 0, at - 1);
    TRY(read_signatures(bytes_part(file, at, file.len), &note, err));
    *ret = note;
    return 0;
}

static int64_t read_time(const uint8_t octets[TIME_SIZE])
{
    uint64_t time = 0;

    for (size_t i = 0; i < TIME_SIZE; i++)
        time = time << 8 | octets[i];
    return time > INT64_MAX ? -1 : (int64_t)time;
}

/* What stands behind the key's id. */
static int verify_signature(struct bytes text, const struct note_key *key, struct bytes signature,
                            int64_t *ret_time, struct err *err)
{
    CLEANUP(buf_done) struct buf message = BUF_INIT;

    if (key->algorithm == NOTE_ED25519) {
        *ret_time = 0;
        return ed25519_verify(key->public, text, signature, err);
    }
    if (signature.len != TIME_SIZE + ED25519_SIGNATURE_SIZE)
        return FAIL(err, ERR_UNTRUSTED, "a cosignature of another length");
    *ret_time = read_time(signature.ptr);
    if (*ret_time < 0)
        return FAIL(err, ERR_UNTRUSTED, "a cosignature of a time that will never be");
    TRY(cosignature_build(*ret_time, text, &message, err));
    return ed25519_verify(key->public, buf_bytes(&message),
                          bytes_part(signature, TIME_SIZE, signature.len), err);
}

int note_verify(const struct note *note, const struct note_key *key, int64_t *ret_time,
                struct err *err)
{
    for (size_t i = 0; i < note->count; i++) {
        const struct note_signature *signature = &note->signatures[i];
        CLEANUP(buf_done) struct buf octets = BUF_INIT;

        if (!bytes_equal(signature->name, bytes_text(key->name)) ||
            !bytes_equal(BYTES_ARRAY(signature->key_id), BYTES_ARRAY(key->id)))
            continue;
        TRY(base64_decode(BASE64_PADDED, signature->base64, &octets, err));
        return verify_signature(note->text, key,
                                bytes_part(buf_bytes(&octets), NOTE_KEY_ID_SIZE, octets.len),
                                ret_time, err);
    }
    return FAIL(err, ERR_UNTRUSTED, "%s has not signed it with this key", key->name);
}

int note_sign_line(const struct note_key *key, int64_t time, struct bytes signature,
                   struct buf *note, struct err *err)
{
    CLEANUP(buf_done) struct buf octets = BUF_INIT;

    TRY(buf_append(&octets, BYTES_ARRAY(key->id), err));
    for (unsigned i = 0; key->algorithm == NOTE_COSIGNATURE && i < TIME_SIZE; i++)
        TRY(buf_append_byte(&octets, (uint8_t)((uint64_t)time >> (56 - 8 * i)), err));
    TRY(buf_append(&octets, signature, err));
    TRY(buf_append_format(note, err, "%s%s ", dash, key->name));
    TRY(base64_append(note, BASE64_PADDED, buf_bytes(&octets), err));
    return buf_append_byte(note, '\n', err);
}
