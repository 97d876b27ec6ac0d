/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki/clerk/desk.h"

#include "base/clock.h"
#include "base/file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { SESSION_FILE_MAX = 8192 };

int desk_take_card(const struct desk_options *options, enum icc_pin which, struct desk_hand *ret,
                   struct err *err)
{
    unsigned left;

    TRY(open_card(&options->card, &ret->icc, err));
    TRY(pin_is_usable(ret->icc, which, &options->pin, &left, err));
    TRY(pin_ask(which, &options->pin, left, &ret->pin, err));
    ret->hand = (struct clerk_hand){.icc = ret->icc,
                                    .pin = &ret->pin,
                                    .may_use_last_try = options->pin.last_try,
                                    .now = clock_now(&clock_system)};
    return 0;
}

void desk_hand_done(struct desk_hand *hand)
{
    icc_freep(&hand->icc);
    secret_done(&hand->pin);
}

static int session_path(const struct desk_options *options, char **ret, struct err *err)
{
    const char *runtime = environment("XDG_RUNTIME_DIR");

    if (options->session != NULL)
        return path_format(ret, err, "%s", options->session);
    if (runtime == NULL)
        return FAIL(err, ERR_USAGE, "--session is needed where there is no $XDG_RUNTIME_DIR");
    return path_format(ret, err, "%s/jpki-clerk.json", runtime);
}

int desk_load(const struct desk_options *options, struct clerk_session *ret, struct err *err)
{
    CLEANUP(free_text) char *path = NULL;
    CLEANUP(buf_done) struct buf text = BUF_INIT; /* wiped when released */
    CLEANUP(json_freep) struct json *json = NULL;
    int rc;

    TRY(session_path(options, &path, err));
    rc = file_read(path, SESSION_FILE_MAX, &text, err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_ABSENT, "no clerk is logged in here: 'jpki clerk login'");
    TRY(rc);
    TRY(err_prefix(err, json_parse(buf_bytes(&text), &json, err), "%s", path));
    return err_prefix(err, clerk_session_parse(json, ret, err), "%s", path);
}

int desk_save(const struct desk_options *options, const struct clerk_session *session,
              struct err *err)
{
    CLEANUP(free_text) char *path = NULL;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(json_freep) struct json *json = NULL;

    TRY(session_path(options, &path, err));
    TRY(clerk_session_write(session, &json, err));
    TRY(json_write(json, &text, err));
    return file_replace(path, 0600, buf_bytes(&text), err);
}

int desk_forget(const struct desk_options *options, struct err *err)
{
    CLEANUP(free_text) char *path = NULL;

    TRY(session_path(options, &path, err));
    if (unlink(path) < 0 && errno != ENOENT)
        return FAIL_ERRNO(err, "%s", path);
    return 0;
}

/* The sentences that a person at a counter gets to see. */
static const struct {
    const char *word, *sentence;
} refusals[] = {
    {"session-unknown", N_("you are not logged in any more: 'jpki clerk login'")},
    {"challenge-over", N_("the login took too long; begin again")},
    {"clerk-unknown", N_("this card is no clerk's of this register")},
    {"clerk-blocked", N_("you are blocked; an administrator can tell why")},
    {"signature-broken", N_("the signature does not hold")},
    {"certificate-not-valid", N_("the card's certificate does not count here or now")},
    {"certificate-revoked", N_("the card's certificate is revoked or suspended")},
    {"certificate-status",
     N_("whether the card's certificate is in force cannot be found out now; try later")},
    {"filing-signer", N_("this is another card than the one you logged in with")},
    {"filing-stale",
     N_("this computer's clock differs from the register's by more than 5 minutes")},
    {"filing-replayed", N_("this request was dealt with before")},
    {"clerk-role", N_("you have no role that may do this")},
    {"clerk-municipality", N_("this belongs to another municipality than that of your counter")},
    {"clerk-self", N_("nobody decides about himself")},
    {"confirm-same-clerk", N_("somebody else has to confirm what you asked for")},
    {"confirm-same-card", N_("another card has to confirm what this one asked for")},
    {"confirm-other-request", N_("the request that waits is another one")},
    {"filing-expired", N_("the request waited too long; it has to be made again")},
    {"filing-over", N_("the request no longer waits")},
    {"withdraw-stranger", N_("only who asked for it can withdraw it")},
};

/* NULL: one that is not in the table. */
static const char *sentence_of(const char *text)
{
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        size_t len = strlen(refusals[i].word);

        if (strncmp(text, refusals[i].word, len) == 0 && text[len] == ':')
            return refusals[i].sentence;
    }
    return NULL;
}

int desk_finish(int rc, const struct desk_options *options, const struct err *err)
{
    const char *sentence = rc < 0 ? sentence_of(err->text) : NULL;
    struct err told = *err;

    if (sentence != NULL)
        (void)snprintf(told.text, sizeof told.text, "%.*s: %s", (int)strcspn(err->text, ":"),
                       err->text, tr(sentence));
    return finish(rc, options->card.json, &told);
}

/* A copy, for another object. */
static int put_copy(struct json *object, const char *key, const struct json *value, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    struct json *copy;

    TRY(json_write(value, &text, err));
    TRY(json_parse(buf_bytes(&text), &copy, err));
    return json_put(object, key, copy, err);
}

static int tell_json(const struct clerk_outcome *outcome, struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();

    TRY(json_put_text(object, "request_id", outcome->request_id, err));
    TRY(json_put_text(object, "state", outcome->is_pending ? "pending" : "done", err));
    TRY(json_put_text(object, "digest", outcome->digest, err));
    if (!outcome->is_pending)
        TRY(json_put_int(object, "status", outcome->status, err));
    if (outcome->answer != NULL)
        TRY(put_copy(object, "answer", outcome->answer, err));
    return output_json(object, err);
}

int desk_tell(const struct desk_options *options, const struct clerk_outcome *outcome,
              struct err *err)
{
    if (options->card.json)
        return tell_json(outcome, err);
    if (outcome->is_pending) {
        printf(tr("The request %s waits for a second clerk\n"), outcome->request_id);
        return 0;
    }
    printf(tr("The request %s is done\n"), outcome->request_id);
    return outcome->answer == NULL ? 0 : output_json(outcome->answer, err);
}
