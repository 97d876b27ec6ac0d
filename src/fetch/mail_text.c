/* SPDX-License-Identifier: Apache-2.0 */
/* How a mail is written: headers whose words are encoded, and a body in base64. */
#include "fetch/mail.h"

#include "base/base64.h"
#include "base/caltime.h"
#include "base/utf8.h"

#include <stdio.h>
#include <string.h>

#define ID_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."

/* Octets whose base64 fits into an encoded word behind "Subject: " in a line of 78 (RFC 2047, 2;
 * RFC 5322, 2.1.1), and into a line of 76 (RFC 2045, 6.8). */
enum { WORD_OCTETS = 42, LINE_OCTETS = 57 };

static int check_line(const char *name, const char *text, struct err *err)
{
    if (!utf8_is_shown(bytes_text(text)))
        return FAIL(err, ERR_INPUT, "%s: characters that can be seen, in one line", name);
    return 0;
}

static int check(const struct mail *mail, struct mailbox *ret_from, struct err *err)
{
    struct mailbox to;

    TRY(err_prefix(err, mailbox_parse(bytes_text(mail->from), ret_from, err), "from"));
    TRY(err_prefix(err, mailbox_parse(bytes_text(mail->to), &to, err), "to"));
    TRY(check_line("name", mail->name, err));
    TRY(check_line("subject", mail->subject, err));
    if (mail->id[0] == '\0' || strspn(mail->id, ID_LETTERS) != strlen(mail->id))
        return FAIL(err, ERR_INPUT, "id: letters, digits, '-', '_', '.'");
    return utf8_is_valid(bytes_text(mail->text)) ? 0 : FAIL(err, ERR_INPUT, "text: it is no UTF-8");
}

/* How many octets of whole characters, up to so many. */
static size_t whole_characters(struct bytes text, size_t max)
{
    size_t len = text.len < max ? text.len : max;

    while (len > 0 && len < text.len && (text.ptr[len] & 0xC0) == 0x80)
        len--;
    return len;
}

/* RFC 2047, 2: each word holds whole characters; folded between them. */
static int write_words(struct bytes text, struct buf *ret, struct err *err)
{
    const char *separator = "";

    while (text.len > 0) {
        const size_t len = whole_characters(text, WORD_OCTETS);

        TRY(buf_append_format(ret, err, "%s=?UTF-8?B?", separator));
        TRY(base64_append(ret, BASE64_PADDED, bytes_of(text.ptr, len), err));
        TRY(buf_append_text(ret, "?=", err));
        text = bytes_of(text.ptr + len, text.len - len);
        separator = "\r\n ";
    }
    return 0;
}

static int write_date(int64_t at, struct buf *ret, struct err *err)
{
    static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    static const char days[][4] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
    enum { DAY = 86400, WEEK = 7 };
    const struct caltime time = caltime_at(at, JST_OFFSET_SECONDS);
    const int64_t day = (at + JST_OFFSET_SECONDS) / DAY % WEEK;

    if (at < 0)
        return FAIL(err, ERR_INPUT, "at: before 1970");
    return buf_append_format(ret, err, "Date: %s, %d %s %04d %02d:%02d:%02d +0900\r\n", days[day],
                             time.date.day, months[time.date.month - 1], time.date.year, time.hour,
                             time.minute, time.second);
}

static int write_headers(const struct mail *mail, struct bytes domain, struct buf *ret,
                         struct err *err)
{
    TRY(write_date(mail->at, ret, err));
    TRY(buf_append_text(ret, "From: ", err));
    TRY(write_words(bytes_text(mail->name), ret, err));
    TRY(buf_append_format(ret, err, "\r\n <%s>\r\nTo: <%s>\r\nSubject: ", mail->from, mail->to));
    TRY(write_words(bytes_text(mail->subject), ret, err));
    return buf_append_format(ret, err,
                             "\r\nMessage-ID: <%s@%.*s>\r\n"
                             "Auto-Submitted: auto-generated\r\n" /* RFC 3834, 5 */
                             "MIME-Version: 1.0\r\n"
                             "Content-Type: text/plain; charset=utf-8\r\n"
                             "Content-Transfer-Encoding: base64\r\n\r\n",
                             mail->id, (int)domain.len, (const char *)domain.ptr);
}

int mail_write(const struct mail *mail, struct buf *ret, struct err *err)
{
    struct bytes text = bytes_text(mail->text);
    struct mailbox from;

    TRY(check(mail, &from, err));
    TRY(write_headers(mail, from.domain, ret, err));
    while (text.len > 0) {
        const size_t len = text.len < LINE_OCTETS ? text.len : LINE_OCTETS;

        TRY(base64_append(ret, BASE64_PADDED, bytes_of(text.ptr, len), err));
        TRY(buf_append_text(ret, "\r\n", err));
        text = bytes_of(text.ptr + len, text.len - len);
    }
    return 0;
}
