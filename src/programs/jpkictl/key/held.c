/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpkictl/key/held.h"

#include "base/clock.h"
#include "base/i18n.h"
#include "programs/jpkictl/key/ask.h"
#include "programs/terminal.h"

#include <errno.h>
#include <stdio.h>

void held_wipe(struct held *held)
{
    secret_done(&held->from);
    secret_done(&held->passphrase);
    for (size_t i = 0; i < SHARES_MAX; i++)
        share_done(&held->shares[i]);
}

int held_note(struct held *held, const char *act, const struct script_step *step,
              struct json *facts, struct err *err)
{
    CLEANUP(json_freep) struct json *taken = facts;
    CLEANUP(json_freep)
    struct json *entry = transcript_entry(held->transcript, clock_now(&clock_system), act);

    if (entry == NULL || taken == NULL)
        return FAIL_NOMEM(err);
    if (step != NULL) {
        TRY(json_put_text(entry, "step", step->name, err));
        TRY(json_put_text(entry, "kind", step->act, err));
        TRY(json_put_optional(entry, "who", step->who, err));
    }
    TRY(json_put(entry, "facts", json_steal(&taken), err));
    return transcript_add(held->transcript, json_steal(&entry), err);
}

static int note_refusal(struct held *held, const char *who, const struct err *why, struct err *err)
{
    CLEANUP(json_freep) struct json *facts = json_object_new();

    TRY(json_put_text(facts, "who", who, err));
    TRY(json_put_text(facts, "why", why->text, err));
    return held_note(held, "refused", NULL, json_steal(&facts), err);
}

/* The share of whoever is named: from his file, or typed off paper. */
static int ask_share(struct secret *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf path = BUF_INIT;
    const char *text;

    TRY(terminal_line(tr("file of the share (nothing: it is typed off paper)"), &path, err));
    TRY(buf_text(&path, &text, err));
    return text[0] == '\0' ? ask_paper_share(ret, err) : ask_share_file(text, -1, ret, err);
}

static int add_came(struct json *came, const char *who, const struct gathering *gathering,
                    struct err *err)
{
    CLEANUP(json_freep) struct json *one = json_object_new();

    TRY(json_put_text(one, "who", who, err));
    TRY(json_put_int(one, "share", gathering->shares[gathering->count - 1].number, err));
    return json_add(came, json_steal(&one), err);
}

/* One custodian; whatever is wrong with what he has is told to him, and it is somebody's turn. */
static int gather_one(struct held *held, struct gathering *gathering, struct json *came,
                      struct err *err)
{
    CLEANUP(secret_done) struct secret whole = SECRET_INIT;
    CLEANUP(buf_done) struct buf who = BUF_INIT;
    struct err why = {0};
    char prompt[128];
    const char *name;
    int rc;

    (void)snprintf(prompt, sizeof prompt, tr("share %zu of %u that are needed: who hands it in?"),
                   gathering->count + 1, gathering->quorum->needed);
    TRY(terminal_line(prompt, &who, err));
    TRY(buf_text(&who, &name, err));
    rc = ask_share(&whole, &why);
    if (rc == -ERR_USAGE || (rc == -ERR_DENIED && why.detail == ECANCELED))
        return err_copy(err, &why);
    if (rc == 0)
        rc = gathering_add(gathering, secret_bytes(&whole), &why);
    if (rc == 0)
        return add_came(came, name, gathering, err);
    (void)fprintf(stderr, "%s\n", why.text);
    return note_refusal(held, name, &why, err);
}

int held_gather(struct held *held, const struct quorum *quorum, struct json *facts,
                struct secret *ret_passphrase, struct err *err)
{
    CLEANUP(gathering_clear) struct gathering gathering = {.quorum = quorum};
    CLEANUP(secret_done) struct secret secret = SECRET_INIT;
    CLEANUP(json_freep) struct json *came = json_array_new();
    char set[QUORUM_SET_TEXT_SIZE];

    quorum_set_text(quorum->set, set);
    TRY(json_put_text(facts, "set", set, err));
    (void)fprintf(stderr, tr("%u custodians of set %s hand in their shares.\n"), quorum->needed,
                  set);
    while (!gathering_is_complete(&gathering))
        TRY(gather_one(held, &gathering, came, err));
    TRY(gathering_join(&gathering, &secret, err));
    TRY(json_put(facts, "custodians", json_steal(&came), err));
    return quorum_passphrase(&secret, ret_passphrase, err);
}

int held_need_passphrase(struct held *held, struct json *facts, struct err *err)
{
    if (held->passphrase.len > 0)
        return 0;
    if (site_is_installed(held->site))
        TRY(site_quorum(held->site, &held->quorum, err));
    else
        TRY(site_next_quorum(held->site, &held->quorum, err));
    return held_gather(held, &held->quorum, facts, &held->passphrase, err);
}
