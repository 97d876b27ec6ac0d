/* SPDX-License-Identifier: Apache-2.0 */
#include "x509/name.h"

#include "base/hex.h"
#include "base/utf8.h"
#include "x509/limits.h"

#include <string.h>

enum { USUAL_SIZE = 256 }; /* bytes of a name */

struct attribute {
    struct bytes oid; /* content octets */
    struct der value;
};

/* PrintableString (X.680, 41.4): a bit for each character. */
static bool is_printable(uint8_t c)
{
    static const uint32_t bits[4] = {0x00000000, 0xa7fffb81, 0x07fffffe, 0x07fffffe};

    return c < 0x80 && (bits[c / 32] >> c % 32 & 1) != 0;
}

static bool are_printable(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!is_printable(text.ptr[i]))
            return false;
    return true;
}

static bool are_ascii(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] >= 0x80)
            return false;
    return true;
}

/* Whether a string type can hold these bytes (X.680, 41.4 and RFC 3629). */
static bool fits(uint8_t type, struct bytes text)
{
    if (type == DER_PRINTABLE_STRING)
        return are_printable(text);
    return type == DER_IA5_STRING ? are_ascii(text) : utf8_is_valid(text);
}

static int check_value(uint8_t type, struct bytes text, struct err *err)
{
    if (type != DER_PRINTABLE_STRING && type != DER_UTF8_STRING && type != DER_IA5_STRING)
        return FAIL(err, ERR_INPUT, "a name with a string of type %02x", type);
    if (text.len == 0 || text.len > X509_ATTRIBUTE_MAX)
        return FAIL(err, ERR_INPUT, "a name with an attribute of %zu bytes, not 1 to %d", text.len,
                    X509_ATTRIBUTE_MAX);
    if (!fits(type, text))
        return FAIL(err, ERR_INPUT, "a name with characters that its string type has not");
    return 0;
}

/* One RDN with one attribute off *rest. */
static int take_attribute(struct bytes *rest, struct attribute *ret, struct err *err)
{
    struct bytes left = *rest;
    struct attribute got;
    struct der set;
    struct der pair;
    int rc;

    TRY(der_take(&left, DER_SET, "RelativeDistinguishedName", &set, err));
    TRY(der_take(&set.value, DER_SEQUENCE, "AttributeTypeAndValue", &pair, err));
    if (set.value.len > 0)
        return FAIL(err, ERR_INPUT, "a name with several attributes in one part");
    TRY(der_take_oid(&pair.value, "the type of an attribute", &got.oid, err));
    rc = der_next(&pair.value, &got.value, err);
    if (rc < 0)
        return FAIL(err, ERR_INPUT, "a name with an attribute without value");
    TRY(der_end(pair.value, "AttributeTypeAndValue", err));
    TRY(check_value(got.value.tag, got.value.value, err));
    *rest = left;
    *ret = got;
    return 0;
}

int name_check(struct bytes der, struct err *err)
{
    struct attribute attribute;
    struct der name;
    size_t count = 0;

    TRY(der_only(der, DER_SEQUENCE, "Name", &name, err));
    while (name.value.len > 0) {
        TRY(take_attribute(&name.value, &attribute, err));
        if (++count > X509_RDNS_MAX)
            return FAIL(err, ERR_INPUT, "a name of more than %d parts", X509_RDNS_MAX);
    }
    if (count == 0)
        return FAIL(err, ERR_INPUT, "an empty name");
    return 0;
}

static int put_row(struct buf *out, const struct name_row *row, struct err *err)
{
    struct bytes text = bytes_text(row->text);
    size_t set;
    size_t pair;

    TRY(check_value((uint8_t)row->type, text, err));
    TRY(der_begin(out, DER_SET, &set, err));
    TRY(der_begin(out, DER_SEQUENCE, &pair, err));
    TRY(der_put_oid(out, row->attribute, err));
    TRY(der_put(out, (uint8_t)row->type, text, err));
    TRY(der_finish(out, pair, err));
    return der_finish(out, set, err);
}

