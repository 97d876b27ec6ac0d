/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of tokens: keys rotate. */
#include "base/daemon.h"
#include "base/file.h"
#include "base/i18n.h"
#include "programs/exit.h"
#include "programs/jpki-authappd/commands.h"
#include "programs/jpki-authappd/config.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { CONFIG_MAX = 64 * 1024 };

struct keys_options {
    const char *config;
};

static const struct cli_option options[] = {
    {'c', "config", CLI_TEXT, offsetof(struct keys_options, config), "FILE",
     N_("the configuration file")},
    CLI_OPTIONS_END,
};

static int load_keys(const struct authappd_config *config, const char *names,
                     struct token_keys *ret, struct err *err)
{
    CLEANUP(signer_closep) struct signer *signer = NULL;

    TRY(signer_open(config->signer, &signer, err));
    return token_keys_load(signer, names, ret, err);
}

/*
 * The names from now on: the new key, and all but the one that it takes the place of. keys has the
 * new one first, and then those of the configuration.
 */
static int order(const struct token_keys *keys, struct buf *ret, struct err *err)
{
    const struct token_key *new = &keys->at[0];
    const struct token_key *replaced = NULL;

    TRY(buf_append_text(ret, new->name, err));
    for (size_t i = 1; i < keys->count; i++) {
        const struct token_key *key = &keys->at[i];

        if (replaced == NULL && key->alg == new->alg)
            replaced = key;
        if (key != replaced && strcmp(key->name, new->name) != 0)
            TRY(buf_append_format(ret, err, " %s", key->name));
    }
    return replaced != NULL && strcmp(replaced->name, new->name) == 0
               ? FAIL(err, ERR_INPUT, "\"%s\" signs already", new->name)
               : 0;
}

/* Whether a line sets this key, blanks before it or not. */
static bool sets(const char *line, const char *key)
{
    line += strspn(line, " \t");
    if (strncmp(line, key, strlen(key)) != 0)
        return false;
    line += strlen(key);
    return line[strspn(line, " \t")] == '=';
}

/* The file with this line in place of the one that sets the key; the rest as it was. */
static int put_line(const char *text, const char *names, struct buf *ret, struct err *err)
{
    bool is_done = false;

    while (*text != '\0') {
        size_t len = strcspn(text, "\n");

        if (sets(text, "token_keys")) {
            TRY(buf_append_format(ret, err, "token_keys = %s", names));
            is_done = true;
        } else {
            TRY(buf_append(ret, bytes_of(text, len), err));
        }
        text += len;
        if (*text == '\n')
            TRY(buf_append_byte(ret, (uint8_t)*text++, err));
    }
    return is_done ? 0 : FAIL(err, ERR_INPUT, "no line sets token_keys");
}

static int write_config(const char *path, const char *names, struct err *err)
{
    CLEANUP(buf_done) struct buf before = BUF_INIT;
    CLEANUP(buf_done) struct buf after = BUF_INIT;
    struct stat status;
    const char *text;

    if (stat(path, &status) < 0)
        return FAIL_ERRNO(err, "cannot read %s", path);
    TRY(file_read(path, CONFIG_MAX, &before, err));
    TRY(buf_text(&before, &text, err));
    TRY(err_prefix(err, put_line(text, names, &after, err), "%s", path));
    return file_replace(path, status.st_mode & 0777, buf_bytes(&after), err);
}

static int rotate(const struct keys_options *parsed, const char *new, struct err *err)
{
    CLEANUP(authappd_config_done) struct authappd_config config = {.database = NULL};
    CLEANUP(token_keys_done) struct token_keys keys = {.count = 0};
    CLEANUP(buf_done) struct buf names = BUF_INIT;
    CLEANUP(free_text) char *all = NULL;
    const char *text;

    if (parsed->config == NULL)
        return FAIL(err, ERR_USAGE, "--config FILE is missing");
    TRY(authappd_config_read(parsed->config, &config, err));
    TRY(daemon_harden(err));
    TRY(path_format(&all, err, "%s %s", new, config.token_keys));
    TRY(load_keys(&config, all, &keys, err));
    TRY(order(&keys, &names, err));
    TRY(buf_text(&names, &text, err));
    TRY(write_config(parsed->config, text, err));
    (void)printf("token_keys = %s\n", text);
    return 0;
}

static int rotate_run(const void *parsed, int argc, char *const argv[])
{
    struct err err = {0};

    (void)argc;
    return rotate(parsed, argv[0], &err) < 0 ? exit_report("jpki-authappd", &err) : EXIT_CODE_DONE;
}

const struct cli_command keys_rotate_command = {
    "keys rotate",
    "NAME",
    N_("have another key sign tokens, by the configuration file"),
    options,
    sizeof(struct keys_options),
    1,
    1,
    rotate_run,
};
