/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reader: one pass, no copies, no recursion; callers walk nested elements by reading again from
 * the value. Every value lies wholly inside the input. Writer: an element is opened with an empty
 * length that is filled in when it is closed, so nothing has to be sized beforehand.
 */
#include "x509/der.h"

#include "base/caltime.h"

#include <string.h>

enum { HIGH_TAG = 0x1f, CONSTRUCTED = 0x20, LONG_LENGTH = 0x80, LENGTH_OCTETS_MAX = 4 };

/*
 * Length octets behind the tag (X.690, 10.1): definite, in as few octets as possible. *at is where
 * they begin and then where they end.
 */
static int take_length(struct bytes whole, size_t *at, size_t *ret, struct err *err)
{
    size_t len;
    size_t count;

    if (*at == whole.len)
        return FAIL(err, ERR_INPUT, "DER that is cut off");
    len = whole.ptr[(*at)++];
    if (len < LONG_LENGTH) {
        *ret = len;
        return 0;
    }
    count = len - LONG_LENGTH;
    if (count == 0)
        return FAIL_WITH(err, ERR_INPUT, DER_IS_BER,
                         "BER with an indefinite length where DER is required");
    if (count > LENGTH_OCTETS_MAX || count > whole.len - *at)
        return FAIL(err, ERR_INPUT, "DER that is cut off");
    len = 0;
    for (size_t i = 0; i < count; i++)
        len = len << 8 | whole.ptr[*at + i];
    if (len < LONG_LENGTH || whole.ptr[*at] == 0)
        return FAIL_WITH(err, ERR_INPUT, DER_IS_BER,
                         "a length that is not in its shortest form (X.690, 10.1)");
    *at += count;
    *ret = len;
    return 0;
}

/* The first element, which is there; rest is not changed. */
static int read_element(struct bytes rest, struct der *ret, struct err *err)
{
    size_t at = 1;
    size_t len;

    if ((rest.ptr[0] & HIGH_TAG) == HIGH_TAG)
        return FAIL(err, ERR_INPUT, "a tag of more than one byte");
    TRY(take_length(rest, &at, &len, err));
    if (len > rest.len - at)
        return FAIL(err, ERR_INPUT, "DER that is cut off: %zu bytes announced, %zu there", len,
                    rest.len - at);
    ret->tag = rest.ptr[0];
    ret->value = (struct bytes){len == 0 ? NULL : rest.ptr + at, len};
    ret->whole = (struct bytes){rest.ptr, at + len};
    return 0;
}

static struct bytes behind(struct bytes rest, const struct der *element)
{
    return bytes_part(rest, element->whole.len, rest.len);
}

int der_next(struct bytes *rest, struct der *ret, struct err *err)
{
    struct der element;

    if (rest->len == 0)
        return FAIL(err, ERR_ABSENT, "no further element");
    TRY(read_element(*rest, &element, err));
    *rest = behind(*rest, &element);
    *ret = element;
    return 0;
}

int der_take(struct bytes *rest, uint8_t tag, const char *what, struct der *ret, struct err *err)
{
    struct der element;
    int rc;

    if (rest->len == 0)
        return FAIL(err, ERR_INPUT, "%s is missing", what);
    rc = read_element(*rest, &element, err);
    if (rc < 0)
        return err_prefix(err, rc, "%s", what);
    if (tag == DER_OCTET_STRING && element.tag == (DER_OCTET_STRING | CONSTRUCTED))
        return FAIL_WITH(err, ERR_INPUT, DER_IS_BER, "%s is in pieces, as in BER (X.690, 10.2)",
                         what);
    if (element.tag != tag)
        return FAIL(err, ERR_INPUT, "%s has tag %02x instead of %02x", what, element.tag, tag);
    *rest = behind(*rest, &element);
    *ret = element;
    return 0;
}

int der_only(struct bytes der, uint8_t tag, const char *what, struct der *ret, struct err *err)
{
    struct der element;

    TRY(der_take(&der, tag, what, &element, err));
    TRY(der_end(der, what, err));
    *ret = element;
    return 0;
}

int der_take_header(struct bytes *rest, uint8_t tag, const char *what, size_t *ret_len,
                    struct err *err)
{
    size_t at = 1;
    size_t len;

    if (rest->len == 0)
        return FAIL(err, ERR_INPUT, "%s is missing", what);
    if (rest->ptr[0] != tag)
        return FAIL(err, ERR_INPUT, "%s has tag %02x instead of %02x", what, rest->ptr[0], tag);
    TRY(err_prefix(err, take_length(*rest, &at, &len, err), "%s", what));
    *rest = bytes_part(*rest, at, rest->len);
    *ret_len = len;
    return 0;
}

