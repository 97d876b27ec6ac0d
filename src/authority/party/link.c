/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/party/link.h"

#include "base/hex.h"

const char *const link_wants[] = {[LINK_NEWEST] = "newest",
                                  [LINK_BEFORE] = "before",
                                  [LINK_COUNTERPART] = "counterpart",
                                  [LINK_WANTS_] = NULL};
const char *const link_outcomes[] = {[LINK_FOUND] = "found",
                                     [LINK_NONE] = "none",
                                     [LINK_UNKNOWN] = "unknown",
                                     [LINK_OUTCOMES_] = NULL};

static int fail_unknown(struct err *err)
{
    return FAIL(err, ERR_ABSENT, "there is no such certificate");
}

/* What the generation with this key has issued under this number. */
static int find_issued(const struct authority *authority, struct presented *presented,
                       struct bytes key_id, int64_t serial, struct bytes der, struct err *err)
{
    CLEANUP(record_done) struct record record = RECORD_INIT;
    const struct ca *ca = authority_ca_by_key(authority, key_id);

    if (ca == NULL || serial <= CA_SERIAL || serial > UINT32_MAX)
        return fail_unknown(err);
    presented->kind = ca->kind;
    presented->serial = (uint32_t)serial;
    TRY(authority_get_record(authority->store, presented->kind, presented->serial, &record, err));
    if (record.certificate.len == 0 || record.generation != ca->generation ||
        (der.len > 0 && !bytes_equal(der, buf_bytes(&record.certificate))))
        return fail_unknown(err);
    return 0;
}

static int read_der(const struct authority *authority, const struct json *json,
                    struct presented *ret, struct err *err)
{
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    const struct tbs *tbs;
    uint64_t serial;

    TRY(json_get_base64(json, "certificate", &der, err));
    TRY(err_prefix(err, x509_cert_parse(buf_bytes(&der), &cert, err), "certificate"));
    tbs = x509_cert_tbs(cert);
    serial = tbs_serial_number(tbs);
    return find_issued(authority, ret, tbs->authority_key_id,
                       serial > UINT32_MAX ? 0 : (int64_t)serial, buf_bytes(&der), err);
}

int presented_read(const struct authority *authority, const struct json *json,
                   struct presented *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf issuer = BUF_INIT;
    struct presented presented = {CA_SIGN, 0};
    const char *hex;
    int64_t serial;

    if (json_has(json, "certificate")) {
        TRY(read_der(authority, json, &presented, err));
    } else {
        TRY(json_get_text(json, "issuer", &hex, err));
        TRY(err_prefix(err, hex_decode(hex, &issuer, err), "issuer"));
        TRY(json_get_int(json, "serial", &serial, err));
        TRY(find_issued(authority, &presented, buf_bytes(&issuer), serial, bytes_of(NULL, 0), err));
    }
    *ret = presented;
    return 0;
}
