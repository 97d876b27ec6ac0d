/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki/doctor/findings.h"

#include "base/i18n.h"
#include "programs/jpki/common.h"

#include <stdarg.h>
#include <stdio.h>

static const struct {
    const char *name, *title;
    enum colour colour;
} severities[] = {
    [SEVERITY_FINE] = {"fine", N_("fine"), COLOUR_GOOD},
    [SEVERITY_ADVICE] = {"advice", N_("note"), COLOUR_DOUBTFUL},
    [SEVERITY_WRONG] = {"wrong", N_("wrong"), COLOUR_BAD},
};

struct finding *findings_add(struct findings *findings, const char *check, enum severity severity,
                             const char *advice, const char *fmt, ...)
{
    static struct finding none; /* where those go that are left out */
    bool is_full = findings->count == FINDINGS_MAX;
    struct finding *finding = is_full ? &none : &findings->list[findings->count++];
    va_list args;

    *finding = (struct finding){.check = check, .severity = severity, .advice = advice};
    va_start(args, fmt);
    (void)vsnprintf(finding->text, sizeof finding->text, fmt, args);
    va_end(args);
    return finding;
}

void findings_print(const struct findings *findings)
{
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *finding = &findings->list[i];

        printf("[%s%s%s] %s\n", colour_on(severities[finding->severity].colour),
               tr(severities[finding->severity].title), colour_off(), finding->text);
        if (finding->advice != NULL)
            printf("    %s\n", tr(finding->advice));
    }
}

static int add_finding(struct json *array, const struct finding *finding, struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();
    const char *advice = finding->advice == NULL ? NULL : tr(finding->advice);

    TRY(json_put_text(object, "check", finding->check, err));
    TRY(json_put_text(object, "severity", severities[finding->severity].name, err));
    TRY(json_put_text(object, "text", finding->text, err));
    TRY(json_put_optional(object, "advice", advice, err));
    return json_add(array, json_steal(&object), err);
}

int findings_put(struct json *object, const struct findings *findings, struct err *err)
{
    CLEANUP(json_freep) struct json *array = json_array_new();

    for (size_t i = 0; i < findings->count; i++)
        TRY(add_finding(array, &findings->list[i], err));
    return json_put(object, "findings", json_steal(&array), err);
}

size_t findings_wrong(const struct findings *findings, bool *ret_absent)
{
    size_t wrong = 0;

    *ret_absent = false;
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *finding = &findings->list[i];

        wrong += finding->severity == SEVERITY_WRONG;
        *ret_absent = *ret_absent || (finding->severity == SEVERITY_WRONG && finding->is_absence);
    }
    return wrong;
}
