/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-bench/ocsp_lab.h"

#include "base/clock.h"
#include "base/file.h"
#include "fetch/fetch.h"
#include "programs/jpki-bench/bench.h"
#include "sandbox/process.h"
#include "x509/pem.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DAYS_S = 7 * 86400, START_MS = 20000, STOP_MS = 5000, PEM_MAX = 16384 };

/* Both zones of signerd with their keys, and the authority's configuration. */
static const char make_keys[] =
    "set -e; umask 077; cd \"$1\"; mkdir -p ca/keys ocsp/keys db; uid=$(id -u)\n"
    "name='OU=OpenJPKI TEST Certification Authority,OU=OpenJPKI TEST for'\n"
    "echo 'a passphrase of a measurement' > pass\n"
    "for zone in ca ocsp; do\n"
    "  printf '[signer]\\nsocket = %s\\nkeys = %s\\npassphrase_file = %s\\n' \"$1/$zone/s.sock\""
    "    \"$1/$zone/keys\" \"$1/pass\" > $zone.conf\n"
    "done\n"
    "printf '[key sign-ca]\\nrole = ca\\nallow_uid = %s\\nsubject = %s digital signature,"
    "O=OpenJPKI TEST,C=JP\\npolicies = 1.2.392.200149.8.5.1.0.20\\n' $uid \"$name\" >> ca.conf\n"
    "printf '[key auth-ca]\\nrole = ca\\nallow_uid = %s\\nsubject = %s user authentication,"
    "O=OpenJPKI TEST,C=JP\\npolicies = 1.2.392.200149.8.5.1.3.30\\n"
    "purposes = 1.3.6.1.5.5.7.3.2\\n' $uid \"$name\" >> ca.conf\n"
    "for key in ocsp-sign ocsp-auth; do\n"
    "  printf '[key %s]\\nrole = ocsp\\nallow_uid = %s\\n' $key $uid >> ocsp.conf\n"
    "  \"$2/jpki-signerd\" keygen --config ocsp.conf $key\n"
    "done\n"
    "for key in sign-ca auth-ca; do \"$2/jpki-signerd\" keygen --config ca.conf $key; done\n"
    "printf '[authority]\\nsocket = %s\\npeers = %s\\ndatabase = %s\\nsigner = %s\\nocsp_signer = "
    "%s\\n' \"$1/a.sock\" $uid \"$1/db/a.db\" \"$1/ca/s.sock\" \"$1/ocsp/s.sock\" > a.conf\n";

static const char make_certificates[] =
    "set -e; umask 077; cd \"$1\"\n"
    "for kind in sign auth; do\n"
    "  \"$2/jpki-authorityd\" init-ca --config a.conf $kind > $kind-ca.pem\n"
    "done\n"
    "for kind in sign auth; do\n"
    "  \"$2/jpki-authorityd\" issue-ocsp --config a.conf $kind > $kind-ocsp.pem\n"
    "done\n"
    "openssl req -x509 -newkey rsa:2048 -nodes -keyout client.key -out client.pem -days 30"
    " -subj /CN=verifier 2> /dev/null\n";

int ocsp_lab_script(const struct ocsp_lab *lab, const char *script, struct err *err)
{
    CLEANUP(free_text) char *programs = NULL;
    double unused = 0;

    TRY(beside(".", &programs, err));
    const char *const argv[] = {"/bin/bash", "-c", script, "lab", lab->dir, programs, NULL};
    return run_command(argv, &unused, NULL, err);
}

static int start_signer(struct ocsp_lab *lab, const char *zone, pid_t *ret, struct err *err)
{
    CLEANUP(free_text) char *program = NULL;
    CLEANUP(free_text) char *config = NULL;
    CLEANUP(free_text) char *path = NULL;
    int64_t end = monotonic_ms() + START_MS;

    TRY(beside("jpki-signerd", &program, err));
    TRY(path_format(&config, err, "%s/%s.conf", lab->dir, zone));
    TRY(path_format(&path, err, "%s/%s/s.sock", lab->dir, zone));
    const char *const argv[] = {program, "serve", "--config", config, NULL};
    const struct process process = {
        .argv = argv, .log_path = "/dev/null", .identity = IDENTITY_OWNER};
    TRY(process_start(&process, ret, err));
    while (access(path, F_OK) < 0) {
        if (monotonic_ms() > end)
            return FAIL(err, ERR_REMOTE, "jpki-signerd does not start");
        (void)poll(NULL, 0, 10);
    }
    return 0;
}

