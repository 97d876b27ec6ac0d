/* SPDX-License-Identifier: Apache-2.0 */
#include "revocation/survey.h"

#include "revocation/set.h"

enum { STEPS_BETWEEN_LOOKS = 1 << 16 };

/* A walk over the entries of a list, which must ascend. */
struct walk {
    struct bytes rest;
    struct revocation entry;
    bool has_entry;
};

static int step(struct walk *walk, struct err *err)
{
    uint32_t last = walk->has_entry ? walk->entry.serial : 0;

    walk->has_entry = walk->rest.len > 0;
    if (!walk->has_entry)
        return 0;
    TRY(crl_next(&walk->rest, &walk->entry, err));
    if (walk->entry.serial <= last)
        return FAIL(err, ERR_INPUT, "the serial numbers of a list do not ascend: %u behind %u",
                    (unsigned)walk->entry.serial, (unsigned)last);
    return 0;
}

static void note(struct crl_survey *survey, const struct revocation *entry)
{
    if (survey->count == 0) {
        survey->first_serial = entry->serial;
        survey->first_at = survey->last_at = entry->at;
    }
    survey->last_serial = entry->serial;
    survey->first_at = entry->at < survey->first_at ? entry->at : survey->first_at;
    survey->last_at = entry->at > survey->last_at ? entry->at : survey->last_at;
    survey->reasons[entry->reason]++;
    survey->count++;
}

int crl_look_over(const struct crl *crl, struct crl_survey *ret, struct err *err)
{
    struct crl_survey survey = {0};
    struct walk walk = {.rest = crl->entries};

    for (;;) {
        TRY(step(&walk, err));
        if (!walk.has_entry)
            break;
        if (walk.entry.at > crl->this_update)
            return FAIL(err, ERR_INPUT, "serial number %u is revoked after thisUpdate of its list",
                        (unsigned)walk.entry.serial);
        note(&survey, &walk.entry);
    }
    *ret = survey;
    return 0;
}

static bool says_the_same(const struct revocation *a, const struct revocation *b)
{
    return a->at == b->at && a->reason == b->reason;
}

int crl_compare(const struct crl *before, const struct crl *after, crl_tell_fn *tell, void *context,
                const struct crl_watch *watch, struct err *err)
{
    struct walk old = {.rest = before->entries};
    struct walk new = {.rest = after->entries};
    unsigned steps = 0;

    TRY(step(&old, err));
    TRY(step(&new, err));
    while (old.has_entry || new.has_entry) {
        bool is_old = old.has_entry && (!new.has_entry || old.entry.serial <= new.entry.serial);
        bool is_new = new.has_entry && (!old.has_entry || new.entry.serial <= old.entry.serial);
        const struct crl_change change = {is_old ? &old.entry : NULL, is_new ? &new.entry : NULL};

        if (watch != NULL && steps++ % STEPS_BETWEEN_LOOKS == 0)
            TRY(watch->look(watch->context, err));
        if (!is_old || !is_new || !says_the_same(&old.entry, &new.entry))
            TRY(tell(context, &change, err));
        if (is_old)
            TRY(step(&old, err));
        if (is_new)
            TRY(step(&new, err));
    }
    return 0;
}

int crl_collect(const struct crl *crl, size_t max, struct revocation_set **ret, struct err *err)
{
    CLEANUP(revocation_set_freep) struct revocation_set *set = NULL;
    struct bytes rest = crl->entries;
    struct revocation entry;

    TRY(revocation_set_begin(max, &set, err));
    while (rest.len > 0) {
        TRY(crl_next(&rest, &entry, err));
        TRY(revocation_set_add(set, &entry, err));
    }
    TRY(revocation_set_finish(set, err));
    *ret = set;
    set = NULL;
    return 0;
}