int name_build(const struct name_row *rows, size_t count, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    size_t mark;

    if (count == 0)
        return FAIL(err, ERR_INPUT, "an empty name");
    if (count > X509_RDNS_MAX)
        return FAIL(err, ERR_INPUT, "a name of more than %d parts", X509_RDNS_MAX);
    TRY(buf_reserve(&out, USUAL_SIZE, err));
    TRY(der_begin(&out, DER_SEQUENCE, &mark, err));
    for (size_t i = 0; i < count; i++)
        TRY(put_row(&out, &rows[i], err));
    TRY(der_finish(&out, mark, err));
    buf_move(ret, &out);
    return 0;
}

bool name_equal(struct bytes a, struct bytes b)
{
    return bytes_equal(a, b);
}

/* One attribute off *rest, of a name that was checked: its type and text. */
static int next_checked(struct bytes *rest, struct bytes *ret_oid, struct bytes *ret_text,
                        struct err *err)
{
    struct der set;
    struct der pair;
    struct der part;

    TRY(der_next(rest, &set, err));
    TRY(der_next(&set.value, &pair, err));
    TRY(der_next(&pair.value, &part, err));
    *ret_oid = part.value;
    TRY(der_next(&pair.value, &part, err));
    *ret_text = part.value;
    return 0;
}

int name_find(struct bytes der, enum oid attribute, size_t nth, struct bytes *ret, struct err *err)
{
    struct bytes oid;
    struct bytes text;
    struct der name;

    TRY(der_only(der, DER_SEQUENCE, "Name", &name, err));
    while (name.value.len > 0) {
        TRY(next_checked(&name.value, &oid, &text, err));
        if (!bytes_equal(oid, oid_der(attribute)) || nth-- > 0)
            continue;
        *ret = text;
        return 0;
    }
    return FAIL(err, ERR_ABSENT, "the name has no such %s", oid_name(attribute));
}

/* RFC 4514, 2.4; control characters too, because names of strangers go to terminals. */
static int put_escaped(struct buf *out, struct bytes text, struct err *err)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.ptr[i];
        bool is_edge_space = c == ' ' && (i == 0 || i + 1 == text.len);
        bool is_c1 = c == 0xc2 && i + 1 < text.len && text.ptr[i + 1] < 0xa0;

        if (c < 0x20 || c == 0x7f)
            TRY(buf_append_format(out, err, "\\%02x", c));
        else if (is_c1)
            TRY(buf_append_format(out, err, "\\c2\\%02x", text.ptr[++i]));
        else if (strchr("\"+,;<>\\", c) != NULL || (i == 0 && c == '#') || is_edge_space)
            TRY(buf_append_format(out, err, "\\%c", c));
        else
            TRY(buf_append_byte(out, c, err));
    }
    return 0;
}

static int put_attribute(struct buf *out, const struct attribute *attribute, struct err *err)
{
    enum oid id = oid_find(attribute->oid);

    if (id != OID_UNKNOWN) {
        TRY(buf_append_format(out, err, "%s=", oid_name(id)));
        return put_escaped(out, attribute->value.value, err);
    }
    TRY(oid_append_text(out, attribute->oid, err));
    TRY(buf_append_text(out, "=#", err));
    return hex_append(out, attribute->value.whole, err);
}

int name_append_text(struct buf *buf, struct bytes der, struct err *err)
{
    struct attribute attributes[X509_RDNS_MAX];
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    struct der name;
    size_t count = 0;

    TRY(name_check(der, err));
    TRY(der_only(der, DER_SEQUENCE, "Name", &name, err));
    while (name.value.len > 0)
        TRY(take_attribute(&name.value, &attributes[count++], err));
    for (size_t i = count; i > 0; i--) {
        if (i < count)
            TRY(buf_append_byte(&out, ',', err));
        TRY(put_attribute(&out, &attributes[i - 1], err));
    }
    return buf_append(buf, buf_bytes(&out), err);
}
