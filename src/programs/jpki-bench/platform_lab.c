/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-bench/platform_lab.h"

#include "base/file.h"
#include "crypto/jwe.h"
#include "platform/routes.h"
#include "platform/tenant/tenant.h"
#include "programs/jpki-bench/bench.h"
#include "programs/jpki-bench/ocsp_lab.h"
#include "programs/jpki-bench/signerd.h"
#include "programs/jpki-bench/wrk.h"
#include "sandbox/process.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { REVOKED = 1000000, STOP_MS = 5000, QUEUE = 256 };

/* Lines of two files, one of bodies and one of keys, and both from the beginning again. */
static const char wrk_script[] =
    "local bodies, keys, at, pause = {}, {}, 0, 0\n"
    "function init(args)\n"
    "  for line in io.lines(args[1]) do bodies[#bodies + 1] = line end\n"
    "  for line in io.lines(args[2]) do keys[#keys + 1] = line end\n"
    "  pause = tonumber(args[3])\n"
    "end\n"
    "function request()\n"
    "  at = at + 1\n"
    "  return wrk.format('POST', '/v1/verifications', {['Content-Type'] = 'application/json',\n"
    "    Host = 'localhost', Authorization = 'Bearer ' .. keys[at % #keys + 1]},\n"
    "    bodies[at % #bodies + 1])\n"
    "end\n";
static const char wrk_pauses[] = "function delay()\n"
                                 "  return pause\n"
                                 "end\n";

static int start_signerd(struct platform_lab *lab, struct err *err)
{
    CLEANUP(signer_closep) struct signer *signer = NULL;
    struct bench_signerd made = {.dir = lab->dir, .key = "token", .more = "agreement"};
    const unsigned uid = (unsigned)geteuid();
    char section[160];

    (void)snprintf(section, sizeof section,
                   "[key token]\nrole = token\nallow_uid = %u\n"
                   "[key agreement]\nrole = token\nbits = 256\nallow_uid = %u\n",
                   uid, uid);
    made.section = section;
    TRY(bench_signerd_start(&made, &lab->socket, &lab->signerd, err));
    return bench_signerd_connect(lab->socket, &signer, err);
}

static int open_platform(struct platform_lab *lab, struct err *err)
{
    CLEANUP(free_text) char *path = NULL;
    struct platform *platform = &lab->platform;

    TRY(path_format(&path, err, "%s/platform.db", lab->dir));
    lab->clock = clock_fixed(SIGNED_CASES_NOW);
    *platform = (struct platform){.clock = &lab->clock,
                                  .origin = "https://platform.openjpki.test",
                                  .signer = lab->socket,
                                  .token_key = "token",
                                  .agreement = {.name = "agreement"},
                                  .status = &lab->cases->status};
    TRY(anchors_new(&platform->sign_cas, err));
    TRY(anchors_add(platform->sign_cas, lab->cases->ca, err));
    TRY(anchors_new(&platform->auth_cas, err));
    TRY(platform_store_open(path, &platform->store, err));
    return platform_load_keys(platform, err);
}

static int add_tenants(struct platform_lab *lab, size_t count, struct err *err)
{
    const struct audit_origin by = audit_by_self(SIGNED_CASES_NOW);
    CLEANUP(buf_done) struct buf keys = BUF_INIT;

    for (size_t i = 0; i < count; i++) {
        char client_id[32];
        char key[TENANT_KEY_SIZE];
        const struct tenant_inputs inputs = {
            client_id, "a provider", "https://provider.example", {.rate = TENANT_RATE_MAX}};

        (void)snprintf(client_id, sizeof client_id, "provider-%zu", i);
        TRY(tenant_add(lab->platform.store, &inputs, &by, key, err));
        TRY(buf_append_format(&keys, err, "%s\n", key));
    }
    TRY(path_format(&lab->keys, err, "%s/keys.txt", lab->dir));
    return file_replace(lab->keys, 0600, buf_bytes(&keys), err);
}

static int put_body(const struct pubkey *key, const struct signed_case *made, struct buf *ret,
                    struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *object = json_object_new();
    CLEANUP(buf_done) struct buf jwe = BUF_INIT;
    struct digest digest;
    const char *text;

    TRY(digest_compute(DIGEST_SHA256, made->document, &digest, err));
    TRY(json_put_text(object, "alg", "SHA-256", err));
    TRY(json_put_base64(object, "value", digest_bytes(&digest), err));
    TRY(json_put(body, "digest", json_steal(&object), err));
    TRY(json_put_base64(body, "signature", made->signature, err));
    TRY(jwe_encrypt(key, made->cert, &jwe, err));
    TRY(buf_text(&jwe, &text, err));
    TRY(json_put_text(body, "certificate", text, err));
    TRY(json_write(body, ret, err));
    return buf_append_byte(ret, '\n', err);
}

