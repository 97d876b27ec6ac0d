/* SPDX-License-Identifier: Apache-2.0 */
/* What each kind of step does. */
#include "authority/authority.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/hex.h"
#include "base/i18n.h"
#include "programs/jpkictl/key/ask.h"
#include "programs/jpkictl/key/held.h"
#include "programs/jpkictl/key/signer.h"
#include "programs/terminal.h"

#include <stdio.h>
#include <strings.h>
#include <unistd.h>

enum { FINGERPRINT_FILE_MAX = 1 << 28, SENTENCE_MAX = 512 };

int put_sha256(struct json *object, const char *key, struct bytes data, struct err *err)
{
    CLEANUP(buf_done) struct buf hex = BUF_INIT;
    struct digest digest;

    TRY(digest_compute(DIGEST_SHA256, data, &digest, err));
    TRY(hex_append(&hex, digest_bytes(&digest), err));
    return json_put_bytes(object, key, buf_bytes(&hex), err);
}

/* Said aloud and shown; the transcript has it besides. */
static void show(const char *key, const struct json *facts)
{
    const char *text;

    if (json_get_text(facts, key, &text, NULL) == 0)
        (void)fprintf(stderr, "  %s: %s\n", key, text);
}

static int step_present(struct held *held, const struct script_step *step, struct json *facts,
                        struct err *err)
{
    char question[SENTENCE_MAX];

    (void)held;
    (void)snprintf(question, sizeof question, tr("are you here as %s?"), step->role);
    TRY(ask_yes(step->who, question, err));
    return json_put_text(facts, "role", step->role, err);
}

static int step_confirm(struct held *held, const struct script_step *step, struct json *facts,
                        struct err *err)
{
    CLEANUP(buf_done) struct buf line = BUF_INIT;
    char prompt[SENTENCE_MAX];
    const char *text;

    (void)held;
    TRY(json_put_text(facts, "say", step->say, err));
    if (step->expect == NULL)
        return ask_yes(step->who, step->say, err);
    (void)snprintf(prompt, sizeof prompt, "%s: %s", step->who, step->say);
    TRY(terminal_line(prompt, &line, err));
    TRY(buf_text(&line, &text, err));
    TRY(json_put_text(facts, "typed", text, err));
    if (strcmp(text, step->expect) != 0)
        return FAIL(err, ERR_UNTRUSTED, "%s typed '%s' where the script expects '%s'", step->who,
                    text, step->expect);
    return 0;
}

static int step_fingerprint(struct held *held, const struct script_step *step, struct json *facts,
                            struct err *err)
{
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    const char *found;

    (void)held;
    TRY(file_read(step->file, FINGERPRINT_FILE_MAX, &file, err));
    TRY(json_put_text(facts, "file", step->file, err));
    TRY(put_sha256(facts, "sha256", buf_bytes(&file), err));
    show("sha256", facts);
    TRY(json_get_text(facts, "sha256", &found, err));
    if (step->expect != NULL && strcasecmp(step->expect, found) != 0)
        return FAIL(err, ERR_UNTRUSTED, "%s has another fingerprint than the script expects",
                    step->file);
    return 0;
}

static int step_split(struct held *held, const struct script_step *step, struct json *facts,
                      struct err *err)
{
    CLEANUP(secret_done) struct secret secret = SECRET_INIT;
    const struct quorum_plan plan = {(unsigned)held->script->needed, (unsigned)held->script->shares,
                                     held->site->root != NULL};
    char set[QUORUM_SET_TEXT_SIZE];

    (void)step;
    if (held->from.len == 0 && site_has_keys(held->site))
        return FAIL(err, ERR_CONFLICT, "there are keys already; they are opened by a step restore");
    TRY(quorum_secret(&secret, err));
    TRY(quorum_split(&secret, &plan, &held->quorum, held->shares, err));
    held->given = 0;
    quorum_set_text(held->quorum.set, set);
    TRY(json_put_text(facts, "set", set, err));
    TRY(json_put_int(facts, "needed", held->script->needed, err));
    show("set", facts);
    return json_put_int(facts, "shares", held->script->shares, err);
}