static int load(const struct ocsp_lab *lab, const char *name, struct x509_cert **ret,
                struct err *err)
{
    CLEANUP(free_text) char *path = NULL;
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    TRY(path_format(&path, err, "%s/%s.pem", lab->dir, name));
    TRY(file_read(path, PEM_MAX, &text, err));
    return x509_cert_parse_file(buf_bytes(&text), ret, err);
}

/* ---- what is known ---- */

/* Every twentieth certificate is revoked. */
static int rewind_revoked(void *context, struct err *err)
{
    (void)err;
    *(uint32_t *)context = 0;
    return 0;
}

static int next_revoked(void *context, struct revocation *ret, struct err *err)
{
    uint32_t *count = context;

    if (*count == OCSP_LAB_REVOKED)
        return FAIL(err, ERR_ABSENT, "no further revocation");
    *ret = (struct revocation){++*count * (OCSP_LAB_ISSUED / OCSP_LAB_REVOKED), 1700000000 + *count,
                               CRL_SUPERSEDED};
    return 0;
}

static int have_client(struct ocsp_lab *lab, struct requesters *requesters, struct err *err)
{
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    CLEANUP(buf_done) struct buf pem = BUF_INIT;
    CLEANUP(buf_done) struct buf escaped = BUF_INIT;
    const char *text;

    TRY(load(lab, "client", &cert, err));
    TRY(requesters_add(requesters, x509_cert_der(cert), REQUESTER_UNCOUNTED, err));
    TRY(pem_append(&pem, "CERTIFICATE", x509_cert_der(cert), err));
    TRY(buf_text(&pem, &text, err));
    TRY(fetch_escape(&escaped, text, err));
    TRY(buf_text(&escaped, &text, err));
    return path_format(&lab->client, err, "%s", text);
}

static int know(struct ocsp_lab *lab, struct err *err)
{
    CLEANUP(ocsp_state_done)
    struct ocsp_state state = {.issued = {OCSP_LAB_ISSUED, OCSP_LAB_ISSUED},
                               .confirmed_at = clock_now(&clock_system)};
    uint32_t count = 0;
    const struct revocation_source source = {&count, rewind_revoked, next_revoked};

    TRY(requesters_new(&state.requesters, err));
    TRY(have_client(lab, state.requesters, err));
    TRY(revocation_set_new(&source, &state.revoked[OCSP_CA_SIGN], err));
    TRY(ocsp_index_init(&lab->responder.index, err));
    lab->has_index = true;
    ocsp_index_update(&lab->responder.index, &state);
    return 0;
}

/* ---- what serves ---- */

static int anybody(const struct http_call *call, struct err *err)
{
    (void)call;
    (void)err;
    return 0;
}

/* wrk cannot ask on a Unix socket, so here whoever asks is taken for the proxy. */
static const struct http_access as_proxy = {"measurement", anybody, "Served to a measurement.",
                                            false};

static struct ocsp_lab *serving; /* one at a time */

static bool quick_constant(struct http_call *call)
{
    return http_reply_bytes(&call->response, 200, "application/ocsp-response",
                            buf_bytes(&serving->constant), NULL) == 0;
}

static int handle_constant(struct http_call *call, struct err *err)
{
    return http_reply_bytes(&call->response, 200, "application/ocsp-response",
                            buf_bytes(&serving->constant), err);
}

static const struct http_answer constant_answers[] = {
    {200, "always the same", .type = "application/ocsp-response"}, {0}};
static struct route rows[] = {
    {.path = "/sign"},
    {.method = HTTP_POST,
     .path = "/constant",
     .access = &as_proxy,
     .body_type = "application/ocsp-request",
     .body_max = OCSP_REQUEST_MAX,
     .handle = handle_constant,
     .quick = quick_constant,
     .operation = "constant",
     .summary = "The same engine without a responder",
     .answers = constant_answers},
    {.path = NULL},
};

