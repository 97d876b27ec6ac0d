/* SPDX-License-Identifier: Apache-2.0 */
/* Values are quoted for the shell: a directory may be called anything. */
#include "programs/jpki-sandbox/commands.h"

#include "base/i18n.h"
#include "programs/exit.h"
#include "sandbox/state.h"

#include <stdio.h>

struct env {
    const char *dir;
};

static const struct cli_option options[] = {
    {'d', "dir", CLI_TEXT, offsetof(struct env, dir), N_("DIR"), N_("the sandbox's directory")},
    CLI_OPTIONS_END,
};

static void export_path(const char *name, const char *before, const char *path, const char *after)
{
    printf("export %s='%s", name, before);
    for (; *path != '\0'; path++) {
        if (*path == '\'')
            printf("'\\''");
        else
            putchar(*path);
    }
    printf("%s'\n", after);
}

static int export_urls(const struct json *state, struct err *err)
{
    const struct json *urls = NULL;
    const char *url = NULL;

    TRY(json_get_object(state, "urls", &urls, err));
    TRY(json_get_text(urls, "platform", &url, err));
    export_path("JPKI_PLATFORM", "", url, "");
    TRY(json_get_text(urls, "ocsp", &url, err));
    export_path("JPKI_OCSP", "", url, "");
    return 0;
}

static int show(const struct env *env, struct err *err)
{
    CLEANUP(layout_done) struct layout layout = LAYOUT_INIT;
    CLEANUP(json_freep) struct json *state = NULL;
    CLEANUP(free_text) char *folder = NULL;
    bool has_reader = false;

    TRY(layout_init(env->dir, &layout, err));
    TRY(state_read(&layout, &state, err));
    TRY(json_get_bool(state, "reader", &has_reader, err));
    TRY(own_folder(&folder, err));
    if (has_reader)
        export_path("PCSCLITE_CSOCK_NAME", "", layout.dir, "/pcscd/pcscd.comm");
    else
        export_path("JPKI_READER", "direct:", layout.dir, "/card/direct.sock");
    export_path("JPKI_ANCHORS", "", layout.dir, "/anchors");
    export_path("JPKI_TRACE", "", layout.dir, "/trace/jpki.jsonl");
    export_path("JPKI_TENANT_KEY_FILE", "", layout.dir, "/providers/sample-bank.key");
    export_path("JPKICTL_CONFIG", "", layout.dir, "/conf/jpkictl.conf");
    TRY(export_urls(state, err));
    export_path("PATH", "", folder, "'\"${PATH:+:$PATH}\"'");
    return 0;
}

static int run(const void *parsed, int argc, char *const argv[])
{
    struct err err = {0};

    (void)argc;
    (void)argv;
    return show(parsed, &err) < 0 ? fail(&err) : EXIT_CODE_DONE;
}

const struct cli_command command_env = {
    .path = "env",
    .arguments = "",
    .description = N_("print what a shell needs: eval \"$(jpki-sandbox env)\""),
    .options = options,
    .size = sizeof(struct env),
    .run = run,
};
