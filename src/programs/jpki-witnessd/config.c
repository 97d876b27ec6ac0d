/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-witnessd/config.h"

#include "base/file.h"
#include "base/sock.h"

#include <string.h>

enum { POLL_MS_MAX = 900 * 1000, AGAIN_S_MAX = 30 * 86400 };

#define AT(member) offsetof(struct witnessd_config, member)
const struct conf_key witnessd_keys[] = {
    SERVICE_KEYS("witness", AT(service)),
    SERVICE_DATABASE_KEY("witness", AT(database)),
    {"witness", "signer", CONF_PATH, AT(signer), NULL, 0, 0,
     "socket of the jpki-signerd with the witness's key, which has no key of a log"},
    {"witness", "key", CONF_TEXT, AT(key), "witness", 0, 0, "that key, of role cosignature"},
    {"witness", "name", CONF_TEXT, AT(name), NULL, 0, 0, "what the witness is called"},
    {"witness", "poll_ms", CONF_INT, AT(poll_ms), "60000", 50, POLL_MS_MAX,
     "time between two looks at the logs"},
    {"witness", "again_s", CONF_INT, AT(again_s), "3600", 1, AGAIN_S_MAX,
     "after how many seconds a checkpoint that did not change is cosigned again"},
    {NULL, NULL, CONF_TEXT, 0, NULL, 0, 0, NULL},
};
#undef AT

#define AT(member) offsetof(struct witnessd_log, member)
const struct conf_key witnessd_log_keys[] = {
    {"log NAME", "socket", CONF_PATH, AT(socket), NULL, 0, 0,
     "socket of the daemon that keeps the log"},
    {"log NAME", "key", CONF_PATH, AT(key), NULL, 0, 0,
     "file with the key of its checkpoints, as jpki-signerd public --name prints it"},
    {NULL, NULL, CONF_TEXT, 0, NULL, 0, 0, NULL},
};
#undef AT

static struct conf_group group_of(struct witnessd_config *config)
{
    return (struct conf_group){
        .prefix = "log",
        .keys = witnessd_log_keys,
        .name = offsetof(struct witnessd_log, name),
        .size = sizeof config->logs[0],
        .max = WITNESS_LOGS_MAX,
        .items = config->logs,
        .count = &config->log_count,
    };
}

static int check_name(const char *name, struct err *err)
{
    size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");

    if (name[len] != '\0' || len > WITNESS_NAME_MAX)
        return FAIL(err, ERR_INPUT, "the name of a log is at most %d of a-z, 0-9 and -",
                    WITNESS_NAME_MAX);
    return 0;
}

static int load_key(struct witnessd_log *log, struct err *err)
{
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    int rc = file_read(log->key, NOTE_KEY_MAX + 1, &file, err);

    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_INPUT, "%s: no such file", log->key);
    TRY(rc);
    TRY(err_prefix(err, note_key_parse(buf_bytes(&file), &log->is, err), "%s", log->key));
    return log->is.algorithm == NOTE_ED25519
               ? 0
               : FAIL(err, ERR_INPUT, "%s: is the key of a witness, not of a log", log->key);
}

/* What was seen is kept by the name in the key, so two sections must not share one. */
static int check_log(struct witnessd_config *config, size_t at, struct err *err)
{
    struct witnessd_log *log = &config->logs[at];

    TRY(check_name(log->name, err));
    TRY(sock_path_check(log->socket, err));
    TRY(load_key(log, err));
    for (size_t i = 0; i < at; i++)
        if (strcmp(config->logs[i].is.name, log->is.name) == 0)
            return FAIL(err, ERR_INPUT, "is the same log as [log %s]", config->logs[i].name);
    return 0;
}

static int check(struct witnessd_config *config, struct err *err)
{
    TRY(sock_path_check(config->signer, err));
    TRY(err_prefix(err, note_name_check(bytes_text(config->name), err), "name"));
    if (config->log_count == 0)
        return FAIL(err, ERR_INPUT, "there is no section [log NAME]");
    for (size_t i = 0; i < config->log_count; i++)
        TRY(err_prefix(err, check_log(config, i, err), "[log %s]", config->logs[i].name));
    return service_check(&config->service, &config->rules, err);
}

int witnessd_config_read(const char *path, struct witnessd_config *ret, struct err *err)
{
    struct conf_group group;
    int rc;

    *ret = (struct witnessd_config){.database = NULL};
    group = group_of(ret);
    rc = conf_read_group(path, witnessd_keys, ret, &group, err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_INPUT, "%s: no such file", path);
    TRY(rc);
    return err_prefix(err, check(ret, err), "%s", path);
}

void witnessd_config_done(struct witnessd_config *config)
{
    struct conf_group group = group_of(config);

    conf_group_done(&group);
    conf_done(witnessd_keys, config);
}
