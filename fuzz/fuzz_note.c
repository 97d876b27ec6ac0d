/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signed notes, keys of those who sign them, checkpoints and what witnesses sign. What is taken is
 * written back as it was.
 */
#include "fuzz.h"
#include "note/checkpoint.h"
#include "note/note.h"

static void take_key(struct bytes text)
{
    CLEANUP(buf_done) struct buf again = BUF_INIT;
    struct note_key key;

    if (note_key_parse(text, &key, NULL) < 0)
        return;
    FUZZ_CHECK(note_key_format(&key, &again, NULL) == 0);
    FUZZ_CHECK(bytes_start_with(text, buf_bytes(&again)) && text.len <= again.len + 1);
}

static void take_checkpoint(struct bytes text)
{
    CLEANUP(buf_done) struct buf again = BUF_INIT;
    struct checkpoint checkpoint;

    if (checkpoint_parse(text, &checkpoint, NULL) < 0)
        return;
    FUZZ_CHECK(checkpoint_build(&checkpoint, &again, NULL) == 0);
    FUZZ_CHECK(bytes_equal(text, buf_bytes(&again)));
}

static void take_cosignature(struct bytes message)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(buf_done) struct buf again = BUF_INIT;
    struct checkpoint checkpoint;
    int64_t time;

    if (cosignature_parse(message, &time, &checkpoint, NULL) < 0)
        return;
    FUZZ_CHECK(checkpoint_build(&checkpoint, &text, NULL) == 0);
    FUZZ_CHECK(cosignature_build(time, buf_bytes(&text), &again, NULL) == 0);
    FUZZ_CHECK(bytes_equal(message, buf_bytes(&again)));
}

/* By a key of each algorithm that the note's first signer would have, and that signed nothing. */
static void take_note(struct bytes file)
{
    struct note note;
    int64_t time;

    if (note_parse(file, &note, NULL) < 0)
        return;
    FUZZ_CHECK(note.count >= 1 && note.count <= NOTE_SIGNATURES_MAX);
    FUZZ_CHECK(note.text.len > 0 && note.text.ptr[note.text.len - 1] == '\n');
    for (size_t i = 0; i < note.count; i++) {
        struct note_key key = {.algorithm = i % 2 == 0 ? NOTE_ED25519 : NOTE_COSIGNATURE};

        FUZZ_CHECK(note.signatures[i].name.len <= NOTE_NAME_MAX);
        memset(key.public, 0x42, sizeof key.public);
        memcpy(key.name, note.signatures[i].name.ptr, note.signatures[i].name.len);
        memcpy(key.id, note.signatures[i].key_id, sizeof key.id);
        FUZZ_CHECK(note_verify(&note, &key, &time, NULL) < 0);
    }
    take_checkpoint(note.text);
}

FUZZ_TARGET(data, size)
{
    const struct bytes bytes = bytes_of(data, size);

    take_key(bytes);
    take_checkpoint(bytes);
    take_cosignature(bytes);
    take_note(bytes);
    return 0;
}
