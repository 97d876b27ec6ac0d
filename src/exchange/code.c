/* SPDX-License-Identifier: Apache-2.0 */
#include "exchange/code.h"

#include "base/base64.h"

static const char digits[] = "0123456789";

bool code_is_body(const char *text)
{
    size_t len = strspn(text, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ");

    return text[0] >= 'A' && text[0] <= 'Z' && text[len] == '\0' && len <= CODE_LEN;
}

bool code_is(const char *kind, const char *text)
{
    return strncmp(text, kind, 2) == 0 && strlen(text) == CODE_LEN &&
           strspn(text + 2, digits) == CODE_LEN - 2;
}

bool code_is_own(const char *text)
{
    return strlen(text) == CODE_LEN && strncmp(text + 2, "99", 2) == 0;
}

bool code_is_item(const char *text)
{
    return strlen(text) == ITEM_CODE_LEN && strspn(text, digits) == ITEM_CODE_LEN;
}

bool code_item_fits(const char *item, const char *name, bool is_own)
{
    if (!code_is_item(item) || !code_is("TM", name))
        return false;
    if (!is_own)
        return strncmp(item, name + CODE_LEN - 2, 2) == 0 && strncmp(item, "00", 2) != 0;
    return strncmp(item, "00", 2) == 0 && strncmp(item + 2, name + CODE_LEN - 3, 3) == 0;
}

int person_code_parse(const char *text, struct person_code *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf value = BUF_INIT;

    if (strlen(text) != PERSON_CODE_LEN ||
        base64_decode(BASE64_URL, bytes_text(text), &value, NULL) < 0 ||
        value.len != PERSON_CODE_BYTES)
        return FAIL(err, ERR_INPUT, "the code of a person is %d octets as base64url",
                    PERSON_CODE_BYTES);
    memcpy(ret->value, value.ptr, PERSON_CODE_BYTES);
    return 0;
}

int person_code_append(struct buf *buf, const struct person_code *code, struct err *err)
{
    return base64_append(buf, BASE64_URL, person_code_bytes(code), err);
}

struct bytes person_code_bytes(const struct person_code *code)
{
    return bytes_of(code->value, sizeof code->value);
}
