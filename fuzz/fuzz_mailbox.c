/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever is taken for an address stays one: in a header and in a command nothing else stands. */
#include "fetch/mail.h"

#include "fuzz.h"

#include <string.h>

static size_t count_lines(const struct buf *text)
{
    size_t lines = 0;

    for (size_t i = 0; i < text->len; i++)
        lines += text->ptr[i] == '\n';
    return lines;
}

FUZZ_TARGET(data, size)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT, written = BUF_INIT, plain = BUF_INIT;
    struct mail mail = {.from = "p@q.test", .name = "n", .subject = "s", .text = "t", .id = "i"};
    struct mailbox mailbox;

    if (mailbox_parse(bytes_of(data, size), &mailbox, NULL) < 0)
        return 0;
    FUZZ_CHECK(mailbox.local.ptr == data && mailbox.local.len + 1 + mailbox.domain.len == size);
    for (size_t i = 0; i < size; i++)
        FUZZ_CHECK(data[i] > ' ' && data[i] < 0x7f && strchr("<>\"(),:;[\\]", data[i]) == NULL);
    FUZZ_CHECK(buf_append(&text, bytes_of(data, size), NULL) == 0);
    FUZZ_CHECK(buf_text(&text, &mail.to, NULL) == 0);
    FUZZ_CHECK(mail_write(&mail, &written, NULL) == 0);
    mail.to = "p@q.test";
    FUZZ_CHECK(mail_write(&mail, &plain, NULL) == 0);
    FUZZ_CHECK(count_lines(&written) == count_lines(&plain));
    return 0;
}
