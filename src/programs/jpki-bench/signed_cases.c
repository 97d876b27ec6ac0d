/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-bench/signed_cases.h"

#include "card/keygen.h"
#include "verify/signature.h"
#include "x509/profile.h"

#include <stdlib.h>

enum { KEYS = SIGNED_KEYS, DAY = 86400 };

/* Numbers that look random and are the same in each run. */
static uint32_t step(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 16;
}

static int made_rewind(void *context, struct err *err)
{
    struct revocations_made *made = context;

    (void)err;
    made->given = 0;
    made->serial = 0;
    made->state = 1;
    return 0;
}

static int made_next(void *context, struct revocation *ret, struct err *err)
{
    struct revocations_made *made = context;

    if (made->given++ == made->count)
        return FAIL(err, ERR_ABSENT, "no further revocation");
    made->serial += 1 + step(&made->state) % 7;
    *ret = (struct revocation){made->serial,
                               SIGNED_CASES_NOW - DAY - (int64_t)(step(&made->state) * 2000u),
                               (enum crl_reason)(1 + step(&made->state) % 6)};
    return 0;
}

struct revocation_source revocations_made(struct revocations_made *made)
{
    return (struct revocation_source){made, made_rewind, made_next};
}

void signed_cases_freep(struct signed_cases **cases)
{
    struct signed_cases *old = *cases;

    if (old == NULL)
        return;
    for (size_t i = 0; i <= KEYS; i++)
        privkey_free(old->keys[i]);
    for (size_t i = 0; i < KEYS; i++)
        buf_done(&old->signatures[i]);
    for (size_t i = 0; i < SIGNED_CASES; i++)
        buf_done(&old->certs[i]);
    x509_cert_free(old->ca);
    revocation_set_free(old->set);
    anchors_free(old->anchors);
    free(old);
    *cases = NULL;
}

const struct privkey *signed_cases_ca_key(const struct signed_cases *cases)
{
    return cases->keys[KEYS];
}

static int sign_tbs(struct bytes tbs, const struct privkey *key, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct digest digest;

    TRY(digest_compute(DIGEST_SHA256, tbs, &digest, err));
    TRY(privkey_sign(key, &digest, &signature, err));
    return cert_assemble(tbs, buf_bytes(&signature), ret, err);
}

static int make_ca(struct signed_cases *cases, struct err *err)
{
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct profile_inputs inputs = {.serial = 1,
                                    .not_before = SIGNED_CASES_NOW - 365LL * DAY,
                                    .not_after = SIGNED_CASES_NOW + 9 * 365LL * DAY};

    TRY(privkey_spki(cases->keys[KEYS], &spki, err));
    inputs.spki = buf_bytes(&spki);
    TRY(profile_build_tbs(profile_of(PROFILE_SIGN_CA), &inputs, &tbs, err));
    TRY(sign_tbs(buf_bytes(&tbs), cases->keys[KEYS], &der, err));
    TRY(x509_cert_parse(buf_bytes(&der), &cases->ca, err));
    TRY(anchors_new(&cases->anchors, err));
    return anchors_add(cases->anchors, cases->ca, err);
}

static const struct holder holder = {
    .name = {(const uint8_t *)"試験　太郎", 15},
    .birth = {(const uint8_t *)"419900217", 9},
    .sex = {(const uint8_t *)"1", 1},
    .address = {(const uint8_t *)"兵庫県神戸市中央区見本町1丁目1番1号", 51},
    .name_substitutes = {(const uint8_t *)"00000", 5},
    .address_substitutes = {(const uint8_t *)"0000000000000000000", 19},
};

/* One that is not revoked, somewhere among those that are. */
static uint32_t free_serial(const struct signed_cases *cases, uint32_t *state)
{
    struct revocation found;
    uint32_t serial;

    do
        serial = 1 + (step(state) << 12 ^ step(state)) % (3u * (uint32_t)cases->revoked);
    while (revocation_set_find(cases->set, serial, &found, NULL) == 0);
    return serial;
}

