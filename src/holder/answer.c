/* SPDX-License-Identifier: Apache-2.0 */
#include "holder/answer.h"

#include "holder/remote.h"

int answer_take_text(const struct json *answer, const char *key, char *ret, size_t size,
                     struct err *err)
{
    TRY(json_copy_text(answer, key, ret, size, err));
    if (ret[0] == '\0')
        return FAIL(err, ERR_INPUT, "the member \"%s\" is empty", key);
    return 0;
}

int answer_take_name(const struct json *answer, const char *key, char *ret, size_t size,
                     struct err *err)
{
    TRY(json_copy_text(answer, key, ret, size, err));
    if (!remote_is_name(ret, size - 1))
        return FAIL(err, ERR_INPUT, "the member \"%s\" is no name", key);
    return 0;
}
