/* SPDX-License-Identifier: Apache-2.0 */
/* jpki doctor: from the reader to the certificates, what is wrong and what to do about it. */
#include "programs/jpki/doctor/checks.h"

#include "base/clock.h"
#include "programs/exit.h"
#include "programs/jpki/commands.h"
#include "programs/jpki/common.h"
#include "programs/jpki/trust.h"

#include <stdio.h>

struct options {
    struct card_options card;
    const char *anchors;
};

static const struct cli_option rows[] = {
    {'a', "anchors", CLI_TEXT, offsetof(struct options, anchors), "PATH",
     N_("trust the authorities in this file or directory")},
    {'r', "reader", CLI_TEXT, offsetof(struct options, card.reader), "TEXT",
     N_("use the reader with this text in its name, or direct:PATH")},
    JSON_OPTION(struct options),
    CLI_OPTIONS_END,
};

/* A card that is pulled out, or answers garbage, is one more finding and no end of the list. */
static int tolerate(struct findings *findings, int rc, const struct err *why, struct err *err)
{
    if (rc == 0)
        return 0;
    if (why->kind == ERR_NOMEM || why->kind == ERR_SYSTEM || why->kind == ERR_INPUT)
        return err_copy(err, why);
    findings_add(findings, "card", SEVERITY_WRONG,
                 N_("Take the card out, wipe the contacts, and put it in again."), "%s", why->text)
        ->is_absence = why->kind == ERR_ABSENT;
    return 0;
}

static int examine(const struct options *options, struct findings *findings, struct err *err)
{
    CLEANUP(icc_freep) struct icc *icc = NULL;
    CLEANUP(anchors_freep) struct anchors *anchors = NULL;
    const char *reader = options->card.reader != NULL ? options->card.reader
                                                      : environment("JPKI_READER");
    int64_t now = clock_now(&clock_system);
    struct err why = {0};
    int rc;

    TRY(anchors_new(&anchors, err));
    TRY(trust_load(options->anchors, anchors, err));
    doctor_check_clock(findings, now);
    TRY(doctor_find_card(findings, reader, &icc, err));
    if (icc == NULL)
        return 0;
    rc = doctor_check_certificates(findings, icc, anchors, now, &why);
    TRY(tolerate(findings, rc, &why, err));
    if (rc == 0)
        TRY(tolerate(findings, doctor_check_pins(findings, icc, &why), &why, err));
    return 0;
}

static int tell(const struct options *options, const struct findings *findings, size_t wrong,
                struct err *err)
{
    CLEANUP(json_freep) struct json *object = NULL;

    if (options->card.json) {
        object = json_object_new();
        TRY(findings_put(object, findings, err));
        TRY(json_put_int(object, "wrong", (int64_t)wrong, err));
        return output_json(object, err);
    }
    findings_print(findings);
    if (wrong == 0)
        printf("\n%s\n", tr("Nothing is wrong."));
    else
        printf(tr("\n%zu of these are wrong.\n"), wrong);
    return 0;
}

static int doctor(const struct options *options, enum exit_code *ret, struct err *err)
{
    struct findings findings = {.count = 0};
    bool is_absent;
    size_t wrong;

    TRY(examine(options, &findings, err));
    wrong = findings_wrong(&findings, &is_absent);
    TRY(tell(options, &findings, wrong, err));
    *ret = wrong == 0 ? EXIT_CODE_DONE : is_absent ? EXIT_CODE_ABSENT : EXIT_CODE_INVALID;
    return 0;
}

static int run(const void *options, int argc, char *const argv[])
{
    const struct options *given = options;
    enum exit_code code = EXIT_CODE_INTERNAL;
    struct err err = {0};
    int rc = doctor(given, &code, &err);

    (void)argc, (void)argv;
    return rc == 0 ? (int)code : finish(rc, given->card.json, &err);
}

const struct cli_command doctor_command = {
    .path = "doctor",
    .arguments = "",
    .description = N_("look for what is wrong with reader, card and computer, and what to do"),
    .options = rows,
    .size = sizeof(struct options),
    .run = run,
};
