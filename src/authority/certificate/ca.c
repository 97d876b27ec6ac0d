/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A CA key signs one CA certificate in its life, so the bytes are kept before signerd is asked:
 * after a crash the same bytes are asked for again, and signerd gives the same signature. A further
 * generation is another key under the same name; its certificate takes the next serial number.
 */
#include "authority/authority.h"
#include "authority/limits.h"

#include "x509/profile.h"

#include <stdio.h>

static const enum profile_kind ca_profiles[CA_KINDS_] = {
    [CA_SIGN] = PROFILE_SIGN_CA,
    [CA_AUTH] = PROFILE_AUTH_CA,
};

int generation_name(const char *first, unsigned generation, char *ret, size_t size, struct err *err)
{
    int len = generation == 1 ? snprintf(ret, size, "%s", first)
                              : snprintf(ret, size, "%s-g%u", first, generation);

    if (len < 0 || (size_t)len >= size)
        return FAIL(err, ERR_INPUT, "the name %s is too long for generation %u", first, generation);
    return 0;
}

/* What is made of a setup: which generation, by which key. */
struct making {
    const struct ca_setup *setup;
    unsigned generation;
    char key[RPC_NAME_MAX + 1];
    struct buf spki;
};

static void making_done(struct making *making)
{
    buf_done(&making->spki);
}

static int build(const void *context, uint32_t serial, struct buf *ret, struct err *err)
{
    const struct making *making = context;
    const struct profile *profile = profile_of(ca_profiles[making->setup->kind]);
    const struct profile_inputs inputs = {
        .serial = serial,
        .not_before = making->setup->by->at,
        .not_after = profile_last_second(profile, KEY_RSA, making->setup->by->at),
        .spki = buf_bytes(&making->spki),
    };

    return profile_build_tbs(profile, &inputs, ret, err);
}

/* A generation is another key, of the same name, and begins and ends later than those before. */
static int compare_with(const struct making *making, const struct x509_cert *before,
                        struct err *err)
{
    const struct tbs *tbs = x509_cert_tbs(before);
    CLEANUP(buf_done) struct buf name = BUF_INIT;

    if (bytes_equal(tbs->spki, buf_bytes(&making->spki)))
        return FAIL(err, ERR_CONFLICT, "the key %s is that of an earlier generation", making->key);
    TRY(profile_issuer_name(profile_of(ca_profiles[making->setup->kind]), &name, err));
    if (!bytes_equal(tbs->subject, buf_bytes(&name)))
        return FAIL(err, ERR_CONFLICT,
                    "the %s CA of before has another name, and all generations have one",
                    ca_kind_name(making->setup->kind));
    if (making->setup->by->at <= tbs->not_before)
        return FAIL(err, ERR_CONFLICT,
                    "the clock is wrong: the generation before begins later than now");
    return 0;
}

static int compare_with_all(struct authority_store *store, const struct making *making,
                            struct err *err)
{
    for (unsigned earlier = 1; earlier < making->generation; earlier++) {
        CLEANUP(ca_generation_done) struct ca_generation found = CA_GENERATION_INIT;
        CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
        int rc = authority_get_generation(store, making->setup->kind, earlier, &found, err);

        if (rc == -ERR_ABSENT || (rc == 0 && found.certificate.len == 0))
            return FAIL(err, ERR_CONFLICT,
                        "generation %u of the %s CA is not made yet, and none may be left out",
                        earlier, ca_kind_name(making->setup->kind));
        TRY(rc);
        TRY(x509_cert_parse(buf_bytes(&found.certificate), &cert, err));
        TRY(compare_with(making, cert, err));
    }
    return 0;
}

static int ca_prepare(struct authority_store *store, struct making *making, struct err *err)
{
    const struct ca_setup *setup = making->setup;
    const struct generation_order order = {
        setup->kind, making->generation, setup->issues_from, build, making,
    };
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;

    if (making->generation > 1) {
        TRY(compare_with_all(store, making, err));
        return authority_begin_generation(store, &order, err);
    }
    TRY(build(making, CA_SERIAL, &tbs, err));
    return authority_begin_ca(store, setup->kind, buf_bytes(&tbs), err);
}

/* The certificate is by the book and signed by its own key. */
static int ca_check(enum ca_kind kind, const struct x509_cert *cert, struct err *err)
{
    TRY(profile_check(profile_of(ca_profiles[kind]), x509_cert_tbs(cert), err));
    return x509_cert_is_signed_by(cert, x509_cert_pubkey(cert), err);
}

/* What is there was begun, or made, with this key. */
static int check_key(const struct making *making, const struct ca_generation *there,
                     struct err *err)
{
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    struct tbs tbs;
    struct bytes spki;

    if (there->certificate.len > 0) {
        TRY(x509_cert_parse(buf_bytes(&there->certificate), &cert, err));
        spki = x509_cert_tbs(cert)->spki;
    } else {
        TRY(tbs_parse(buf_bytes(&there->tbs), &tbs, err));
        spki = tbs.spki;
    }
    if (!bytes_equal(spki, buf_bytes(&making->spki)))
        return FAIL(err, ERR_CONFLICT,
                    "generation %u of the %s CA is there already, and has another key than %s",
                    making->generation, ca_kind_name(making->setup->kind), making->key);
    return 0;
}