static int print_paper(const struct secret *whole, const struct share *share, struct err *err)
{
    char set[QUORUM_SET_TEXT_SIZE];
    char line[SHARE_LINE_SIZE];

    quorum_set_text(share->set, set);
    (void)fprintf(stderr, tr("For paper: share %u of %u, %u are needed, set %s\n"), share->number,
                  share->total, share->needed, set);
    if (share->is_rehearsal)
        (void)fprintf(stderr, "%s\n", tr("TEST: a rehearsal; this share opens nothing."));
    for (unsigned i = 0; i < SHARE_LINES; i++) {
        TRY(share_line(secret_bytes(whole), i, line, err));
        (void)fprintf(stderr, "  %u  %s\n", i + 1, line);
    }
    wipe(line, sizeof line);
    return 0;
}

/* Written, and read again with the passphrase typed once more: what leaves the room can be used. */
static int write_share(const struct share *share, const char *who, const char *path,
                       struct json *facts, struct err *err)
{
    CLEANUP(secret_done) struct secret whole = SECRET_INIT;
    CLEANUP(secret_done) struct secret again = SECRET_INIT;
    CLEANUP(secret_done) struct secret passphrase = SECRET_INIT;
    CLEANUP(buf_done) struct buf der = BUF_INIT;

    TRY(share_write(share, &whole, err));
    TRY(ask_new_passphrase(who, &passphrase, err));
    TRY(share_close(secret_bytes(&whole), &passphrase, &der, err));
    TRY(file_create(path, 0600, buf_bytes(&der), err));
    TRY(put_sha256(facts, "sha256", buf_bytes(&der), err));
    TRY(print_paper(&whole, share, err));
    TRY(ask_yes(who, tr("did you copy the lines, and does nobody else see them?"), err));
    (void)fprintf(stderr, "\033[H\033[2J\033[3J"); /* off the screen and out of its memory */
    (void)fprintf(stderr, "%s\n", tr("Now read your share back."));
    TRY(ask_share_file(path, -1, &again, err));
    if (!bytes_equal_secret(secret_bytes(&again), secret_bytes(&whole)))
        return FAIL(err, ERR_UNTRUSTED, "%s: is not what was written", path);
    return 0;
}

static int step_share(struct held *held, const struct script_step *step, struct json *facts,
                      struct err *err)
{
    struct share *share = &held->shares[held->given];
    CLEANUP(free_text) char *path = NULL;
    char set[QUORUM_SET_TEXT_SIZE];

    quorum_set_text(share->set, set);
    TRY(site_path(held->site, step->file, &path, err));
    TRY(json_put_text(facts, "set", set, err));
    TRY(json_put_int(facts, "share", share->number, err));
    TRY(json_put_text(facts, "file", path, err));
    TRY(write_share(share, step->who, path, facts, err));
    share_done(share);
    held->given++;
    return 0;
}

static int step_restore(struct held *held, const struct script_step *step, struct json *facts,
                        struct err *err)
{
    const struct script *script = held->script;
    size_t split = script_find(script, 0, STEP_SPLIT);
    bool is_before = split < script->count && step < &script->steps[split];

    if (is_before || split == script->count) {
        struct quorum quorum;

        TRY(site_quorum(held->site, &quorum, err));
        TRY(held_gather(held, &quorum, facts, &held->from, err));
        if (is_before)
            return 0;
        held->quorum = quorum;
        TRY(secret_copy(secret_bytes(&held->from), &held->passphrase, err));
    } else
        TRY(held_gather(held, &held->quorum, facts, &held->passphrase, err));
    return site_stage(held->site, &held->quorum, &held->from, &held->passphrase, err);
}

static int step_key(struct held *held, const struct script_step *step, struct json *facts,
                    struct err *err)
{
    CLEANUP(buf_done) struct buf hex = BUF_INIT;
    struct digest digest;

