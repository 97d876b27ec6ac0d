/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch/mailbox.h"

#include <string.h>

/* RFC 5321, 4.5.3.1.1; RFC 1035, 2.3.4. */
enum { LOCAL_MAX = 64, LABEL_MAX = 63 };

static bool is_alnum(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* RFC 5322, 3.2.3 */
static bool is_atom(uint8_t c)
{
    return is_alnum(c) || (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL);
}

/* Parts that are not empty, with single dots between them. */
static bool is_dotted(struct bytes text, bool (*is_fine)(uint8_t c))
{
    bool is_start = true;

    for (size_t i = 0; i < text.len; i++) {
        const bool is_dot = text.ptr[i] == '.';

        if (is_dot ? is_start : !is_fine(text.ptr[i]))
            return false;
        is_start = is_dot;
    }
    return !is_start;
}

static bool is_in_label(uint8_t c)
{
    return is_alnum(c) || c == '-';
}

/* RFC 1123, 2.1: no hyphen at an end; and none is a number, as the last of an address would be. */
static bool is_label(struct bytes label)
{
    return label.len > 0 && label.len <= LABEL_MAX && label.ptr[0] != '-' &&
           label.ptr[label.len - 1] != '-';
}

static bool is_domain(struct bytes text)
{
    size_t labels = 0, from = 0;

    if (!is_dotted(text, is_in_label))
        return false;
    for (size_t i = 0; i <= text.len; i++) {
        if (i < text.len && text.ptr[i] != '.')
            continue;
        if (!is_label(bytes_of(text.ptr + from, i - from)))
            return false;
        labels++;
        if (i < text.len)
            from = i + 1;
    }
    return labels >= 2 && !(text.ptr[from] >= '0' && text.ptr[from] <= '9');
}

int mailbox_parse(struct bytes text, struct mailbox *ret, struct err *err)
{
    const uint8_t *at = text.len == 0 ? NULL : memchr(text.ptr, '@', text.len);
    struct mailbox box;

    if (text.len > MAILBOX_MAX)
        return FAIL(err, ERR_INPUT, "a mail address has at most %d characters", MAILBOX_MAX);
    if (at == NULL)
        return FAIL(err, ERR_INPUT, "a mail address has a name, '@' and a domain");
    box.local = bytes_of(text.ptr, (size_t)(at - text.ptr));
    box.domain = bytes_of(at + 1, text.len - box.local.len - 1);
    if (box.local.len > LOCAL_MAX || !is_dotted(box.local, is_atom))
        return FAIL(err, ERR_INPUT, "what stands before '@' is no name of a mail address");
    if (!is_domain(box.domain))
        return FAIL(err, ERR_INPUT, "what stands behind '@' is no domain");
    *ret = box;
    return 0;
}