static int ca_keep(struct authority_store *store, const struct making *making,
                   struct bytes certificate, struct err *err)
{
    const struct ca_setup *setup = making->setup;

    return making->generation == 1
               ? authority_finish_ca(store, setup->kind, certificate, setup->by, err)
               : authority_finish_generation(store, setup->kind, making->generation, certificate,
                                             setup->by, err);
}

static int ca_sign(struct authority_store *store, struct signer *signer,
                   const struct making *making, struct bytes tbs, struct err *err)
{
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;

    TRY(signer_sign(signer, making->key, SIGNER_CERTIFICATE, tbs, &signature, err));
    TRY(cert_assemble(tbs, buf_bytes(&signature), &der, err));
    TRY(x509_cert_parse(buf_bytes(&der), &cert, err));
    TRY(err_prefix(err, ca_check(making->setup->kind, cert, err), "what signerd signed"));
    return ca_keep(store, making, buf_bytes(&der), err);
}

/* From wherever an earlier attempt has stopped. */
static int ca_make(struct authority_store *store, struct signer *signer, struct making *making,
                   struct buf *ret, struct err *err)
{
    enum ca_kind kind = making->setup->kind;
    CLEANUP(ca_generation_done) struct ca_generation there = CA_GENERATION_INIT;
    int rc = authority_get_generation(store, kind, making->generation, &there, err);

    if (rc == -ERR_ABSENT) {
        TRY(ca_prepare(store, making, err));
        rc = authority_get_generation(store, kind, making->generation, &there, err);
    }
    TRY(rc);
    TRY(check_key(making, &there, err));
    if (there.certificate.len == 0) {
        TRY(ca_sign(store, signer, making, buf_bytes(&there.tbs), err));
        TRY(authority_get_generation(store, kind, making->generation, &there, err));
    }
    buf_move(ret, &there.certificate);
    return 0;
}

int ca_init(struct authority_store *store, struct signer *signer, const struct ca_setup *setup,
            struct buf *ret, struct err *err)
{
    CLEANUP(making_done)
    struct making making = {.setup = setup,
                            .generation = setup->generation == 0 ? 1 : setup->generation};

    if (making.generation > GENERATIONS_MAX)
        return FAIL(err, ERR_INPUT, "a CA has at most %d generations", GENERATIONS_MAX);
    TRY(generation_name(setup->key, making.generation, making.key, sizeof making.key, err));
    TRY(signer_public(signer, making.key, &making.spki, err));
    return ca_make(store, signer, &making, ret, err);
}

/* The next one of a line; ERR_ABSENT if there is none, or it is not signed yet. */
static int load_one(struct authority *authority, enum ca_kind kind, unsigned generation,
                    struct err *err)
{
    struct ca_line *line = &authority->cas[kind];
    struct ca *ca = &line->generations[generation - 1];
    CLEANUP(ca_generation_done) struct ca_generation kept = CA_GENERATION_INIT;
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;

    TRY(authority_get_generation(authority->store, kind, generation, &kept, err));
    if (kept.certificate.len == 0)
        return FAIL(err, ERR_ABSENT, "generation %u is not signed yet", generation);
    TRY(x509_cert_parse(buf_bytes(&kept.certificate), &cert, err));
    TRY(err_prefix(err, ca_check(kind, cert, err), "the stored %s CA certificate",
                   ca_kind_name(kind)));
    TRY(generation_name(line->key == NULL ? "" : line->key, generation, ca->key, sizeof ca->key,
                        err));
    ca->kind = kind;
    ca->generation = generation;
    ca->issues_from = kept.issues_from;
    ca->certificate = cert;
    cert = NULL;
    line->count = generation;
    return 0;
}

int authority_load_ca(struct authority *authority, enum ca_kind kind, struct err *err)
{
    int rc = 0;

    for (unsigned generation = 1; rc == 0 && generation <= GENERATIONS_MAX; generation++)
        rc = load_one(authority, kind, generation, err);
    if (rc < 0 && rc != -ERR_ABSENT)
        return rc;
    if (authority->cas[kind].count == 0)
        return FAIL(err, ERR_CONFLICT, "the %s CA is not set up; run jpki-authorityd init-ca %s",
                    ca_kind_name(kind), ca_kind_name(kind));
    return 0;
}

int authority_load_cas(struct authority *authority, struct err *err)
{
    for (unsigned kind = 0; kind < CA_KINDS_; kind++)
        TRY(authority_load_ca(authority, (enum ca_kind)kind, err));
    return 0;
}

void authority_unload_cas(struct authority *authority)
{
    for (unsigned kind = 0; kind < CA_KINDS_; kind++) {
        struct ca_line *line = &authority->cas[kind];

        for (unsigned i = 0; i < line->count; i++)
            x509_cert_freep(&line->generations[i].certificate);
        line->count = 0;
    }
}
