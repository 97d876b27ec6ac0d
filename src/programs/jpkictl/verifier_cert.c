/* SPDX-License-Identifier: Apache-2.0 */
/* jpkictl verifier cert: a certificate that a verifier's requests are signed with, or no longer. */
#include "base/file.h"
#include "programs/exit.h"
#include "programs/jpkictl/authority.h"
#include "programs/jpkictl/commands.h"
#include "x509/cert.h"
#include "x509/pem.h"

struct options {
    struct authority_options authority;
    bool retire;
};

static const struct cli_option rows[] = {
    {0, "retire", CLI_FLAG, offsetof(struct options, retire), NULL,
     N_("the certificate no longer counts")},
    AUTHORITY_OPTIONS(struct options, authority),
    CLI_OPTIONS_END,
};

static int read_certificate(const char *path, struct x509_cert **ret, struct err *err)
{
    CLEANUP(buf_done) struct buf contents = BUF_INIT;

    TRY(file_read(path, X509_PEM_MAX, &contents, err));
    return err_prefix(err, x509_cert_parse_file(buf_bytes(&contents), ret, err), "%s", path);
}

static int enter(const struct options *options, const char *name, const char *path, struct err *err)
{
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *party = NULL;
    const struct authority_question question = {"/v1/parties/", name, "/certificates", body};

    TRY(read_certificate(path, &cert, err));
    TRY(json_put_base64(body, "certificate", x509_cert_der(cert), err));
    TRY(json_put_bool(body, "retire", options->retire, err));
    TRY(authority_ask_about(&options->authority, &question, &party, err));
    return party_show(&options->authority, party, err);
}

static int run(const void *parsed, int argc, char *const argv[])
{
    struct err err = {0};

    (void)argc;
    return enter(parsed, argv[0], argv[1], &err) < 0 ? fail(&err) : EXIT_CODE_DONE;
}

const struct cli_command command_verifier_cert = {
    .path = "verifier cert",
    .arguments = N_("NAME FILE"),
    .description = N_("add a certificate that a verifier's requests are signed with, or retire it"),
    .options = rows,
    .size = sizeof(struct options),
    .min_arguments = 2,
    .max_arguments = 2,
    .run = run,
};
