/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-bench/oidc_lab.h"

#include "authapp/client/register.h"
#include "authapp/routes.h"
#include "base/file.h"
#include "card/keygen.h"
#include "platform/routes.h"
#include "programs/jpki-bench/bench.h"
#include "programs/jpki-bench/signed_cases.h"
#include "sandbox/process.h"
#include "x509/profile.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STOP_MS = 5000, WORKERS = 8, REVOKED = 1000, DAY = 86400, FIRST_SERIAL = 1000000 };

/* ---- keys and cards ---- */

static int sign_tbs(const struct oidc_lab *lab, struct bytes tbs, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct digest digest;

    TRY(digest_compute(DIGEST_SHA256, tbs, &digest, err));
    TRY(privkey_sign(lab->ca_key, &digest, &signature, err));
    return cert_assemble(tbs, buf_bytes(&signature), ret, err);
}

static int make_ca(struct oidc_lab *lab, struct err *err)
{
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct profile_inputs inputs = {.serial = 1,
                                    .not_before = OIDC_LAB_NOW - 365LL * DAY,
                                    .not_after = OIDC_LAB_NOW + 9 * 365LL * DAY};

    TRY(privkey_spki(lab->ca_key, &spki, err));
    inputs.spki = buf_bytes(&spki);
    TRY(profile_build_tbs(profile_of(PROFILE_AUTH_CA), &inputs, &tbs, err));
    TRY(sign_tbs(lab, buf_bytes(&tbs), &der, err));
    return x509_cert_parse(buf_bytes(&der), &lab->ca, err);
}

static int make_cards(struct oidc_lab *lab, struct err *err)
{
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    struct profile_inputs inputs = {.not_before = OIDC_LAB_NOW - DAY,
                                    .not_after = OIDC_LAB_NOW + 1000LL * DAY,
                                    .issuer = x509_cert_tbs(lab->ca),
                                    .common_name = "0123ABCDEFGHI928100003A",
                                    .prefecture = "Hyogo-ken",
                                    .municipality = "Kobe-shi"};

    TRY(privkey_spki(lab->card_key, &spki, err));
    inputs.spki = buf_bytes(&spki);
    for (uint32_t i = 0; i < OIDC_LAB_CARDS; i++) {
        CLEANUP(buf_done) struct buf tbs = BUF_INIT;

        inputs.serial = FIRST_SERIAL + i;
        TRY(profile_build_tbs(profile_of(PROFILE_AUTH), &inputs, &tbs, err));
        TRY(sign_tbs(lab, buf_bytes(&tbs), &lab->certs[i], err));
    }
    return 0;
}

static int make_keys(struct oidc_lab *lab, struct err *err)
{
    static const enum key_kind kinds[2]; /* RSA, both */
    struct privkey *keys[2] = {NULL, NULL};

    TRY(keygen(kinds, keys, 2, err));
    lab->ca_key = keys[0];
    lab->card_key = keys[1];
    TRY(privkey_generate_p256(&lab->client_key, err));
    TRY(make_ca(lab, err));
    return make_cards(lab, err);
}

/* None of the cards is among them. */
static int make_status(struct oidc_lab *lab, struct err *err)
{
    struct revocations_made made = {.count = REVOKED};
    const struct revocation_source source = revocations_made(&made);
    const struct tbs *ca = x509_cert_tbs(lab->ca);

    TRY(revocation_set_new(&source, &lab->set, err));
    lab->index = (struct revocation_index){.issuer = ca->subject,
                                           .authority_key_id = ca->subject_key_id,
                                           .voucher = pubkey_spki(x509_cert_pubkey(lab->ca)),
                                           .this_update = OIDC_LAB_NOW - DAY,
                                           .next_update = OIDC_LAB_NOW + DAY,
                                           .set = lab->set};
    lab->list = (struct index_list){&lab->index, 1};
    lab->status = index_status_source(&lab->list);
    return 0;
}

/* ---- daemons ---- */