static int make_bodies(struct platform_lab *lab, enum platform_way way, struct err *err)
{
    const struct pubkey *keys[] = {[PLATFORM_AGREED] = lab->platform.agreement.key,
                                   [PLATFORM_WRAPPED] = lab->platform.exchange_key};
    CLEANUP(buf_done) struct buf bodies = BUF_INIT;

    for (size_t i = 0; i < SIGNED_CASES; i++)
        TRY(put_body(keys[way], &lab->cases->cases[i], &bodies, err));
    TRY(path_format(&lab->bodies[way], err, "%s/bodies-%d.txt", lab->dir, (int)way));
    return file_replace(lab->bodies[way], 0600, buf_bytes(&bodies), err);
}

static int serve(struct platform_lab *lab, struct err *err)
{
    const struct http_server_options options = {.tables = platform_routes,
                                                .context = &lab->platform,
                                                .worker_open = signer_worker_open,
                                                .worker_close = signer_worker_close,
                                                .workers = PLATFORM_LAB_CONNECTIONS,
                                                .queue = QUEUE};
    int fd;

    TRY(http_listen_loopback(0, &fd, &lab->port, err));
    return http_server_start(&options, fd, &lab->server, err);
}

int platform_lab_up(struct platform_lab *lab, size_t tenants, struct err *err)
{
    char dir[] = "/tmp/jpki-bench-platform-XXXXXX";

    if (mkdtemp(dir) == NULL)
        return FAIL_ERRNO(err, "/tmp");
    TRY(path_format(&lab->dir, err, "%s", dir));
    TRY(signed_cases_new(REVOKED, &lab->cases, err));
    TRY(start_signerd(lab, err));
    TRY(open_platform(lab, err));
    TRY(add_tenants(lab, tenants, err));
    for (int way = 0; way < PLATFORM_WAYS_; way++)
        TRY(make_bodies(lab, (enum platform_way)way, err));
    return serve(lab, err);
}

void platform_lab_down(struct platform_lab *lab)
{
    const char *const argv[] = {"/bin/rm", "-rf", "--", lab->dir, NULL};
    double unused = 0;

    http_server_stopp(&lab->server);
    platform_store_closep(&lab->platform.store);
    platform_done(&lab->platform);
    process_stop(lab->signerd, STOP_MS);
    signed_cases_freep(&lab->cases);
    if (lab->dir != NULL && run_command(argv, &unused, NULL, NULL) < 0)
        (void)fprintf(stderr, "jpki-bench: %s is left over\n", lab->dir);
    free_text(&lab->dir);
    free_text(&lab->socket);
    for (int way = 0; way < PLATFORM_WAYS_; way++)
        free_text(&lab->bodies[way]);
    free_text(&lab->keys);
}

static int run_wrk(const struct platform_lab *lab, enum platform_way way, unsigned pause_ms,
                   struct buf *ret, struct err *err)
{
    CLEANUP(free_text) char *script = NULL;
    CLEANUP(free_text) char *url = NULL;
    CLEANUP(buf_done) struct buf lua = BUF_INIT;
    char pause[16];
    double unused = 0;

    TRY(buf_append(&lua, BYTES_LITERAL(wrk_script), err));
    if (pause_ms > 0)
        TRY(buf_append(&lua, BYTES_LITERAL(wrk_pauses), err));
    TRY(path_format(&script, err, "%s/load.lua", lab->dir));
    TRY(file_replace(script, 0600, buf_bytes(&lua), err));
    TRY(path_format(&url, err, "http://127.0.0.1:%u/", (unsigned)lab->port));
    (void)snprintf(pause, sizeof pause, "%u", pause_ms);
    _Static_assert(PLATFORM_LAB_CONNECTIONS == 16, "as wrk is told below");
    const char *const argv[] = {"/usr/bin/wrk", "-t1",  "-c16", "-d3s", "--latency",
                                "-s",           script, url,    "--",   lab->bodies[way],
                                lab->keys,      pause,  NULL};
    return run_command(argv, &unused, ret, err);
}

/* Time of processors up to now: of the platform, of signerd, of wrk. */
static int read_worked(const struct platform_lab *lab, double ret[3], struct err *err)
{
    ret[0] = ocsp_lab_worked_us(RUSAGE_SELF);
    ret[2] = ocsp_lab_worked_us(RUSAGE_CHILDREN);
    return processor_time_us(lab->signerd, &ret[1], err);
}

int platform_lab_load(const struct platform_lab *lab, enum platform_way way, unsigned pause_ms,
                      struct platform_load *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf said = BUF_INIT;
    struct wrk_told told;
    double before[3];
    double after[3];

    TRY(read_worked(lab, before, err));
    TRY(run_wrk(lab, way, pause_ms, &said, err));
    TRY(read_worked(lab, after, err));
    TRY(wrk_read(&said, &told, err));
    *ret = (struct platform_load){.rate = told.rate,
                                  .p99_ms = told.p99_ms,
                                  .here_us = (after[0] - before[0]) / told.count,
                                  .signing_us = (after[1] - before[1]) / told.count,
                                  .asking_us = (after[2] - before[2]) / told.count};
    return 0;
}
