/* SPDX-License-Identifier: Apache-2.0 */
/* Requests in a file, and wrk that sends them one after the other, from the beginning again. */
#include "base/file.h"
#include "programs/jpki-bench/bench.h"
#include "programs/jpki-bench/ocsp_lab.h"
#include "programs/jpki-bench/wrk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Each request behind its length, two octets. */
static const char wrk_script[] =
    "local requests, at, pause = {}, 0, 0\n"
    "local function all_of(path)\n"
    "  local f = io.open(path, 'rb')\n"
    "  local text = f:read('*a')\n"
    "  f:close()\n"
    "  return text\n"
    "end\n"
    "function init(args)\n"
    "  pause = tonumber(args[4])\n"
    "  local headers = {['Content-Type'] = 'application/ocsp-request', Host = 'localhost',\n"
    "    ['" OCSP_CLIENT_FIELD "'] = all_of(args[3])}\n"
    "  local text, i = all_of(args[2]), 1\n"
    "  while i < #text do\n"
    "    local len = text:byte(i) * 256 + text:byte(i + 1)\n"
    "    requests[#requests + 1] = wrk.format('POST', args[1], headers,\n"
    "      text:sub(i + 2, i + 1 + len))\n"
    "    i = i + 2 + len\n"
    "  end\n"
    "end\n"
    "function request()\n"
    "  at = at % #requests + 1\n"
    "  return requests[at]\n"
    "end\n";

/* Appended where questions come in pauses: wrk asks for them each time. */
static const char wrk_pauses[] = "function delay()\n"
                                 "  return pause\n"
                                 "end\n";

int ocsp_lab_request(const struct ocsp_lab *lab, uint32_t serial, struct bytes nonce,
                     struct buf *ret, struct err *err)
{
    const struct ocsp_delegate *delegate = ocsp_delegates_find(lab->responder.index.delegates,
                                                               OCSP_CA_SIGN);
    const struct tbs *ca = x509_cert_tbs(delegate->ca);
    const uint8_t octets[] = {(uint8_t)(serial >> 24), (uint8_t)(serial >> 16),
                              (uint8_t)(serial >> 8), (uint8_t)serial};
    CLEANUP(buf_done) struct buf id = BUF_INIT;
    CLEANUP(buf_done) struct buf tbs = BUF_INIT;
    size_t zeros = 0;

    while (zeros < 3 && octets[zeros] == 0)
        zeros++;
    TRY(ocsp_cert_id_build(DIGEST_SHA1, ca, bytes_of(octets + zeros, 4 - zeros), &id, err));
    const struct bytes ids[] = {buf_bytes(&id)};
    const struct ocsp_question question = {.cert_ids = ids, .count = 1, .nonce = nonce};
    TRY(ocsp_request_build(&question, &tbs, err));
    return ocsp_request_assemble(buf_bytes(&tbs), (struct bytes){NULL, 0}, (struct bytes){NULL, 0},
                                 ret, err);
}

int ocsp_lab_add(struct ocsp_lab_file *file, struct bytes request, struct err *err)
{
    TRY(buf_append_byte(&file->text, (uint8_t)(request.len >> 8), err));
    TRY(buf_append_byte(&file->text, (uint8_t)request.len, err));
    return buf_append(&file->text, request, err);
}

int ocsp_lab_save(const struct ocsp_lab *lab, struct ocsp_lab_file *file, const char *name,
                  struct err *err)
{
    TRY(path_format(&file->path, err, "%s/%s", lab->dir, name));
    return file_replace(file->path, 0600, buf_bytes(&file->text), err);
}

void ocsp_lab_file_done(struct ocsp_lab_file *file)
{
    free_text(&file->path);
    buf_done(&file->text);
}

static int save_text(const struct ocsp_lab *lab, const char *name, const char *text, char **ret,
                     struct err *err)
{
    TRY(path_format(ret, err, "%s/%s", lab->dir, name));
    return file_replace(*ret, 0600, bytes_text(text), err);
}