bool der_follows(struct bytes rest, uint8_t tag)
{
    return rest.len > 0 && rest.ptr[0] == tag;
}

int der_end(struct bytes rest, const char *what, struct err *err)
{
    if (rest.len > 0)
        return FAIL(err, ERR_INPUT, "%s has %zu bytes too many", what, rest.len);
    return 0;
}

int der_take_oid(struct bytes *rest, const char *what, struct bytes *ret, struct err *err)
{
    struct bytes left = *rest;
    struct der element;

    TRY(der_take(&left, DER_OID, what, &element, err));
    if (!oid_is_valid(element.value))
        return FAIL(err, ERR_INPUT, "%s is a malformed object identifier (X.690, 8.19)", what);
    *rest = left;
    *ret = element.value;
    return 0;
}

int der_take_true(struct bytes *rest, const char *what, struct err *err)
{
    struct bytes left = *rest;
    struct der element;

    TRY(der_take(&left, DER_BOOLEAN, what, &element, err));
    if (element.value.len != 1 || element.value.ptr[0] != 0xff)
        return FAIL(err, ERR_INPUT, "%s is not TRUE as DER writes it (X.690, 11.1 and 11.5)", what);
    *rest = left;
    return 0;
}

/* Contents of an INTEGER in its shortest form (X.690, 8.3.2) that is not negative. */
static int check_unsigned(struct bytes value, const char *what, struct err *err)
{
    if (value.len == 0)
        return FAIL(err, ERR_INPUT, "%s is empty", what);
    if (value.ptr[0] >= 0x80)
        return FAIL(err, ERR_INPUT, "%s is negative", what);
    if (value.len > 1 && value.ptr[0] == 0 && value.ptr[1] < 0x80)
        return FAIL(err, ERR_INPUT, "%s is not in its shortest form (X.690, 8.3.2)", what);
    return 0;
}

int der_take_positive(struct bytes *rest, uint8_t tag, const char *what, struct bytes *ret,
                      struct err *err)
{
    struct bytes left = *rest;
    struct der element;
    struct bytes octets;

    TRY(der_take(&left, tag, what, &element, err));
    TRY(check_unsigned(element.value, what, err));
    octets = element.value;
    if (octets.ptr[0] == 0)
        octets = bytes_part(octets, 1, octets.len);
    if (octets.len == 0)
        return FAIL(err, ERR_INPUT, "%s is zero", what);
    *rest = left;
    *ret = octets;
    return 0;
}

int der_take_small(struct bytes *rest, const char *what, unsigned *ret, struct err *err)
{
    struct bytes left = *rest;
    struct der element;

    TRY(der_take(&left, DER_INTEGER, what, &element, err));
    TRY(check_unsigned(element.value, what, err));
    if (element.value.len > 1)
        return FAIL(err, ERR_INPUT, "%s is larger than 127", what);
    *rest = left;
    *ret = element.value.ptr[0];
    return 0;
}

int der_take_bits(struct bytes *rest, const char *what, struct bytes *ret, struct err *err)
{
    struct bytes left = *rest;
    struct der element;

    TRY(der_take(&left, DER_BIT_STRING, what, &element, err));
    if (element.value.len == 0 || element.value.ptr[0] != 0)
        return FAIL(err, ERR_INPUT, "%s does not consist of whole bytes", what);
    *rest = left;
    *ret = bytes_part(element.value, 1, element.value.len);
    return 0;
}

int der_take_named_bits(struct bytes *rest, const char *what, unsigned *ret, struct err *err)
{
    struct bytes left = *rest;
    struct der element;
    unsigned mask = 0;
    unsigned unused;
    size_t count;

    TRY(der_take(&left, DER_BIT_STRING, what, &element, err));
    if (element.value.len < 2 || element.value.len > 3 || element.value.ptr[0] > 7)
        return FAIL(err, ERR_INPUT, "%s is no string of 1 to 16 named bits", what);
    unused = element.value.ptr[0];
    count = (element.value.len - 1) * 8 - unused;
    for (size_t i = 0; i < (element.value.len - 1) * 8; i++)
        if ((element.value.ptr[1 + i / 8] & 0x80 >> i % 8) != 0)
            mask |= 1U << i;
    /* X.690, 11.2.1 and 11.2.2: unused bits are zero, and the last one used is not. */
    if (mask >> count != 0 || (mask >> (count - 1) & 1) == 0)
        return FAIL(err, ERR_INPUT, "%s has trailing zero bits (X.690, 11.2.2)", what);
    *rest = left;
    *ret = mask;
    return 0;
}

