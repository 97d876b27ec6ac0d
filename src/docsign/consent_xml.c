/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading looks for the values only, and then writes the document that has them: unless that is
 * the very same octets, it is no consent. So there is no second spelling, no comment, no entity and
 * nothing that a reader of XML could resolve.
 */
#include "docsign/consent_xml.h"

#include "base/caltime.h"

#include <stdio.h>
#include <string.h>

#define HEAD     "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
#define FORM     "OpenJPKI同意書第1版"
#define JST_TAIL "+09:00"

static const char *const roots[] = {"利用者同意申請", "利用者同意取消申請"};
static const char *const items[ATTRIBUTES_] = {"氏名", "生年月日", "性別", "住所"};

#define FORM_ELEMENT     "様式"
#define VERIFIER_ELEMENT "署名検証者"
#define PROVIDER_ELEMENT "サービス事業者"
#define SERVICE_ELEMENT  "サービス"
#define ITEM_ELEMENT     "提供項目"
#define TIME_ELEMENT     "署名日時"

static const int64_t last_second = 253402268399; /* of 9999 in Japan */

static int check_name(const char *name, struct err *err)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";
    size_t len = strlen(name);

    if (len == 0 || len > CONSENT_NAME_MAX || strspn(name, letters) != len)
        return FAIL(err, ERR_INPUT, "a name in a consent is 1 to %d letters, digits, hyphens, dots",
                    CONSENT_NAME_MAX);
    return 0;
}

static int check(const struct consent_text *text, struct err *err)
{
    TRY(check_name(text->verifier, err));
    TRY(check_name(text->provider, err));
    TRY(check_name(text->service, err));
    if (text->attributes >= 1U << ATTRIBUTES_ || (text->attributes == 0) != text->is_withdrawal)
        return FAIL(err, ERR_INPUT, "a consent names attributes, and a withdrawal none");
    if (text->at < 0 || text->at > last_second)
        return FAIL(err, ERR_INPUT, "a consent was signed between 1970 and 9999");
    return 0;
}

static int put(struct buf *out, const char *element, const char *value, struct err *err)
{
    return buf_append_format(out, err, "<%s>%s</%s>\n", element, value, element);
}

int consent_xml_write(const struct consent_text *text, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    const char *root = roots[text->is_withdrawal];
    char at[CALTIME_TEXT_SIZE];

    TRY(check(text, err));
    caltime_format(text->at, JST_OFFSET_SECONDS, at);
    TRY(buf_append_format(&out, err, HEAD "<%s>\n", root));
    TRY(put(&out, FORM_ELEMENT, FORM, err));
    TRY(put(&out, VERIFIER_ELEMENT, text->verifier, err));
    TRY(put(&out, PROVIDER_ELEMENT, text->provider, err));
    TRY(put(&out, SERVICE_ELEMENT, text->service, err));
    for (unsigned i = 0; i < ATTRIBUTES_; i++)
        if ((text->attributes & 1U << i) != 0)
            TRY(put(&out, ITEM_ELEMENT, items[i], err));
    TRY(put(&out, TIME_ELEMENT, at, err));
    TRY(buf_append_format(&out, err, "</%s>\n", root));
    buf_move(ret, &out);
    return 0;
}

static int fail_document(struct err *err)
{
    return FAIL(err, ERR_INPUT, "this is no consent and no withdrawal of one");
}

/* The content of the first element of a name in the rest, which goes on behind it. */
static bool next_value(struct bytes *rest, const char *element, char *ret, size_t size)
{
    char open[64];
    int len = snprintf(open, sizeof open, "<%s>", element);
    const uint8_t *at;
    const uint8_t *end;

    if (len < 0 || (size_t)len >= sizeof open)
        return false;
    at = memmem(rest->ptr, rest->len, open, (size_t)len);
    if (at == NULL)
        return false;
    at += len;
    end = memchr(at, '<', rest->len - (size_t)(at - rest->ptr));
    if (end == NULL || (size_t)(end - at) >= size)
        return false;
    memcpy(ret, at, (size_t)(end - at));
    ret[end - at] = '\0';
    *rest = bytes_of(end, rest->len - (size_t)(end - rest->ptr));
    return true;
}

/* Each item once at most; whether they stand in order shows when the document is written again. */
static bool read_items(struct bytes *rest, unsigned *ret)
{
    struct bytes ahead = *rest;
    char item[64];
    unsigned found = 0;

    while (next_value(&ahead, ITEM_ELEMENT, item, sizeof item)) {
        unsigned i = 0;

        while (i < ATTRIBUTES_ && strcmp(items[i], item) != 0)
            i++;
        if (i == ATTRIBUTES_ || (found & 1U << i) != 0)
            return false;
        found |= 1U << i;
        *rest = ahead;
    }
    *ret = found;
    return true;
}

static bool two_digits(const char *text, int *ret)
{
    if (text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9')
        return false;
    *ret = (text[0] - '0') * 10 + (text[1] - '0');
    return true;
}

/* "2026-11-26T14:00:00+09:00"; what else is wrong with it shows when it is written again. */
static bool read_time(const char *text, int64_t *ret)
{
    struct caltime time = {.hour = 0};
    char date[sizeof "YYYY-MM-DD"];

    if (strlen(text) != strlen("YYYY-MM-DDTHH:MM:SS" JST_TAIL))
        return false;
    memcpy(date, text, sizeof date - 1);
    date[sizeof date - 1] = '\0';
    if (caldate_parse_iso(date, &time.date, NULL) < 0 || !two_digits(text + 11, &time.hour) ||
        !two_digits(text + 14, &time.minute) || !two_digits(text + 17, &time.second) ||
        time.hour > 23 || time.minute > 59 || time.second > 59)
        return false;
    *ret = caltime_utc(time, JST_OFFSET_SECONDS);
    return true;
}

static bool read_values(struct bytes rest, struct consent_text *ret)
{
    char at[CALTIME_TEXT_SIZE];

    return next_value(&rest, VERIFIER_ELEMENT, ret->verifier, sizeof ret->verifier) &&
           next_value(&rest, PROVIDER_ELEMENT, ret->provider, sizeof ret->provider) &&
           next_value(&rest, SERVICE_ELEMENT, ret->service, sizeof ret->service) &&
           read_items(&rest, &ret->attributes) && next_value(&rest, TIME_ELEMENT, at, sizeof at) &&
           read_time(at, &ret->at);
}

int consent_xml_parse(struct bytes document, struct consent_text *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf again = BUF_INIT;
    struct consent_text text = {.is_withdrawal = false};
    int rc;

    if (document.len == 0 || document.len > CONSENT_XML_MAX ||
        memchr(document.ptr, '\0', document.len) != NULL || !read_values(document, &text))
        return fail_document(err);
    text.is_withdrawal = text.attributes == 0;
    rc = consent_xml_write(&text, &again, err);
    if (rc == -ERR_NOMEM)
        return rc;
    if (rc < 0 || !bytes_equal(buf_bytes(&again), document))
        return fail_document(err);
    *ret = text;
    return 0;
}
