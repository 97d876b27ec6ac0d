/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/role_note.h"

#include "note/checkpoint.h"

int role_checkpoint_check(const char *origin, struct bytes text, uint32_t *ret_size,
                          struct err *err)
{
    struct checkpoint checkpoint;

    TRY(checkpoint_parse(text, &checkpoint, err));
    if (strcmp(checkpoint.origin, origin) != 0)
        return FAIL(err, ERR_UNTRUSTED, "this key signs checkpoints of %s alone", origin);
    if (checkpoint.size < 1 || checkpoint.size > UINT32_MAX)
        return FAIL(err, ERR_UNTRUSTED, "a checkpoint is of 1 to %u records", UINT32_MAX);
    *ret_size = (uint32_t)checkpoint.size;
    return 0;
}

static bool has_word(const char *list, const char *word)
{
    while (*list != '\0') {
        size_t len = strcspn(list, " \n");

        if (len == strlen(word) && strncmp(list, word, len) == 0)
            return true;
        list += len;
        list += strspn(list, " \n");
    }
    return false;
}

int role_cosignature_check(const char *origins, struct bytes message, struct err *err)
{
    struct checkpoint checkpoint;
    int64_t time;

    TRY(cosignature_parse(message, &time, &checkpoint, err));
    if (!has_word(origins, checkpoint.origin))
        return FAIL(err, ERR_UNTRUSTED, "this key does not witness the log %s", checkpoint.origin);
    return 0;
}