static int two_digits(const uint8_t *p)
{
    if (p[0] < '0' || p[0] > '9' || p[1] < '0' || p[1] > '9')
        return -1;
    return (p[0] - '0') * 10 + (p[1] - '0');
}

/* MMDDhhmmssZ behind the year. */
static bool parse_rest_of_time(const uint8_t *p, struct caltime *time)
{
    time->date.month = two_digits(p);
    time->date.day = two_digits(p + 2);
    time->hour = two_digits(p + 4);
    time->minute = two_digits(p + 6);
    time->second = two_digits(p + 8);
    return caldate_is_valid(time->date) && time->hour >= 0 && time->hour < 24 &&
           time->minute >= 0 && time->minute < 60 && time->second >= 0 && time->second < 60 &&
           p[10] == 'Z';
}

/* YYMMDDHHMMSSZ or YYYYMMDDHHMMSSZ, year_len characters of year. */
static int parse_time(struct bytes text, size_t year_len, const char *what, struct caltime *ret,
                      struct err *err)
{
    struct caltime time = {0};
    int high;
    int low;

    if (text.len != year_len + 11)
        return FAIL(err, ERR_INPUT, "%s is not written with seconds and Z (RFC 5280, 4.1.2.5)",
                    what);
    low = two_digits(text.ptr + year_len - 2);
    high = year_len == 2 ? (low < 50 ? 20 : 19) : two_digits(text.ptr);
    time.date.year = high < 0 || low < 0 ? 0 : high * 100 + low;
    if (!parse_rest_of_time(text.ptr + year_len, &time))
        return FAIL(err, ERR_INPUT, "%s is no time (RFC 5280, 4.1.2.5)", what);
    *ret = time;
    return 0;
}

int der_take_time(struct bytes *rest, const char *what, int64_t *ret, struct err *err)
{
    bool is_utc_time = der_follows(*rest, DER_UTC_TIME);
    struct bytes left = *rest;
    struct caltime time;
    struct der element;

    TRY(der_take(&left, is_utc_time ? DER_UTC_TIME : DER_GENERALIZED_TIME, what, &element, err));
    TRY(parse_time(element.value, is_utc_time ? 2 : 4, what, &time, err));
    if (!is_utc_time && time.date.year < 2050)
        return FAIL(err, ERR_INPUT, "%s before 2050 must be a UTCTime (RFC 5280, 4.1.2.5)", what);
    *rest = left;
    *ret = caltime_utc(time, 0);
    return 0;
}

int der_take_generalized(struct bytes *rest, const char *what, int64_t *ret, struct err *err)
{
    struct bytes left = *rest;
    struct caltime time;
    struct der element;

    TRY(der_take(&left, DER_GENERALIZED_TIME, what, &element, err));
    TRY(parse_time(element.value, 4, what, &time, err));
    *rest = left;
    *ret = caltime_utc(time, 0);
    return 0;
}

/* The length octets of len. */
static int make_length(size_t len, uint8_t ret[1 + LENGTH_OCTETS_MAX], size_t *ret_used,
                       struct err *err)
{
    size_t used = 1;
    int shift = 24;

    if (len > UINT32_MAX)
        return FAIL(err, ERR_USAGE, "an element of more than 2^32 bytes");
    if (len < LONG_LENGTH) {
        ret[0] = (uint8_t)len;
    } else {
        while (len >> shift == 0)
            shift -= 8;
        ret[0] = (uint8_t)(LONG_LENGTH + shift / 8 + 1);
        for (; shift >= 0; shift -= 8)
            ret[used++] = (uint8_t)(len >> shift);
    }
    *ret_used = used;
    return 0;
}

static int put_length(struct buf *out, size_t len, struct err *err)
{
    uint8_t octets[1 + LENGTH_OCTETS_MAX];
    size_t used;

    TRY(make_length(len, octets, &used, err));
    return buf_append(out, bytes_of(octets, used), err);
}

int der_put(struct buf *out, uint8_t tag, struct bytes value, struct err *err)
{
    TRY(buf_append_byte(out, tag, err));
    TRY(put_length(out, value.len, err));
    return buf_append(out, value, err);
}

