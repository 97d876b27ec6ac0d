/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-bench/issue_site.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/share.h"
#include "programs/jpki-bench/bench.h"
#include "programs/jpki-bench/signerd.h"
#include "sandbox/process.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    STOP_MS = 5000,
    REQUESTS_BYTES_MAX = 64 << 20,
    SEED = 1,
    PEOPLE = 100000000,
};

static int start_signerd(struct issue_site *site, struct err *err)
{
    CLEANUP(buf_done) struct buf keys = BUF_INIT;
    struct bench_signerd made = {.dir = site->dir, .key = "sign-ca"};

    TRY(buf_append_format(&keys, err,
                          "[key sign-ca]\nrole = ca\nallow_uid = %u\n"
                          "policies = 1.2.392.200149.8.5.1.0.20\n"
                          "subject = OU=OpenJPKI TEST Certification Authority,"
                          "OU=OpenJPKI TEST for digital signature,O=OpenJPKI TEST,C=JP\n",
                          (unsigned)geteuid()));
    TRY(buf_text(&keys, &made.section, err));
    return bench_signerd_start(&made, &site->socket, &site->signerd, err);
}

static int open_authority(struct issue_site *site, struct err *err)
{
    CLEANUP(free_text) char *path = NULL;
    CLEANUP(signer_closep) struct signer *signer = NULL;
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    const struct audit_origin by = audit_by_self(clock_now(&clock_system));
    struct ca_setup setup = {.kind = CA_SIGN, .key = "sign-ca", .by = &by};

    TRY(path_format(&path, err, "%s/authority.db", site->dir));
    TRY(authority_store_open(path, &site->authority.store, err));
    site->authority.clock = &clock_system;
    site->authority.signer = site->socket;
    site->authority.cas[CA_SIGN].key = "sign-ca";
    TRY(bench_signerd_connect(site->socket, &signer, err));
    TRY(ca_init(site->authority.store, signer, &setup, &der, err));
    return authority_load_ca(&site->authority, CA_SIGN, err);
}

static int open_register(struct issue_site *site, struct err *err)
{
    CLEANUP(free_text) char *path = NULL;
    CLEANUP(free_text) char *list = NULL;
    struct nation_options options = {.seed = SEED, .people = PEOPLE, .until = NATION_EPOCH};

    TRY(path_format(&path, err, "%s/register.db", site->dir));
    TRY(register_store_open(path, &site->residents, err));
    TRY(share_path("openjpki/municipalities.tsv", &list, err));
    TRY(municipalities_load(list, &site->places, err));
    return nation_new(site->places, &options, &site->people, err);
}

static int make_requests(struct issue_site *site, size_t count, struct err *err)
{
    CLEANUP(free_text) char *program = NULL;
    CLEANUP(free_text) char *file = NULL;
    char number[24];
    double unused;

    TRY(beside("../bench/issue_requests", &program, err));
    TRY(path_format(&file, err, "%s/requests", site->dir));
    (void)snprintf(number, sizeof number, "%zu", count);
    const char *const argv[] = {program, number, file, NULL};
    TRY(run_command(argv, &unused, NULL, err));
    TRY(file_read(file, REQUESTS_BYTES_MAX, &site->requests, err));
    site->left = buf_bytes(&site->requests);
    return 0;
}

int issue_site_up(struct issue_site *site, size_t requests, struct err *err)
{
    char dir[] = "/tmp/jpki-bench-issue-XXXXXX";

    if (mkdtemp(dir) == NULL)
        return FAIL_ERRNO(err, "/tmp");
    TRY(path_format(&site->dir, err, "%s", dir));
    TRY(make_requests(site, requests, err));
    TRY(start_signerd(site, err));
    TRY(open_authority(site, err));
    return open_register(site, err);
}

int issue_site_take(struct issue_site *site, struct bytes *ret, struct err *err)
{
    enum { LENGTH = 4 };
    size_t len = 0;

    if (site->left.len < LENGTH)
        return FAIL(err, ERR_ABSENT, "there are no more requests");
    for (size_t i = 0; i < LENGTH; i++)
        len = len << 8 | site->left.ptr[i];
    *ret = bytes_part(site->left, LENGTH, len);
    site->left = bytes_part(site->left, LENGTH + len, site->left.len);
    return 0;
}

void issue_site_down(struct issue_site *site)
{
    const char *const argv[] = {"/bin/rm", "-rf", "--", site->dir, NULL};
    double unused = 0;

    process_stop(site->signerd, STOP_MS);
    site->signerd = 0;
    authority_unload_cas(&site->authority);
    authority_store_closep(&site->authority.store);
    register_store_closep(&site->residents);
    nation_freep(&site->people);
    municipalities_freep(&site->places);
    buf_done(&site->requests);
    if (site->dir != NULL && run_command(argv, &unused, NULL, NULL) < 0)
        (void)fprintf(stderr, "jpki-bench: %s is left over\n", site->dir);
    free_text(&site->dir);
    free_text(&site->socket);
}
