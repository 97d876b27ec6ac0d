/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-clinic/view.h"

#include "base/caltime.h"
#include "programs/exit.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *sentence;
    enum exit_code code;
    enum colour colour;
} states[ELIGIBILITY_STATES_] = {
    [ELIGIBILITY_ASKING] = {N_("The insurer has not answered yet; look again with 'show'."),
                            EXIT_CODE_INDETERMINATE, COLOUR_DOUBTFUL},
    [ELIGIBILITY_INSURED] = {N_("Insured."), EXIT_CODE_DONE, COLOUR_GOOD},
    [ELIGIBILITY_EXPIRED] = {N_("The insurance has ended."), EXIT_CODE_INVALID, COLOUR_BAD},
    [ELIGIBILITY_NOT_INSURED] = {N_("Not insured: no insurer knows this person."),
                                 EXIT_CODE_INVALID, COLOUR_BAD},
    [ELIGIBILITY_NO_ANSWER] = {N_("The insurer does not answer; try later."),
                               EXIT_CODE_INDETERMINATE, COLOUR_DOUBTFUL},
};

static const char *const labels[ELIGIBILITY_TEXTS_] = {
    [ELIGIBILITY_INSURER] = N_("Insurer"),
    [ELIGIBILITY_INSURER_NUMBER] = N_("Number of the insurer"),
    [ELIGIBILITY_SYMBOL] = N_("Symbol"),
    [ELIGIBILITY_NUMBER] = N_("Number"),
    [ELIGIBILITY_BRANCH] = N_("Branch number"),
    [ELIGIBILITY_CATEGORY] = N_("Insured person or family"),
    [ELIGIBILITY_VALID_FROM] = N_("Valid from"),
    [ELIGIBILITY_VALID_UNTIL] = N_("Valid until"),
    [ELIGIBILITY_LIMIT] = N_("Limit of high costs"),
};

static const char *const kinds[ELIGIBILITY_KINDS_] = {
    [ELIGIBILITY_MEDICINE] = N_("medicines and treatment"),
    [ELIGIBILITY_CHECKUP] = N_("results of health check-ups"),
    [ELIGIBILITY_COST] = N_("medical costs"),
};

const char *view_kind(enum eligibility_kind kind)
{
    return kinds[kind];
}

static int print_outside(const char *label, const char *value, struct err *err)
{
    CLEANUP(buf_done) struct buf shown = BUF_INIT;
    const char *text;

    TRY(append_shown(&shown, bytes_text(value), err));
    TRY(buf_text(&shown, &text, err));
    print_field(label, text);
    return 0;
}

static int put_answer(const struct eligibility_answer *answer, struct json *object, struct err *err)
{
    CLEANUP(json_freep) struct json *consents = json_array_new();
    CLEANUP(json_freep) struct json *insurance = NULL;

    TRY(json_put_text(object, "lookup", answer->lookup, err));
    TRY(json_put_text(object, "state", eligibility_states[answer->state], err));
    TRY(json_put_text(object, "method", answer->is_photo ? "photo" : "pin", err));
    TRY(json_put_optional(object, "operator", answer->is_photo ? answer->operator: NULL, err));
    TRY(json_put_optional(object, "because", answer->because[0] == '\0' ? NULL : answer->because,
                          err));
    TRY(json_put_int(object, "checked_at", answer->checked_at, err));
    TRY(json_put_bool(object, "is_changed", answer->is_changed, err));
    for (unsigned i = 0; i < ELIGIBILITY_KINDS_; i++)
        if ((answer->consents & 1U << i) != 0)
            TRY(json_add_text(consents, eligibility_kinds[i], err));
    TRY(json_put(object, "consents", json_steal(&consents), err));
    if (!answer->has_insurance)
        return json_put_null(object, "insurance", err);
    insurance = json_object_new();
    for (unsigned i = 0; i < ELIGIBILITY_TEXTS_; i++)
        TRY(json_put_optional(insurance, eligibility_texts[i],
                              answer->texts[i][0] == '\0' ? NULL : answer->texts[i], err));
    TRY(json_put_int(insurance, "share_percent", answer->share, err));
    return json_put(object, "insurance", json_steal(&insurance), err);
}

