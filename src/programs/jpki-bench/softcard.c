/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-bench/softcard.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/sock.h"
#include "fetch/fetch.h"
#include "programs/jpki-bench/bench.h"
#include "sandbox/process.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

enum { READY_MS = 30000, LOOK_MS = 10, STOP_MS = 5000, ANSWER_MAX = 300, FILE_MAX = 8192 };

#define SUBJECT                                                                                    \
    "/C=JP/O=OpenJPKI TEST/OU=OpenJPKI TEST for user authentication/OU=OpenJPKI TEST "             \
    "Certification Authority"

static const char extensions[] = "keyUsage=critical,digitalSignature\n"
                                 "authorityKeyIdentifier=keyid\nsubjectKeyIdentifier=hash\n";

static int wait_ready(const struct softcard *softcard, struct err *err)
{
    int64_t until_ms = monotonic_ms() + READY_MS;

    for (;;) {
        CLEANUP(fd_done) int fd = -1;

        if (sock_connect(softcard->control, &fd, NULL) == 0)
            return 0;
        if (monotonic_ms() > until_ms)
            return FAIL(err, ERR_REMOTE, "the card is not served");
        (void)poll(NULL, 0, LOOK_MS);
    }
}

int softcard_up(struct softcard *softcard, struct err *err)
{
    CLEANUP(free_text) char *program = NULL;
    CLEANUP(free_text) char *log = NULL;
    char dir[] = "/tmp/jpki-bench-card-XXXXXX";
    double unused;

    TRY(beside("jpki-softcard", &program, err));
    if (mkdtemp(dir) == NULL)
        return FAIL_ERRNO(err, "/tmp");
    TRY(path_format(&softcard->dir, err, "%s", dir));
    TRY(path_format(&softcard->card, err, "%s/card", dir));
    TRY(path_format(&softcard->direct, err, "%s/direct", dir));
    TRY(path_format(&softcard->control, err, "%s/control", dir));
    TRY(path_format(&log, err, "%s/log", dir));
    const char *const make[] = {program, "make", "-o", softcard->card, NULL};
    TRY(run_command(make, &unused, NULL, err));
    const char *const argv[] = {program,          "serve",     softcard->card,    "--direct",
                                softcard->direct, "--control", softcard->control, NULL};
    const struct process process = {.argv = argv, .log_path = log, .identity = IDENTITY_OWNER};
    TRY(process_start(&process, &softcard->pid, err));
    return wait_ready(softcard, err);
}

void softcard_down(struct softcard *softcard)
{
    const char *const argv[] = {"/bin/rm", "-rf", "--", softcard->dir, NULL};
    double unused = 0;

    process_stop(softcard->pid, STOP_MS);
    softcard->pid = 0;
    if (softcard->dir != NULL && run_command(argv, &unused, NULL, NULL) < 0)
        (void)fprintf(stderr, "jpki-bench: %s is left over\n", softcard->dir);
    free_text(&softcard->dir);
    free_text(&softcard->card);
    free_text(&softcard->direct);
    free_text(&softcard->control);
}

static int ask(const struct softcard *softcard, const char *url, const struct json *body,
               struct fetch_response *ret, struct err *err)
{
    const struct fetch_request request = {.socket = softcard->control, .url = url, .body = body};

    return fetch(&request, ret, err);
}

/* The request for a certificate, in a file. */
static int write_request(const struct softcard *softcard, const char *path, struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response made = FETCH_RESPONSE_INIT;
    CLEANUP(fetch_response_done) struct fetch_response asked = FETCH_RESPONSE_INIT;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(buf_done) struct buf request = BUF_INIT;

    TRY(json_put_text(body, "key", "auth", err));
    TRY(ask(softcard, "/v1/keys", body, &made, err));
    TRY(ask(softcard, "/v1/requests", body, &asked, err));
    TRY(json_get_base64(asked.json, "request", &request, err));
    return file_replace(path, 0600, buf_bytes(&request), err);
}

struct ca_files {
    char *key, *certificate, *request, *extensions;
};

static void ca_files_done(struct ca_files *files)
{
    free_text(&files->key);
    free_text(&files->certificate);
    free_text(&files->request);
    free_text(&files->extensions);
}

