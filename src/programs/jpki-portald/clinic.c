/* SPDX-License-Identifier: Apache-2.0 */
/* Clinics that look up health insurance, and the keys of their terminals and people: clinic ... */
#include "portal/eligibility/clinic.h"
#include "base/file.h"
#include "base/i18n.h"
#include "programs/jpki-portald/commands.h"
#include "programs/jpki-portald/operate.h"
#include "programs/output.h"
#include "x509/cert.h"

#include <stdio.h>

static const struct cli_option list_options[] = {
    OPERATE_CONFIG,
    {'j', "json", CLI_FLAG, offsetof(struct operate, json), NULL, N_("print JSON")},
    CLI_OPTIONS_END,
};

static int add(const struct operate *options, struct db *db, char *const argv[],
               const struct audit_origin *by, struct err *err)
{
    const struct clinic clinic = {argv[0], argv[1], argv[2]};

    (void)options;
    return clinic_add(db, &clinic, by, err);
}

static int add_key(const struct operate *options, struct db *db, char *const argv[],
                   const struct audit_origin *by, struct err *err)
{
    const struct clinic_key_inputs inputs = {argv[0], argv[1], argv[2]};
    char key[CLINIC_KEY_SIZE];

    (void)options;
    TRY(clinic_key_add(db, &inputs, by, key, err));
    (void)puts(key);
    return 0;
}

static int revoke_key(const struct operate *options, struct db *db, char *const argv[],
                      const struct audit_origin *by, struct err *err)
{
    (void)options;
    return clinic_key_revoke(db, argv[0], argv[1], by, err);
}

enum { CERTIFICATE_MAX = 64 * 1024 };

static int bind_key(const struct operate *options, struct db *db, char *const argv[],
                    const struct audit_origin *by, struct err *err)
{
    CLEANUP(x509_cert_freep) struct x509_cert *certificate = NULL;
    CLEANUP(buf_done) struct buf contents = BUF_INIT;
    struct digest digest;
    const struct clinic_binding binding = {argv[0], argv[1], &digest};
    int rc = file_read(argv[2], CERTIFICATE_MAX, &contents, err);

    (void)options;
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_INPUT, "%s: no such file", argv[2]);
    TRY(rc);
    TRY(err_prefix(err, x509_cert_parse_file(buf_bytes(&contents), &certificate, err), "%s",
                   argv[2]));
    TRY(digest_compute(DIGEST_SHA256, x509_cert_der(certificate), &digest, err));
    return clinic_key_bind(db, &binding, by, err);
}

static int print_keys(const struct json *clinic, struct err *err)
{
    const struct json *keys;

    TRY(json_get_array(clinic, "keys", &keys, err));
    for (size_t i = 0; i < json_count(keys); i++) {
        const char *id, *name, *role;

        TRY(json_get_text(json_at(keys, i), "id", &id, err));
        TRY(json_get_text(json_at(keys, i), "role", &role, err));
        TRY(json_get_text(json_at(keys, i), "name", &name, err));
        (void)printf("    %s  %s  %s\n", id, role, name);
    }
    return 0;
}

static int print_clinics(const struct json *clinics, struct err *err)
{
    for (size_t i = 0; i < json_count(clinics); i++) {
        const char *id, *name, *name_en;

        TRY(json_get_text(json_at(clinics, i), "id", &id, err));
        TRY(json_get_text(json_at(clinics, i), "name", &name, err));
        TRY(json_get_text(json_at(clinics, i), "name_en", &name_en, err));
        (void)printf("%s  %s (%s)\n", id, name, name_en);
        TRY(print_keys(json_at(clinics, i), err));
    }
    return 0;
}

static int list(const struct operate *options, struct db *db, char *const argv[],
                const struct audit_origin *by, struct err *err)
{
    CLEANUP(json_freep) struct json *clinics = NULL;
    CLEANUP(json_freep) struct json *body = NULL;

    (void)argv;
    (void)by;
    TRY(clinic_list(db, &clinics, err));
    if (!options->json)
        return print_clinics(clinics, err);
    body = json_object_new();
    TRY(json_put(body, "clinics", json_steal(&clinics), err));
    return output_json(body, err);
}

static int add_run(const void *options, int argc, char *const argv[])
{
    (void)argc;
    return operate(options, add, argv);
}

static int key_run(const void *options, int argc, char *const argv[])
{
    (void)argc;
    return operate(options, add_key, argv);
}

static int bind_run(const void *options, int argc, char *const argv[])
{
    (void)argc;
    return operate(options, bind_key, argv);
}

static int list_run(const void *options, int argc, char *const argv[])
{
    (void)argc;
    return operate(options, list, argv);
}

static int revoke_run(const void *options, int argc, char *const argv[])
{
    (void)argc;
    return operate(options, revoke_key, argv);
}

const struct cli_command clinic_add_command = {
    "clinic add",
    "NUMBER NAME ENGLISH-NAME",
    N_("let a clinic look up who is insured"),
    operate_options,
    sizeof(struct operate),
    3,
    3,
    add_run,
};

const struct cli_command clinic_key_command = {
    "clinic key",
    "NUMBER ROLE NAME",
    N_("make a key for a clinic's terminal or operator and print it, once"),
    operate_options,
    sizeof(struct operate),
    3,
    3,
    key_run,
};

const struct cli_command clinic_bind_command = {
    "clinic bind",
    "NUMBER KEY CERTIFICATE",
    N_("have a terminal's key count only with this TLS certificate"),
    operate_options,
    sizeof(struct operate),
    3,
    3,
    bind_run,
};

const struct cli_command clinic_list_command = {
    "clinic list",
    "",
    N_("list clinics and their keys"),
    list_options,
    sizeof(struct operate),
    0,
    0,
    list_run,
};

const struct cli_command clinic_revoke_command = {
    "clinic revoke",
    "NUMBER KEY",
    N_("have a clinic's key be nobody's from now on"),
    operate_options,
    sizeof(struct operate),
    2,
    2,
    revoke_run,
};