static int print_insurance(const struct eligibility_answer *answer, struct err *err)
{
    for (unsigned i = 0; i < ELIGIBILITY_TEXTS_; i++)
        TRY(print_outside(tr(labels[i]), answer->texts[i], err));
    (void)printf(tr("Share of the person: %lld %%\n"), (long long)answer->share);
    return 0;
}

static int print_consents(const struct eligibility_answer *answer)
{
    for (unsigned i = 0; i < ELIGIBILITY_KINDS_; i++) {
        if ((answer->consents & 1U << i) == 0)
            continue;
        (void)printf(tr("May be read for a day: %s\n"), tr(kinds[i]));
    }
    return 0;
}

static int print_answer(const struct eligibility_answer *answer, struct err *err)
{
    (void)printf("%s%s%s\n", colour_on(states[answer->state].colour),
                 tr(states[answer->state].sentence), colour_off());
    TRY(print_outside(tr("Because"), answer->because, err));
    if (answer->is_changed)
        (void)printf("%s%s%s\n", colour_on(COLOUR_DOUBTFUL),
                     tr("Changed since this clinic looked the last time."), colour_off());
    if (answer->has_insurance)
        TRY(print_insurance(answer, err));
    if (answer->is_photo)
        TRY(print_outside(tr("Recognised by the photo, confirmed by"), answer->operator, err));
    TRY(print_consents(answer));
    print_field(tr("Lookup"), answer->lookup);
    return 0;
}

int view_answer(const struct eligibility_answer *answer, bool json, int *ret_code, struct err *err)
{
    CLEANUP(json_freep) struct json *object = NULL;

    *ret_code = (int)states[answer->state].code;
    if (!json)
        return print_answer(answer, err);
    object = json_object_new();
    TRY(put_answer(answer, object, err));
    return output_json(object, err);
}

/* ---- readings ---- */

struct walk {
    struct json *list; /* NULL: it is printed */
    char day[CALTIME_TEXT_SIZE];
};

static int put_item(const struct eligibility_item *item, struct json *list, struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();

    TRY(json_put_text(object, "day", item->day, err));
    TRY(json_put_text(object, "name", item->name, err));
    TRY(json_put_text(object, "name_en", item->name_en, err));
    TRY(json_put_text(object, "content", item->content, err));
    return json_add(list, json_steal(&object), err);
}

static int take_item(void *context, const struct eligibility_item *item, struct err *err)
{
    struct walk *walk = context;
    CLEANUP(buf_done) struct buf label = BUF_INIT;
    const char *text;

    if (walk->list != NULL)
        return put_item(item, walk->list, err);
    if (strcmp(walk->day, item->day) != 0)
        (void)printf("%s\n", item->day);
    (void)snprintf(walk->day, sizeof walk->day, "%s", item->day);
    TRY(buf_append_text(&label, item->is_detail ? "    " : "  ", err));
    TRY(append_shown(
        &label, bytes_text(strcmp(i18n_language(), "ja") == 0 ? item->name : item->name_en), err));
    TRY(buf_text(&label, &text, err));
    return print_outside(text, item->content, err);
}

static int put_reading(const struct eligibility_reading *reading, enum eligibility_kind kind,
                       struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();
    CLEANUP(json_freep) struct json *list = json_array_new();
    struct walk walk = {.list = list};

    TRY(json_put_text(object, "reading", reading->id, err));
    TRY(json_put_text(object, "kind", eligibility_kinds[kind], err));
    TRY(json_put_text(object, "state", reading->state, err));
    TRY(eligibility_each_item(reading, take_item, &walk, err));
    TRY(json_put(object, "items", json_steal(&list), err));
    return output_json(object, err);
}

int view_reading(const struct eligibility_reading *reading, enum eligibility_kind kind, bool json,
                 int *ret_code, struct err *err)
{
    bool is_nothing = strcmp(reading->state, "nothing") == 0;
    struct walk walk = {.list = NULL};

    *ret_code = EXIT_CODE_DONE;
    if (!is_nothing && strcmp(reading->state, "ready") != 0)
        *ret_code = EXIT_CODE_INDETERMINATE;
    if (json)
        return put_reading(reading, kind, err);
    if (is_nothing)
        (void)printf("%s\n", tr("Nothing of that is held."));
    else if (*ret_code != EXIT_CODE_DONE)
        TRY(print_outside(tr("There is no answer"), reading->state, err));
    return eligibility_each_item(reading, take_item, &walk, err);
}