double ocsp_lab_worked_us(int who)
{
    struct rusage used;

    if (getrusage(who, &used) < 0)
        return 0;
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e6 +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

/* Time of processors up to now. */
static int measure_worked(const struct ocsp_lab *lab, struct ocsp_lab_cost *ret, struct err *err)
{
    ret->here = ocsp_lab_worked_us(RUSAGE_SELF);
    ret->asking = ocsp_lab_worked_us(RUSAGE_CHILDREN);
    return processor_time_us(lab->signers[1], &ret->signing, err);
}

static int run_wrk(const struct ocsp_lab *lab, const struct ocsp_target *target, unsigned pause_ms,
                   struct buf *ret, struct err *err)
{
    CLEANUP(free_text) char *script = NULL;
    CLEANUP(free_text) char *client = NULL;
    CLEANUP(free_text) char *url = NULL;
    CLEANUP(buf_done) struct buf lua = BUF_INIT;
    const char *text;
    char pause[16];
    double unused = 0;

    TRY(buf_append(&lua, BYTES_LITERAL(wrk_script), err));
    if (pause_ms > 0)
        TRY(buf_append(&lua, BYTES_LITERAL(wrk_pauses), err));
    TRY(buf_text(&lua, &text, err));
    TRY(save_text(lab, "load.lua", text, &script, err));
    TRY(save_text(lab, "client.txt", lab->client, &client, err));
    TRY(path_format(&url, err, "http://127.0.0.1:%u/", (unsigned)target->port));
    (void)snprintf(pause, sizeof pause, "%u", pause_ms);
    const char *const argv[] = {"/usr/bin/wrk", "-t1",  "-c64", "-d2s", "--latency",
                                "-s",           script, url,    "--",   target->path,
                                target->file,   client, pause,  NULL};
    return run_command(argv, &unused, ret, err);
}

int ocsp_lab_load(const struct ocsp_lab *lab, const struct ocsp_target *target, unsigned pause_ms,
                  struct ocsp_lab_load *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf said = BUF_INIT;
    struct ocsp_lab_cost before;
    struct ocsp_lab_cost after;
    struct wrk_told told;

    TRY(measure_worked(lab, &before, err));
    TRY(run_wrk(lab, target, pause_ms, &said, err));
    TRY(measure_worked(lab, &after, err));
    TRY(wrk_read(&said, &told, err));
    ret->rate = told.rate;
    ret->p99_ms = told.p99_ms;
    ret->cost = (struct ocsp_lab_cost){.here = (after.here - before.here) / told.count,
                                       .signing = (after.signing - before.signing) / told.count,
                                       .asking = (after.asking - before.asking) / told.count};
    return 0;
}

unsigned ocsp_lab_half(double rate)
{
    return rate <= 0 ? 1 : 1 + (unsigned)(2 * 64 * 1000 / rate);
}

int ocsp_lab_dial(const struct ocsp_lab *lab, const struct ocsp_target *target, double *ret,
                  struct err *err)
{
    CLEANUP(free_text) char *field = NULL;
    CLEANUP(free_text) char *url = NULL;
    CLEANUP(buf_done) struct buf said = BUF_INIT;
    double unused = 0;

    TRY(path_format(&field, err, OCSP_CLIENT_FIELD ": %s", lab->client));
    TRY(path_format(&url, err, "http://127.0.0.1:%u%s", (unsigned)target->port, target->path));
    const char *const argv[] = {"/usr/bin/ab", "-q",         "-t", "2",
                                "-n",          "1000000",    "-c", "4",
                                "-p",          target->file, "-T", "application/ocsp-request",
                                "-H",          field,        url,  NULL};
    TRY(run_command(argv, &unused, &said, err));
    return wrk_read_rate(&said, "Requests per second:", ret, err);
}