static int make_case(struct signed_cases *cases, size_t i, uint32_t serial, struct err *err)
{
    struct signed_case *made = &cases->cases[i];
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;
    struct profile_inputs inputs = {.serial = serial,
                                    .not_before = SIGNED_CASES_NOW - DAY,
                                    .not_after = SIGNED_CASES_NOW + 1000LL * DAY,
                                    .issuer = x509_cert_tbs(cases->ca),
                                    .common_name = "2026092023132000001281003A01",
                                    .prefecture = "Hyogo-ken",
                                    .municipality = "Kobe-shi",
                                    .holder = &holder};
    struct tbs parsed;

    TRY(privkey_spki(cases->keys[i % KEYS], &spki, err));
    inputs.spki = buf_bytes(&spki);
    TRY(profile_build_tbs(profile_of(PROFILE_SIGN), &inputs, &tbs, err));
    TRY(sign_tbs(buf_bytes(&tbs), cases->keys[KEYS], &cases->certs[i], err));
    made->cert = buf_bytes(&cases->certs[i]);
    TRY(x509_cert_read(made->cert, &parsed, &made->ca_value, err));
    made->tbs = parsed.der;
    /* The key's sequence ends with the modulus and five bytes of exponent. */
    made->modulus = bytes_part(parsed.spki, parsed.spki.len - 256 - 5, 256);
    made->document = BYTES_ARRAY(cases->document);
    made->signature = buf_bytes(&cases->signatures[i % KEYS]);
    return 0;
}

static int make_cases(struct signed_cases *cases, struct err *err)
{
    struct digest digest;
    uint32_t state = 7;

    for (size_t i = 0; i < sizeof cases->document; i++)
        cases->document[i] = (uint8_t)step(&state);
    TRY(digest_compute(DIGEST_SHA256, BYTES_ARRAY(cases->document), &digest, err));
    for (size_t i = 0; i < KEYS; i++)
        TRY(privkey_sign(cases->keys[i], &digest, &cases->signatures[i], err));
    for (size_t i = 0; i < SIGNED_CASES; i++)
        TRY(make_case(cases, i, free_serial(cases, &state), err));
    return 0;
}

static void make_status(struct signed_cases *cases)
{
    const struct tbs *ca = x509_cert_tbs(cases->ca);

    cases->index = (struct revocation_index){.issuer = ca->subject,
                                             .authority_key_id = ca->subject_key_id,
                                             .voucher = pubkey_spki(x509_cert_pubkey(cases->ca)),
                                             .this_update = SIGNED_CASES_NOW - DAY,
                                             .next_update = SIGNED_CASES_NOW + DAY,
                                             .set = cases->set};
    cases->list = (struct index_list){&cases->index, 1};
    cases->status = index_status_source(&cases->list);
}

static int make(struct signed_cases *cases, struct err *err)
{
    static const enum key_kind kinds[KEYS + 1]; /* RSA, all of them */
    struct revocations_made made = {.count = cases->revoked};
    const struct revocation_source source = revocations_made(&made);

    TRY(keygen(kinds, cases->keys, KEYS + 1, err));
    TRY(revocation_set_new(&source, &cases->set, err));
    TRY(make_ca(cases, err));
    make_status(cases);
    return make_cases(cases, err);
}

int signed_cases_new(size_t revoked, struct signed_cases **ret, struct err *err)
{
    CLEANUP(signed_cases_freep) struct signed_cases *cases = calloc(1, sizeof *cases);

    if (cases == NULL)
        return FAIL_NOMEM(err);
    cases->revoked = revoked;
    TRY(make(cases, err));
    *ret = cases;
    cases = NULL;
    return 0;
}

int signed_cases_verify(const struct signed_cases *cases, const struct signed_case *signed_case,
                        struct err *err)
{
    CLEANUP(signature_report_done) struct signature_report report = SIGNATURE_REPORT_INIT;
    struct signature_inputs inputs = {.signature = signed_case->signature,
                                      .certificate = signed_case->cert,
                                      .purpose = PURPOSE_DOCUMENT,
                                      .trust = {cases->anchors, &cases->status, SIGNED_CASES_NOW}};

    TRY(digest_compute(DIGEST_SHA256, signed_case->document, &inputs.digest, err));
    TRY(signature_verify(&inputs, &report, err));
    if (report.report.verdict != VERDICT_VALID)
        return FAIL(err, ERR_REMOTE, "a good document is not valid: %s",
                    reason_name(report.report.reasons[0]));
    return 0;
}
