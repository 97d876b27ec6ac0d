/* SPDX-License-Identifier: Apache-2.0 */
/* Clinics that look up health insurance, and the keys of their terminals and people: clinic ... */
#include "portal/eligibility/clinic.h"
#include "base/file.h"
#include "base/i18n.h"
#include "programs/jpki-portald/commands.h"
#include "programs/jpki-portald/operate.h"
#include "x509/cert.h"

#include <stdio.h>

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

static int print(const struct json *clinic, struct err *err)
{
    const char *id, *name, *name_en;

    TRY(json_get_text(clinic, "id", &id, err));
    TRY(json_get_text(clinic, "name", &name, err));
    TRY(json_get_text(clinic, "name_en", &name_en, err));
    (void)printf("%s  %s (%s)\n", id, name, name_en);
    return print_keys(clinic, err);
}

static const struct operate_list clinics = {.key = "clinics", .read = clinic_list, .print = print};

const struct cli_command clinic_add_command = OPERATE_ROW("clinic add", "NUMBER NAME ENGLISH-NAME",
                                                          N_("let a clinic look up who is insured"),
                                                          operate_options, 3, 3, .act = add);

const struct cli_command clinic_key_command = OPERATE_ROW(
    "clinic key", "NUMBER ROLE NAME",
    N_("make a key for a clinic's terminal or operator and print it, once"), operate_options, 3, 3,
    .act = add_key);

const struct cli_command clinic_bind_command = OPERATE_ROW(
    "clinic bind", "NUMBER KEY CERTIFICATE",
    N_("have a terminal's key count only with this TLS certificate"), operate_options, 3, 3,
    .act = bind_key);

const struct cli_command clinic_list_command = OPERATE_ROW(
    "clinic list", "", N_("list clinics and their keys"), operate_list_options, 0, 0,
    .list = &clinics);

const struct cli_command clinic_revoke_command = OPERATE_ROW(
    "clinic revoke", "NUMBER KEY", N_("have a clinic's key be nobody's from now on"),
    operate_options, 2, 2, .act = revoke_key);
