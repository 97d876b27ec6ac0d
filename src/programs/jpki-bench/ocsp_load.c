/* SPDX-License-Identifier: Apache-2.0 */
/* Requests in a file, and wrk that sends them one after the other, from the beginning again. */
#include "base/file.h"
#include "programs/jpki-bench/bench.h"
#include "programs/jpki-bench/ocsp_lab.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* Each request behind its length, two octets. */
static const char wrk_script[] =
    "local requests, at = {}, 0\n"
    "local function all_of(path)\n"
    "  local f = io.open(path, 'rb')\n"
    "  local text = f:read('*a')\n"
    "  f:close()\n"
    "  return text\n"
    "end\n"
    "function init(args)\n"
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

/* The number behind a label, of a program that tells nothing of refusals. */
static int read_rate(struct buf *said, const char *label, double *ret, struct err *err)
{
    const char *text;
    const char *rate;

    TRY(buf_text(said, &text, err));
    rate = strstr(text, label);
    if (rate == NULL || strstr(text, "Non-2xx") != NULL)
        return FAIL(err, ERR_REMOTE, "it was not answered: %.200s", text);
    *ret = strtod(rate + strlen(label), NULL);
    return *ret > 0 ? 0 : FAIL(err, ERR_REMOTE, "there was no answer");
}

double ocsp_lab_worked_us(bool is_thread_alone)
{
    struct rusage used;

    if (getrusage(is_thread_alone ? RUSAGE_THREAD : RUSAGE_SELF, &used) < 0)
        return 0;
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e6 +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

/* "  123456 requests in 2.01s" */
static int read_count(struct buf *said, double *ret, struct err *err)
{
    const char *text;
    const char *end;

    TRY(buf_text(said, &text, err));
    end = strstr(text, " requests in ");
    while (end != NULL && end > text && end[-1] >= '0' && end[-1] <= '9')
        end--;
    *ret = end == NULL ? 0 : strtod(end, NULL);
    return *ret > 0 ? 0 : FAIL(err, ERR_REMOTE, "wrk does not say how many requests there were");
}

int ocsp_lab_load(const struct ocsp_lab *lab, const struct ocsp_target *target, double *ret,
                  double *ret_worked_us, struct err *err)
{
    CLEANUP(free_text) char *script = NULL;
    CLEANUP(free_text) char *client = NULL;
    CLEANUP(free_text) char *url = NULL;
    CLEANUP(buf_done) struct buf said = BUF_INIT;
    double unused = 0;
    double worked_us;
    double count;

    TRY(save_text(lab, "load.lua", wrk_script, &script, err));
    TRY(save_text(lab, "client.txt", lab->client, &client, err));
    TRY(path_format(&url, err, "http://127.0.0.1:%u/", (unsigned)target->port));
    const char *const argv[] = {"/usr/bin/wrk", "-t1",        "-c64", "-d2s",
                                "-s",           script,       url,    "--",
                                target->path,   target->file, client, NULL};
    worked_us = ocsp_lab_worked_us(false);
    TRY(run_command(argv, &unused, &said, err));
    worked_us = ocsp_lab_worked_us(false) - worked_us;
    TRY(read_rate(&said, "Requests/sec:", ret, err));
    TRY(read_count(&said, &count, err));
    if (ret_worked_us != NULL)
        *ret_worked_us = worked_us / count;
    return 0;
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
    return read_rate(&said, "Requests per second:", ret, err);
}
