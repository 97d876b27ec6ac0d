/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki/read/form.h"

#include "base/clock.h"
#include "programs/jpki/outside.h"
#include "programs/jpki/read/data.h"

#include <stdio.h>
#include <string.h>

void form_done(struct form *form)
{
    remote_free(form->remote);
    prefill_done(&form->prefill);
    icc_free(form->icc);
    data_roots_freep(&form->roots);
    buf_done(&form->text);
    buf_done(&form->sealed);
}

int form_at(struct form *form, const char *url, struct err *err)
{
    static const char prefix[] = "/v1/readings/";
    struct origin origin;
    const char *path;

    TRY(origin_parse(url, &origin, &path, err));
    if (strncmp(path, prefix, sizeof prefix - 1) != 0)
        return FAIL(err, ERR_USAGE, "this is no address of a form");
    TRY(remote_new(&origin, &form->remote, err));
    return prefill_get(form->remote, path + sizeof prefix - 1, &form->prefill, err);
}

int form_card(struct form *form, const struct card_options *card, const struct pin_options *pin,
              const char *anchors, struct err *err)
{
    const int64_t now = clock_now(&clock_system);

    TRY(prefill_check_time(&form->prefill, now, err));
    TRY(card_roots_load(anchors, &form->roots, err));
    TRY(open_card(card, &form->icc, err));
    TRY(challenge_check_card(&form->prefill.asked, form->icc, now, err));
    return pin_is_usable_in(form->icc, ICC_PIN_TEXT, ICC_APP_TEXT, pin, &form->left, err);
}

static int list_wants(unsigned wants, struct buf *ret, struct err *err)
{
    for (size_t i = 0; i < CHALLENGE_WANTS_; i++) {
        if ((wants & 1U << i) == 0)
            continue;
        if (ret->len > 0)
            TRY(buf_append_text(ret, tr(", "), err));
        TRY(buf_append_text(ret, tr(challenge_want_title(i)), err));
    }
    return 0;
}

int form_tell(struct form *form, struct err *err)
{
    CLEANUP(buf_done) struct buf list = BUF_INIT, title = BUF_INIT;
    const char *wants, *shown;

    TRY(list_wants(form->prefill.asked.wants, &list, err));
    TRY(buf_text(&list, &wants, err));
    TRY(outside_append(&title, form->prefill.title, err));
    TRY(buf_text(&title, &shown, err));
    TRY(buf_append_format(&form->text, err, tr("A page of %s asks for %s, to fill a form:\n"),
                          remote_origin(form->remote), wants));
    TRY(buf_append_format(&form->text, err, "%s\n", shown));
    return buf_append_text(&form->text,
                           tr("They are read from the card's text and handed to that page alone. "
                              "Nothing is signed, and nothing sent off before you do so there."),
                           err);
}

int form_read(struct form *form, const struct pin_options *pin, const struct secret *typed,
              struct err *err)
{
    const struct prefill_hand hand = {
        .pin = typed, .may_use_last_try = pin->last_try, .roots = form->roots};

    TRY(prefill_check_time(&form->prefill, clock_now(&clock_system), err));
    return prefill_read(&form->prefill, form->icc, &hand, &form->sealed, err);
}

int form_send(struct form *form, const char *code, struct err *err)
{
    return prefill_answer(&form->prefill, form->remote, &form->sealed, code, err);
}

/* ---- at a terminal ---- */

static int check_code(const struct form_options *options, struct err *err)
{
    if (options->code == NULL)
        return FAIL(err, ERR_USAGE, "--code is needed, as the page shows it beside the address");
    if (!challenge_is_code(options->code))
        return FAIL(err, ERR_USAGE, "the code of a form is %d digits", CHALLENGE_CODE_LEN);
    return 0;
}

static int agree(const struct form_options *options, struct err *err)
{
    bool is_meant = options->yes;

    (void)fprintf(stderr, "%s\n",
                  tr("Somebody opened this form. If that was not you, do not go on: they would "
                     "read it."));
    if (!is_meant)
        TRY(confirm(tr("Hand it over?"), &is_meant, err));
    if (!is_meant)
        return FAIL(err, ERR_DENIED, "nothing was read: you did not agree");
    return 0;
}

static int use_card(const struct form_options *options, struct form *form, struct err *err)
{
    CLEANUP(secret_done) struct secret typed = SECRET_INIT;
    struct pin_options asking = *options->pin;

    TRY(form_card(form, options->card, options->pin, options->anchors, err));
    TRY(form_tell(form, err));
    TRY(buf_text(&form->text, &asking.description, err));
    (void)fprintf(stderr, "%s\n", asking.description);
    TRY(agree(options, err));
    TRY(pin_ask(ICC_PIN_TEXT, &asking, form->left, &typed, err));
    return form_read(form, options->pin, &typed, err);
}

/* What was read is shown where it was asked for, and not here. */
static int tell(const struct form_options *options, const struct form *form, struct err *err)
{
    CLEANUP(json_freep) struct json *object = NULL;

    if (!options->card->json) {
        printf("%s\n", options->deny ? tr("The page was told that you do not want to.")
                                     : tr("The page has it. Go on there."));
        return 0;
    }
    object = json_object_new();
    TRY(json_put_text(object, "origin", remote_origin(form->remote), err));
    TRY(json_put_text(object, "title", form->prefill.title, err));
    TRY(json_put_bool(object, "denied", options->deny, err));
    return output_json(object, err);
}

int form_fill(const struct form_options *options, struct err *err)
{
    CLEANUP(form_done) struct form form = {.remote = NULL};

    TRY(check_code(options, err));
    TRY(form_at(&form, options->url, err));
    if (options->deny) {
        TRY(prefill_refuse(&form.prefill, form.remote, options->code, err));
        return tell(options, &form, err);
    }
    TRY(use_card(options, &form, err));
    TRY(form_send(&form, options->code, err));
    return tell(options, &form, err);
}
