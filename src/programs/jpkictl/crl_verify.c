/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jpkictl crl verify: whether a list of revocations is a CA's, holds now, and is written as it must
 * be. One sentence for each thing that is wrong.
 */
#include "programs/jpkictl/commands.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/i18n.h"
#include "programs/exit.h"
#include "programs/jpkictl/crl_view.h"
#include "programs/output.h"
#include "x509/cert.h"

#include <stdio.h>

enum { FINDINGS_MAX = 8 };

struct options {
    const char *ca, *socket;
    bool json;
};

static const struct cli_option rows[] = {
    {0, "ca", CLI_TEXT, offsetof(struct options, ca), N_("FILE"),
     N_("the certificate of the CA, DER or PEM")},
    {'s', "socket", CLI_TEXT, offsetof(struct options, socket), N_("FILE"),
     N_("the Unix socket of jpki-authorityd: verify its published list of that name")},
    {'j', "json", CLI_FLAG, offsetof(struct options, json), NULL, N_("print JSON")},
    CLI_OPTIONS_END,
};

/* What is wrong, as names for programs and sentences for people (msgids). */
struct verdict {
    const char *names[FINDINGS_MAX], *sentences[FINDINGS_MAX];
    size_t count;
    struct crl_survey survey;
};

static void find(struct verdict *verdict, bool is_wrong, const char *name, const char *sentence)
{
    if (!is_wrong || verdict->count == FINDINGS_MAX)
        return;
    verdict->names[verdict->count] = name;
    verdict->sentences[verdict->count++] = sentence;
}

static int judge(const struct crl *crl, const struct x509_cert *ca, struct verdict *ret,
                 struct err *err)
{
    const struct tbs *tbs = x509_cert_tbs(ca);
    int64_t now = clock_now(&clock_system);
    int rc = crl_verify(crl, x509_cert_pubkey(ca), err);

    if (rc < 0 && rc != -ERR_UNTRUSTED)
        return rc;
    find(ret, rc < 0, "signature", N_("the signature is not by the key of this CA"));
    find(ret, !bytes_equal(crl->issuer, tbs->subject), "issuer", N_("the issuer is another"));
    find(ret, !bytes_equal(crl->authority_key_id, tbs->subject_key_id), "key",
         N_("the list names another key of the CA"));
    find(ret, (tbs->key_usage & KEY_USAGE_CRL_SIGN) == 0, "key-usage",
         N_("this CA may not sign lists"));
    find(ret, crl->this_update > now, "future", N_("the list is from the future"));
    find(ret, crl->next_update < now, "expired", N_("the list no longer counts"));
    rc = crl_look_over(crl, &ret->survey, err);
    if (rc < 0 && rc != -ERR_INPUT)
        return rc;
    find(ret, rc < 0, "entries", N_("the entries are malformed, do not ascend, or look ahead"));
    return 0;
}

static int print_json(const struct crl *crl, const struct verdict *verdict, struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();
    CLEANUP(json_freep) struct json *findings = json_array_new();

    TRY(json_put_bool(object, "valid", verdict->count == 0, err));
    for (size_t i = 0; i < verdict->count; i++)
        TRY(json_add_text(findings, verdict->names[i], err));
    TRY(json_put(object, "findings", json_steal(&findings), err));
    TRY(put_crl_head(object, crl, err));
    TRY(json_put_int(object, "entries", (int64_t)verdict->survey.count, err));
    return output_json(object, err);
}

static void print_text(const struct verdict *verdict)
{
    if (verdict->count == 0)
        printf(tr("valid, %zu revoked\n"), verdict->survey.count);
    for (size_t i = 0; i < verdict->count; i++)
        printf(tr("invalid: %s\n"), tr(verdict->sentences[i]));
}

static int read_ca(const char *path, struct x509_cert **ret, struct err *err)
{
    CLEANUP(buf_done) struct buf file = BUF_INIT;

    if (path == NULL)
        return FAIL(err, ERR_USAGE, "--ca FILE is missing");
    TRY(file_read(path, X509_PEM_MAX, &file, err));
    return err_prefix(err, x509_cert_parse_file(buf_bytes(&file), ret, err), "%s", path);
}

static int verify(const struct options *options, const char *name, bool *ret_is_valid,
                  struct err *err)
{
    CLEANUP(crl_source_done) struct crl_source source = CRL_SOURCE_INIT;
    CLEANUP(x509_cert_freep) struct x509_cert *ca = NULL;
    struct verdict verdict = {.count = 0};

    TRY(read_ca(options->ca, &ca, err));
    TRY(crl_source_open(name, options->socket, &source, err));
    crl_source_read_through(&source);
    TRY(judge(&source.crl, ca, &verdict, err));
    if (options->json)
        TRY(print_json(&source.crl, &verdict, err));
    else
        print_text(&verdict);
    *ret_is_valid = verdict.count == 0;
    return 0;
}

static int run(const void *parsed, int argc, char *const argv[])
{
    struct err err = {0};
    bool is_valid;

    (void)argc;
    if (verify(parsed, argv[0], &is_valid, &err) < 0)
        return fail(&err);
    return is_valid ? EXIT_CODE_DONE : EXIT_CODE_INVALID;
}

const struct cli_command command_crl_verify = {
    .path = "crl verify",
    .arguments = N_("FILE|NAME"),
    .description = N_("verify a list of revocations: signature, dates, entries"),
    .options = rows,
    .size = sizeof(struct options),
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