int der_put_oid(struct buf *out, enum oid oid, struct err *err)
{
    if (oid == OID_UNKNOWN)
        return FAIL(err, ERR_USAGE, "an object identifier that is not in the table");
    return der_put(out, DER_OID, oid_der(oid), err);
}

int der_put_null(struct buf *out, struct err *err)
{
    return der_put(out, DER_NULL, bytes_of(NULL, 0), err);
}

int der_put_true(struct buf *out, struct err *err)
{
    static const uint8_t yes = 0xff;

    return der_put(out, DER_BOOLEAN, bytes_of(&yes, 1), err);
}

int der_put_positive(struct buf *out, uint8_t tag, struct bytes octets, struct err *err)
{
    if (octets.len == 0 || octets.ptr[0] == 0)
        return FAIL(err, ERR_USAGE, "not the octets of a positive number");
    TRY(buf_append_byte(out, tag, err));
    if (octets.ptr[0] < 0x80)
        TRY(put_length(out, octets.len, err));
    else {
        TRY(put_length(out, octets.len + 1, err));
        TRY(buf_append_byte(out, 0, err));
    }
    return buf_append(out, octets, err);
}

int der_put_uint(struct buf *out, uint64_t number, struct err *err)
{
    uint8_t octets[8];
    size_t skip = 0;

    for (size_t i = 0; i < sizeof octets; i++)
        octets[i] = (uint8_t)(number >> (56 - 8 * i));
    if (number == 0)
        return der_put(out, DER_INTEGER, bytes_of(octets, 1), err);
    while (octets[skip] == 0)
        skip++;
    return der_put_positive(out, DER_INTEGER, bytes_part(BYTES_ARRAY(octets), skip, 8), err);
}

int der_put_bits(struct buf *out, struct bytes bytes, struct err *err)
{
    TRY(buf_append_byte(out, DER_BIT_STRING, err));
    TRY(put_length(out, bytes.len + 1, err));
    TRY(buf_append_byte(out, 0, err));
    return buf_append(out, bytes, err);
}

int der_put_named_bits(struct buf *out, unsigned mask, struct err *err)
{
    uint8_t value[3] = {0};
    unsigned last = 15;

    if (mask == 0 || mask > UINT16_MAX)
        return FAIL(err, ERR_USAGE, "named bits are 0 to 15, and at least one");
    for (unsigned i = 0; i < 16; i++)
        if ((mask >> i & 1) != 0)
            value[1 + i / 8] |= (uint8_t)(0x80 >> i % 8);
    while ((mask >> last & 1) == 0)
        last--;
    value[0] = (uint8_t)(7 - last % 8);
    return der_put(out, DER_BIT_STRING, bytes_of(value, 2 + last / 8), err);
}

static int put_time(struct buf *out, struct caltime t, bool is_utc_time, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    TRY(buf_append_format(&text, err, "%0*d%02d%02d%02d%02d%02dZ", is_utc_time ? 2 : 4,
                          is_utc_time ? t.date.year % 100 : t.date.year, t.date.month, t.date.day,
                          t.hour, t.minute, t.second));
    return der_put(out, is_utc_time ? DER_UTC_TIME : DER_GENERALIZED_TIME, buf_bytes(&text), err);
}

int der_put_time(struct buf *out, int64_t utc, struct err *err)
{
    struct caltime t = caltime_at(utc, 0);

    if (t.date.year < 1950 || t.date.year > 9999)
        return FAIL(err, ERR_USAGE, "a time that certificates cannot hold");
    return put_time(out, t, t.date.year < 2050, err);
}

int der_put_generalized(struct buf *out, int64_t utc, struct err *err)
{
    struct caltime t = caltime_at(utc, 0);

    if (t.date.year < 1 || t.date.year > 9999)
        return FAIL(err, ERR_USAGE, "a time before the year 1 or after 9999");
    return put_time(out, t, false, err);
}

int der_begin(struct buf *out, uint8_t tag, size_t *ret_mark, struct err *err)
{
    TRY(buf_append_byte(out, tag, err));
    *ret_mark = out->len;
    return 0;
}

int der_finish(struct buf *out, size_t mark, struct err *err)
{
    uint8_t octets[1 + LENGTH_OCTETS_MAX];
    size_t len = out->len - mark;
    size_t used;

    TRY(make_length(len, octets, &used, err));
    TRY(buf_reserve(out, used, err));
    memmove(out->ptr + mark + used, out->ptr + mark, len);
    memcpy(out->ptr + mark, octets, used);
    out->len += used;
    return 0;
}