static int serve(struct ocsp_lab *lab, struct err *err)
{
    const struct http_server_options options = {.routes = rows,
                                                .context = &lab->responder,
                                                .worker_open = ocsp_worker_open,
                                                .worker_close = ocsp_worker_close,
                                                .queue = 1024};
    int fd;

    serving = lab;
    for (const struct route *row = ocsp_proxy_routes; row->path != NULL; row++) {
        if (strcmp(row->path, "/sign") == 0)
            rows[0] = *row;
    }
    rows[0].access = &as_proxy;
    TRY(http_listen_loopback(0, &fd, &lab->port, err));
    return http_server_start(&options, fd, &lab->server, err);
}

static int appoint_one(const struct ocsp_lab *lab, enum ocsp_ca kind,
                       struct ocsp_delegates *delegates, struct err *err)
{
    CLEANUP(x509_cert_freep) struct x509_cert *ca = NULL;
    CLEANUP(x509_cert_freep) struct x509_cert *certificate = NULL;
    struct ocsp_appointment appointment = {.kind = kind};
    char name[16];
    char key[16];

    (void)snprintf(name, sizeof name, "%s-ca", ocsp_ca_name(kind));
    TRY(load(lab, name, &ca, err));
    (void)snprintf(name, sizeof name, "%s-ocsp", ocsp_ca_name(kind));
    TRY(load(lab, name, &certificate, err));
    (void)snprintf(key, sizeof key, "ocsp-%s", ocsp_ca_name(kind));
    appointment.key = key;
    appointment.ca = x509_cert_der(ca);
    appointment.certificate = x509_cert_der(certificate);
    return ocsp_delegates_add(delegates, &appointment, err);
}

static int appoint(struct ocsp_lab *lab, struct err *err)
{
    CLEANUP(ocsp_delegates_releasep) struct ocsp_delegates *delegates = NULL;

    TRY(ocsp_delegates_new(&delegates, err));
    for (unsigned ca = 0; ca < OCSP_CAS_; ca++)
        TRY(appoint_one(lab, (enum ocsp_ca)ca, delegates, err));
    ocsp_index_appoint(&lab->responder.index, delegates);
    return 0;
}

int ocsp_lab_up(struct ocsp_lab *lab, size_t keep, struct err *err)
{
    char dir[] = "/tmp/jpki-bench-XXXXXX";

    if (mkdtemp(dir) == NULL)
        return FAIL_ERRNO(err, "/tmp");
    TRY(path_format(&lab->dir, err, "%s", dir));
    TRY(path_format(&lab->signer, err, "%s/ocsp/s.sock", dir));
    TRY(ocsp_lab_script(lab, make_keys, err));
    TRY(start_signer(lab, "ca", &lab->signers[0], err));
    TRY(start_signer(lab, "ocsp", &lab->signers[1], err));
    TRY(ocsp_lab_script(lab, make_certificates, err));
    lab->responder = (struct ocsp_responder){
        .clock = &clock_system, .signer = lab->signer, .valid_s = DAYS_S, .keep_s = DAYS_S};
    TRY(know(lab, err));
    TRY(appoint(lab, err));
    if (keep > 0)
        TRY(ocsp_cache_new(keep, &lab->responder.cache, err));
    return serve(lab, err);
}

void ocsp_lab_down(struct ocsp_lab *lab)
{
    const char *const argv[] = {"/bin/rm", "-rf", "--", lab->dir, NULL};
    double unused = 0;

    http_server_stopp(&lab->server);
    ocsp_cache_freep(&lab->responder.cache);
    if (lab->has_index)
        ocsp_index_done(&lab->responder.index);
    for (size_t i = 0; i < 2; i++)
        process_stop(lab->signers[i], STOP_MS);
    if (lab->dir != NULL && run_command(argv, &unused, NULL, NULL) < 0)
        (void)fprintf(stderr, "jpki-bench: %s is left over\n", lab->dir);
    free_text(&lab->dir);
    free_text(&lab->signer);
    free_text(&lab->client);
    buf_done(&lab->constant);
}
