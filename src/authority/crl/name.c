/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/crl/name.h"

#include "x509/cert.h"
#include "x509/name.h"

#include <stdio.h>
#include <string.h>

#define POINT_SUFFIX " CRLDP"

/* A place as it may stand in a path: blanks and apostrophes become underscores. */
static int append_place(struct buf *out, struct bytes place, struct err *err)
{
    for (size_t i = 0; i < place.len; i++) {
        uint8_t c = place.ptr[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';

        TRY(buf_append_byte(out, is_letter ? c : '_', err));
    }
    return 0;
}

/* "sign-Hyogo-ken-Kobe-shi", "auth-Hyogo-ken": from a distribution point (profile.c). */
static int append_name(struct buf *out, enum ca_kind kind, struct bytes point, struct err *err)
{
    struct bytes place;

    TRY(buf_append_format(out, err, "%s-", ca_kind_name(kind)));
    if (kind == CA_SIGN) {
        TRY(name_find(point, OID_ORGANIZATIONAL_UNIT, 2, &place, err));
        TRY(append_place(out, place, err));
        TRY(buf_append_byte(out, '-', err));
    }
    TRY(name_find(point, OID_COMMON_NAME, 0, &place, err));
    if (place.len > strlen(POINT_SUFFIX))
        place.len -= strlen(POINT_SUFFIX);
    return append_place(out, place, err);
}

static int name_point(enum ca_kind kind, struct bytes der, struct crl_point *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf name = BUF_INIT;
    const char *text;

    TRY(append_name(&name, kind, der, err));
    TRY(buf_text(&name, &text, err));
    if (strlen(text) > CRL_NAME_MAX)
        return FAIL(err, ERR_CONFLICT, "the name of a list is longer than %d characters",
                    CRL_NAME_MAX);
    TRY(buf_copy(der, &ret->point, err));
    (void)snprintf(ret->name, sizeof ret->name, "%s", text);
    return 0;
}

int crl_find_point(enum ca_kind kind, struct bytes certificate, struct crl_point *ret,
                   struct err *err)
{
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    struct bytes point;

    TRY(x509_cert_parse(certificate, &cert, err));
    point = x509_cert_tbs(cert)->distribution_point;
    if (point.len == 0)
        return FAIL(err, ERR_ABSENT, "no distribution point");
    return name_point(kind, point, ret, err);
}