static int start_signerd(struct oidc_lab *lab, int which, const char *section, const char *key,
                         const char *more, struct err *err)
{
    CLEANUP(signer_closep) struct signer *signer = NULL;
    CLEANUP(free_text) char *dir = NULL;
    struct bench_signerd made = {.section = section, .key = key, .more = more};

    TRY(path_format(&dir, err, "%s/signer-%d", lab->dir, which));
    if (mkdir(dir, 0700) < 0)
        return FAIL_ERRNO(err, "%s", dir);
    made.dir = dir;
    TRY(bench_signerd_start(&made, &lab->sockets[which], &lab->signerds[which], err));
    return bench_signerd_connect(lab->sockets[which], &signer, err);
}

static int start_signerds(struct oidc_lab *lab, struct err *err)
{
    const unsigned uid = (unsigned)geteuid();
    char token[160];
    char provider[256];

    (void)snprintf(token, sizeof token,
                   "[key token]\nrole = token\nallow_uid = %u\n"
                   "[key agreement]\nrole = token\nbits = 256\nallow_uid = %u\n",
                   uid, uid);
    (void)snprintf(provider, sizeof provider,
                   "[key seal]\nrole = token\nallow_uid = %u\n"
                   "[key es256]\nrole = jws\nbits = 256\nallow_uid = %u\nissuer = %s%s\n",
                   uid, uid, OIDC_LAB_ORIGIN, AUTHAPP_REALM);
    TRY(start_signerd(lab, 0, token, "token", "agreement", err));
    return start_signerd(lab, 1, provider, "seal", "es256", err);
}

static int serve(const struct http_server_options *options, uint16_t *ret_port,
                 struct http_server **ret, struct err *err)
{
    int fd;

    TRY(http_listen_loopback(0, &fd, ret_port, err));
    return http_server_start(options, fd, ret, err);
}

static int add_tenant(struct oidc_lab *lab, struct err *err)
{
    const struct audit_origin by = audit_by_self(OIDC_LAB_NOW);
    const struct tenant_inputs inputs = {
        "authapp", "a provider", OIDC_LAB_ORIGIN, {.rate = TENANT_RATE_MAX}};

    return tenant_add(lab->platform.store, &inputs, &by, lab->key, err);
}

static int open_platform(struct oidc_lab *lab, struct err *err)
{
    const struct http_server_options options = {.tables = platform_routes,
                                                .context = &lab->platform,
                                                .worker_open = signer_worker_open,
                                                .worker_close = signer_worker_close,
                                                .workers = WORKERS};
    CLEANUP(free_text) char *path = NULL;
    struct platform *platform = &lab->platform;
    uint16_t port;

    TRY(path_format(&path, err, "%s/platform.db", lab->dir));
    *platform = (struct platform){.clock = &lab->clock,
                                  .origin = "https://platform.openjpki.test",
                                  .signer = lab->sockets[0],
                                  .token_key = "token",
                                  .agreement = {.name = "agreement"},
                                  .status = &lab->status};
    TRY(anchors_new(&platform->sign_cas, err));
    TRY(anchors_new(&platform->auth_cas, err));
    TRY(anchors_add(platform->auth_cas, lab->ca, err));
    TRY(platform_store_open(path, &platform->store, err));
    TRY(platform_load_keys(platform, err));
    TRY(add_tenant(lab, err));
    TRY(serve(&options, &port, &lab->platform_server, err));
    (void)snprintf(lab->url, sizeof lab->url, "http://127.0.0.1:%u", (unsigned)port);
    return 0;
}