static int name_files(const char *dir, struct ca_files *ret, struct err *err)
{
    TRY(path_format(&ret->key, err, "%s/ca.key", dir));
    TRY(path_format(&ret->certificate, err, "%s/ca.pem", dir));
    TRY(path_format(&ret->request, err, "%s/request", dir));
    return path_format(&ret->extensions, err, "%s/extensions", dir);
}

/* clang-format off: an option and its value share a line */
static int make_ca(const struct ca_files *files, struct buf *ret_der, struct err *err)
{
    const char *const make[] = {"/usr/bin/openssl",
                                "req",
                                "-x509",
                                "-newkey",
                                "rsa:2048",
                                "-nodes",
                                "-sha256",
                                "-days",
                                "30",
                                "-keyout",
                                files->key,
                                "-out",
                                files->certificate,
                                "-subj",
                                SUBJECT,
                                "-addext",
                                "keyUsage=critical,keyCertSign,cRLSign",
                                NULL};
    const char *const give[] = {"/usr/bin/openssl", "x509", "-in", files->certificate,
                                "-outform",         "DER",  NULL};
    double unused;

    TRY(run_command(make, &unused, NULL, err));
    return run_command(give, &unused, ret_der, err);
}

static int answer_request(const struct ca_files *files, struct buf *ret_der, struct err *err)
{
    const char *const certify[] = {"/usr/bin/openssl",
                                   "x509",
                                   "-req",
                                   "-days",
                                   "30",
                                   "-set_serial",
                                   "2",
                                   "-in",
                                   files->request,
                                   "-inform",
                                   "DER",
                                   "-CA",
                                   files->certificate,
                                   "-CAkey",
                                   files->key,
                                   "-extfile",
                                   files->extensions,
                                   "-outform",
                                   "DER",
                                   NULL};
    double unused;

    return run_command(certify, &unused, ret_der, err);
}
/* clang-format on */

/* A CA of openssl's, and its certificate for the request. */
static int certify(const struct softcard *softcard, struct buf *ret_ca, struct buf *ret_cert,
                   struct err *err)
{
    CLEANUP(ca_files_done) struct ca_files files = {NULL, NULL, NULL, NULL};

    TRY(name_files(softcard->dir, &files, err));
    TRY(write_request(softcard, files.request, err));
    TRY(file_replace(files.extensions, 0600, bytes_text(extensions), err));
    TRY(make_ca(&files, ret_ca, err));
    return answer_request(&files, ret_cert, err);
}

int softcard_personalise(const struct softcard *softcard, struct err *err)
{
    CLEANUP(buf_done) struct buf ca = BUF_INIT;
    CLEANUP(buf_done) struct buf cert = BUF_INIT;
    CLEANUP(json_freep) struct json *certificates = json_object_new();
    CLEANUP(json_freep) struct json *pins = json_object_new();
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(fetch_response_done) struct fetch_response done = FETCH_RESPONSE_INIT;

    TRY(certify(softcard, &ca, &cert, err));
    TRY(json_put_base64(certificates, "auth", buf_bytes(&cert), err));
    TRY(json_put_base64(certificates, "auth_ca", buf_bytes(&ca), err));
    TRY(json_put_base64(certificates, "sign_ca", buf_bytes(&ca), err));
    TRY(json_put_text(pins, "auth", "1234", err));
    TRY(json_put(body, "certificates", json_steal(&certificates), err));
    TRY(json_put(body, "pins", json_steal(&pins), err));
    return ask(softcard, "/v1/personalisation", body, &done, err);
}

int softcard_exchange(int fd, struct bytes command, size_t answer_len, size_t count, double *ret_us,
                      struct err *err)
{
    const uint8_t head[] = {(uint8_t)(command.len >> 8), (uint8_t)command.len};
    CLEANUP(buf_done) struct buf frame = BUF_INIT;
    uint8_t answer[ANSWER_MAX];
    int64_t started;

    if (answer_len > sizeof answer)
        return FAIL(err, ERR_USAGE, "an answer of %zu bytes is too long", answer_len);
    TRY(buf_append(&frame, BYTES_ARRAY(head), err));
    TRY(buf_append(&frame, command, err));
    started = monotonic_us();
    for (size_t i = 0; i < count; i++) {
        TRY(sock_write_all(fd, buf_bytes(&frame), err));
        TRY(sock_read_exact(fd, answer, answer_len, err));
    }
    *ret_us = (double)(monotonic_us() - started) / (double)count;
    return 0;
}
