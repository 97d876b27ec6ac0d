/* SPDX-License-Identifier: Apache-2.0 */
/* jpkictl key transcript verify: whether the record of a ceremony is whole, and what it says. */
#include "base/file.h"
#include "base/i18n.h"
#include "ceremony/limits.h"
#include "ceremony/transcript.h"
#include "programs/exit.h"
#include "programs/jpkictl/commands.h"
#include "programs/output.h"

#include <stdio.h>

struct options {
    const char *head;
    bool json;
};

static const struct cli_option rows[] = {
    {0, "head", CLI_TEXT, offsetof(struct options, head), N_("HASH"),
     N_("the last hash, as it was written down in the ceremony")},
    {'j', "json", CLI_FLAG, offsetof(struct options, json), NULL, N_("print JSON")},
    CLI_OPTIONS_END,
};

/* An entry's text in a member, or a dash. */
static const char *text_of(const struct json *entry, const char *key)
{
    const char *text;

    return json_get_text(entry, key, &text, NULL) == 0 ? text : "-";
}

static int walk(const struct options *options, struct bytes rest, struct transcript_state *state,
                struct json *entries, struct err *err)
{
    for (;;) {
        CLEANUP(json_freep) struct json *entry = NULL;
        int rc = transcript_next(&rest, state, &entry, err);

        if (rc == -ERR_ABSENT)
            return 0;
        TRY(rc);
        if (!options->json)
            printf("%4u  %s  %-8s %-16s %-12s %s\n", state->entries, text_of(entry, "at"),
                   text_of(entry, "do"), text_of(entry, "step"), text_of(entry, "kind"),
                   text_of(entry, "who"));
        TRY(json_add(entries, json_steal(&entry), err));
    }
}

static int print(const struct options *options, const struct transcript_state *state,
                 struct json **entries, struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();
    char head[TRANSCRIPT_HEAD_SIZE];

    transcript_head(state, head);
    if (!options->json) {
        printf(tr("%u entries, the last hash is %s\n"), state->entries, head);
        if (!state->is_closed)
            printf("%s\n", tr("The ceremony has not ended: entries may follow."));
        if (options->head == NULL)
            printf("%s\n", tr("Compare this hash with the one on paper, or give it with --head."));
        return 0;
    }
    TRY(json_put(object, "entries", json_steal(entries), err));
    TRY(json_put_bool(object, "closed", state->is_closed, err));
    TRY(json_put_text(object, "head", head, err));
    return output_json(object, err);
}

static int verify(const struct options *options, const char *path, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(json_freep) struct json *entries = json_array_new();
    struct transcript_state state = {.entries = 0};
    char head[TRANSCRIPT_HEAD_SIZE];

    TRY(file_read(path, TRANSCRIPT_MAX, &text, err));
    TRY(err_prefix(err, walk(options, buf_bytes(&text), &state, entries, err), "%s", path));
    transcript_head(&state, head);
    if (options->head != NULL && strcmp(options->head, head) != 0)
        return FAIL(err, ERR_UNTRUSTED, "%s: the last hash is %s, not the one given", path, head);
    return print(options, &state, &entries, err);
}

static int run(const void *parsed, int argc, char *const argv[])
{
    struct err err = {0};

    (void)argc;
    return verify(parsed, argv[0], &err) < 0 ? fail(&err) : EXIT_CODE_DONE;
}

const struct cli_command command_key_transcript_verify = {
    .path = "key transcript verify",
    .arguments = N_("FILE"),
    .description = N_("find out whether the transcript of a ceremony is whole, and show it"),
    .options = rows,
    .size = sizeof(struct options),
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