static int add_client(struct oidc_lab *lab, struct err *err)
{
    const struct audit_origin by = audit_by_self(OIDC_LAB_NOW);
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(buf_done) struct buf metadata = BUF_INIT;
    CLEANUP(pubkey_freep) struct pubkey *public = NULL;
    CLEANUP(json_freep) struct json *jwk = NULL;
    char secret[CLIENT_SECRET_SIZE];
    const char *key;

    TRY(privkey_spki(lab->client_key, &spki, err));
    TRY(pubkey_from_spki_jws(buf_bytes(&spki), &public, err));
    TRY(jwk_thumbprint(public, &lab->client_kid, err));
    TRY(jwk_write(public, JWK_SIGNATURE, &jwk, err));
    TRY(json_write(jwk, &text, err));
    TRY(buf_text(&text, &key, err));
    TRY(buf_append_format(&metadata, err,
                          "{\"client_id\":\"" OIDC_LAB_CLIENT "\",\"client_name\":\"a shop\","
                          "\"profile\":\"authapp\",\"redirect_uris\":[\"" OIDC_LAB_REDIRECT "\"],"
                          "\"scope\":\"openid\",\"jwks\":{\"keys\":[%s]}}",
                          key));
    return client_register(lab->authapp.store, buf_bytes(&metadata), &by, secret, err);
}

static int open_provider(struct oidc_lab *lab, struct err *err)
{
    const struct http_server_options options = {.tables = authapp_routes,
                                                .context = &lab->authapp,
                                                .worker_open = signer_worker_open,
                                                .worker_close = signer_worker_close,
                                                .bell = &lab->bell,
                                                .workers = WORKERS};
    CLEANUP(free_text) char *path = NULL;
    struct authapp *authapp = &lab->authapp;

    TRY(path_format(&path, err, "%s/authapp.db", lab->dir));
    *authapp = (struct authapp){.clock = &lab->clock,
                                .bell = &lab->bell,
                                .origin = OIDC_LAB_ORIGIN,
                                .signer = lab->sockets[1],
                                .seal_key = "seal",
                                .token_keys = "es256",
                                .platform = {.url = lab->url, .key = lab->key},
                                .kept = &lab->kept};
    TRY(anchors_new(&authapp->auth_cas, err));
    TRY(anchors_add(authapp->auth_cas, lab->ca, err));
    TRY(authapp_store_open(path, &authapp->store, err));
    TRY(authapp_load(authapp, err));
    TRY(add_client(lab, err));
    return serve(&options, &lab->port, &lab->server, err);
}

int oidc_lab_up(struct oidc_lab *lab, struct err *err)
{
    char dir[] = "/tmp/jpki-bench-oidc-XXXXXX";

    http_bell_init(&lab->bell);
    lab->clock = clock_fixed(OIDC_LAB_NOW);
    if (mkdtemp(dir) == NULL)
        return FAIL_ERRNO(err, "/tmp");
    TRY(path_format(&lab->dir, err, "%s", dir));
    TRY(make_keys(lab, err));
    TRY(make_status(lab, err));
    TRY(start_signerds(lab, err));
    TRY(open_platform(lab, err));
    return open_provider(lab, err);
}

static void keys_done(struct oidc_lab *lab)
{
    privkey_freep(&lab->ca_key);
    privkey_freep(&lab->card_key);
    privkey_freep(&lab->client_key);
    for (size_t i = 0; i < OIDC_LAB_CARDS; i++)
        buf_done(&lab->certs[i]);
    x509_cert_free(lab->ca);
    revocation_set_free(lab->set);
}

void oidc_lab_down(struct oidc_lab *lab)
{
    const char *const argv[] = {"/bin/rm", "-rf", "--", lab->dir, NULL};
    double unused = 0;

    http_server_stopp(&lab->server);
    http_server_stopp(&lab->platform_server);
    authapp_store_closep(&lab->authapp.store);
    authapp_done(&lab->authapp);
    authapp_kept_done(&lab->kept);
    platform_store_closep(&lab->platform.store);
    platform_done(&lab->platform);
    http_bell_done(&lab->bell);
    for (int i = 0; i < 2; i++) {
        process_stop(lab->signerds[i], STOP_MS);
        free_text(&lab->sockets[i]);
    }
    keys_done(lab);
    if (lab->dir != NULL && run_command(argv, &unused, NULL, NULL) < 0)
        (void)fprintf(stderr, "jpki-bench: %s is left over\n", lab->dir);
    free_text(&lab->dir);
}
