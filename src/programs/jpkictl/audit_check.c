/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jpkictl audit check: a record and its proof, as audit prove printed them or a person saved them
 * from the portal's page, without the daemon.
 */
#include "programs/jpkictl/commands.h"

#include "audit/follow.h"
#include "base/file.h"
#include "base/i18n.h"
#include "crypto/mac.h"
#include "programs/exit.h"
#include "programs/jpkictl/log.h"
#include "programs/jpkictl/saved.h"
#include "programs/jpkictl/seen.h"
#include "programs/output.h"

#include <stdio.h>

enum { PROOF_FILE_MAX = 64 * 1024 };

struct options {
    struct seen_options seen;
    const char *root, *about;
    bool json;
};

/* A file that was looked at. */
struct checked {
    struct seen_proof proof;
    struct saved saved; /* empty unless a person has saved it */
};

static void checked_done(struct checked *checked)
{
    saved_done(&checked->saved);
}

static const struct cli_option rows[] = {
    {'r', "root", CLI_TEXT, offsetof(struct options, root), N_("HASH"),
     N_("the root that the log had with as many records, from somebody you trust")},
    {0, "about", CLI_TEXT, offsetof(struct options, about), N_("ID"),
     N_("what the record has to be about: the proof must have its salt")},
    SEEN_KEY_OPTIONS(offsetof(struct options, seen)),
    {'j', "json", CLI_FLAG, offsetof(struct options, json), NULL, N_("print JSON")},
    CLI_OPTIONS_END,
};

static int get_hash(const struct json *json, const char *key, struct merkle_hash *ret,
                    struct err *err)
{
    const char *text;

    TRY(json_get_text(json, key, &text, err));
    return audit_hash_parse(text, ret, err);
}

/* The record commits to that identifier (audit/opening.h). */
static int check_about(const struct json *proof, const char *about, struct err *err)
{
    const struct json *record;
    struct merkle_hash salt;
    struct merkle_hash commitment;
    struct digest opened;
    const char *subject;

    if (about == NULL)
        return 0;
    TRY(json_get_object(proof, "record", &record, err));
    TRY(json_get_text(record, "subject", &subject, err));
    TRY(get_hash(record, "commitment", &commitment, err));
    TRY(get_hash(proof, "salt", &salt, err));
    const struct bytes pieces[] = {bytes_text(subject), bytes_text(about), {NULL, 0}};

    TRY(mac_salted(BYTES_ARRAY(salt.value), pieces, &opened, err));
    if (!bytes_equal(digest_bytes(&opened), BYTES_ARRAY(commitment.value)))
        return FAIL(err, ERR_UNTRUSTED, "the record is about another %s", subject);
    return 0;
}

/* What was saved says itself what its record is about. */
static int judge(const struct options *options, const struct seen_keys *keys,
                 const struct json *file, struct checked *ret, struct err *err)
{
    const struct json *proof = file;
    const char *about = options->about;

    if (saved_is(file)) {
        if (about != NULL)
            return FAIL(err, ERR_USAGE, "--about is for what audit prove or a platform has told");
        TRY(saved_open(file, &ret->saved, err));
        proof = ret->saved.proof;
        about = ret->saved.text;
    }
    TRY(seen_proof_check(keys, proof, &ret->proof, err));
    return check_about(proof, about, err);
}

static int read_proof(const struct options *options, const char *path, struct checked *ret,
                      struct err *err)
{
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    CLEANUP(json_freep) struct json *json = NULL;
    struct seen_keys keys;

    TRY(seen_load(&options->seen, &keys, err));
    TRY(file_read(path, PROOF_FILE_MAX, &file, err));
    TRY(err_prefix(err, json_parse(buf_bytes(&file), &json, err), "%s", path));
    return err_prefix(err, judge(options, &keys, json, ret, err), "%s", path);
}

static int compare(const char *expected, const struct merkle_hash *root, struct err *err)
{
    struct merkle_hash known;
    int rc;

    if (expected == NULL)
        return 0;
    rc = audit_hash_parse(expected, &known, err);
    if (rc == -ERR_INPUT)
        return FAIL(err, ERR_USAGE, "--root has %d hexadecimal digits", 2 * MERKLE_HASH_SIZE);
    TRY(rc);
    if (!bytes_equal(BYTES_ARRAY(known.value), BYTES_ARRAY(root->value)))
        return FAIL(err, ERR_UNTRUSTED, "the proof is about a log with another root");
    return 0;
}

static int show_json(const struct options *options, const struct checked *checked, const char *root,
                     struct err *err)
{
    const struct seen_proof *proof = &checked->proof;
    CLEANUP(json_freep) struct json *body = json_object_new();

    TRY(json_put_int(body, "size", proof->size, err));
    TRY(json_put_text(body, "root", root, err));
    TRY(json_put_bool(body, "root_compared", options->root != NULL, err));
    if (options->about != NULL)
        TRY(json_put_text(body, "about", options->about, err));
    if (checked->saved.text != NULL)
        TRY(json_put_text(body, "text", checked->saved.text, err));
    if (options->seen.origin_key != NULL)
        TRY(seen_put(&proof->seen, body, err));
    return output_json(body, err);
}

static int print_saved(const char *text, struct err *err)
{
    CLEANUP(buf_done) struct buf lines = BUF_INIT;
    const char *told;

    TRY(saved_describe(text, &lines, err));
    TRY(buf_text(&lines, &told, err));
    printf("%s", told);
    return 0;
}

static int show(const struct options *options, const struct checked *checked, struct err *err)
{
    const struct seen_proof *proof = &checked->proof;
    CLEANUP(buf_done) struct buf hex = BUF_INIT;
    const char *text;

    TRY(log_root_text(&proof->root, &hex, err));
    TRY(buf_text(&hex, &text, err));
    if (options->json)
        return show_json(options, checked, text, err);
    printf(tr("the record is in the log of %lld records with root %s\n"), (long long)proof->size,
           text);
    if (options->about != NULL)
        printf(tr("it is about %s\n"), options->about);
    if (checked->saved.text != NULL)
        TRY(print_saved(checked->saved.text, err));
    if (options->seen.origin_key != NULL)
        seen_print(&proof->seen);
    else if (options->root == NULL)
        printf(tr("compare that root with one that you have from elsewhere: --root\n"));
    return 0;
}

static int check(const struct options *options, const char *path, struct err *err)
{
    CLEANUP(checked_done) struct checked checked = {.saved = {.proof = NULL}};

    TRY(read_proof(options, path, &checked, err));
    TRY(compare(options->root, &checked.proof.root, err));
    return show(options, &checked, err);
}

int audit_check_file(const struct seen_options *seen, bool json, const char *path, struct err *err)
{
    const struct options options = {.seen = *seen, .json = json};

    return check(&options, path, err);
}

static int run(const void *parsed, int argc, char *const argv[])
{
    struct err err = {0};

    (void)argc;
    return check(parsed, argv[0], &err) < 0 ? fail(&err) : EXIT_CODE_DONE;
}

const struct cli_command command_audit_check = {
    .path = "audit check",
    .arguments = N_("FILE"),
    .description = N_("see whether a record is in an audit log, by the proof that was given"),
    .options = rows,
    .size = sizeof(struct options),
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