    TRY(held_need_passphrase(held, facts, err));
    TRY(site_make_key(held->site, step->key, &held->passphrase, &digest, err));
    TRY(json_put_text(facts, "key", step->key, err));
    TRY(hex_append(&hex, digest_bytes(&digest), err));
    TRY(json_put_bytes(facts, "spki_sha256", buf_bytes(&hex), err));
    show("spki_sha256", facts);
    return 0;
}

static int step_retire(struct held *held, const struct script_step *step, struct json *facts,
                       struct err *err)
{
    TRY(site_retire_key(held->site, step->key, err));
    return json_put_text(facts, "key", step->key, err);
}

static int step_install(struct held *held, const struct script_step *step, struct json *facts,
                        struct err *err)
{
    struct quorum before = {.needed = 0};
    char set[QUORUM_SET_TEXT_SIZE];

    (void)step;
    if (!site_is_installed(held->site) && site_quorum(held->site, &before, NULL) == 0 &&
        !bytes_equal(BYTES_ARRAY(before.set), BYTES_ARRAY(held->quorum.set))) {
        quorum_set_text(before.set, set);
        TRY(json_put_text(facts, "void_set", set, err));
        (void)fprintf(stderr, tr("The shares of set %s open nothing any more; destroy them.\n"),
                      set);
    }
    TRY(site_install(held->site, err));
    return json_put_text(facts, "keys", held->site->keys, err);
}

static int make_certificate(struct held *held, const struct script_step *step, struct buf *ret_pem,
                            struct json *facts, struct err *err)
{
    CLEANUP(step_signer_stop) struct step_signer signer = {.pid = -1};
    CLEANUP(authority_store_closep) struct authority_store *store = NULL;
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    struct audit_origin by = audit_by_uid(clock_now(&clock_system), getuid(), NULL);
    struct ca_setup setup = {.key = step->key,
                             .by = &by,
                             .generation = (unsigned)step->generation,
                             .issues_from = step->issues_from_at};
    char key[RPC_NAME_MAX + 1];

    TRY(ca_kind_from_name(step->ca, &setup.kind, err));
    TRY(generation_name(step->key, setup.generation, key, sizeof key, err));
    TRY(authority_store_open(held->site->database, &store, err));
    TRY(step_signer_start(held->site, key, &held->passphrase, &signer, err));
    TRY(ca_init(store, signer.client, &setup, &der, err));
    TRY(x509_cert_parse(buf_bytes(&der), &cert, err));
    TRY(put_sha256(facts, "sha256", buf_bytes(&der), err));
    return x509_cert_append_pem(ret_pem, cert, err);
}

static int step_certificate(struct held *held, const struct script_step *step, struct json *facts,
                            struct err *err)
{
    CLEANUP(free_text) char *path = NULL;
    CLEANUP(buf_done) struct buf pem = BUF_INIT;

    TRY(held_need_passphrase(held, facts, err));
    TRY(site_path(held->site, step->file, &path, err));
    TRY(make_certificate(held, step, &pem, facts, err));
    TRY(site_hand_over(held->site, err));
    TRY(file_replace(path, 0644, buf_bytes(&pem), err));
    TRY(json_put_text(facts, "ca", step->ca, err));
    TRY(json_put_int(facts, "generation", step->generation, err));
    TRY(json_put_optional(facts, "issues_from", step->issues_from, err));
    TRY(json_put_text(facts, "file", path, err));
    show("sha256", facts);
    return 0;
}

static int step_close(struct held *held, const struct script_step *step, struct json *facts,
                      struct err *err)
{
    (void)step;
    (void)facts;
    (void)err;
    held_wipe(held);
    return 0;
}

step_function *const step_functions[STEP_KINDS_] = {
    [STEP_PRESENT] = step_present,
    [STEP_CONFIRM] = step_confirm,
    [STEP_FINGERPRINT] = step_fingerprint,
    [STEP_SPLIT] = step_split,
    [STEP_SHARE] = step_share,
    [STEP_RESTORE] = step_restore,
    [STEP_KEY] = step_key,
    [STEP_RETIRE] = step_retire,
    [STEP_INSTALL] = step_install,
    [STEP_CERTIFICATE] = step_certificate,
    [STEP_CLOSE] = step_close,
};
