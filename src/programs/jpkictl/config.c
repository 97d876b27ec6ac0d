/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpkictl/config.h"

#include "base/conf.h"

#include <stdlib.h>
#include <string.h>

static const struct conf_key keys[] = {
    {NULL, NULL, CONF_TEXT, 0, NULL, 0, 0, NULL},
};

#define AT(member) offsetof(struct daemon_config, member)
static const struct conf_key daemon_keys[] = {
    {"daemon NAME", "protocol", CONF_TEXT, AT(protocol), "http", 0, 0, "http or signer"},
    {"daemon NAME", "socket", CONF_PATH, AT(socket), NULL, 0, 0, "where it listens"},
    {NULL, NULL, CONF_TEXT, 0, NULL, 0, 0, NULL},
};
#undef AT

static struct conf_group group_of(struct ctl_config *config)
{
    return (struct conf_group){
        .prefix = "daemon",
        .keys = daemon_keys,
        .name = offsetof(struct daemon_config, name),
        .size = sizeof config->daemon[0],
        .max = CTL_DAEMONS_MAX,
        .items = config->daemon,
        .count = &config->daemon_count,
    };
}

static int check(const struct ctl_config *config, struct err *err)
{
    for (size_t i = 0; i < config->daemon_count; i++)
        if (strcmp(config->daemon[i].protocol, "http") != 0 &&
            strcmp(config->daemon[i].protocol, "signer") != 0)
            return FAIL(err, ERR_INPUT, "[daemon %s]: protocol: must be http or signer",
                        config->daemon[i].name);
    return 0;
}

int ctl_config_read(const char *path, struct ctl_config **ret, struct err *err)
{
    CLEANUP(ctl_config_freep) struct ctl_config *config = calloc(1, sizeof *config);
    struct conf_group group;

    if (config == NULL)
        return FAIL_NOMEM(err);
    group = group_of(config);
    TRY(conf_read_group(path, keys, config, &group, err));
    TRY(err_prefix(err, check(config, err), "%s", path));
    *ret = config;
    config = NULL;
    return 0;
}

void ctl_config_free(struct ctl_config *config)
{
    struct conf_group group;

    if (config == NULL)
        return;
    group = group_of(config);
    conf_group_done(&group);
    conf_done(keys, config);
    free(config);
}

void ctl_config_freep(struct ctl_config **config)
{
    ctl_config_free(*config);
    *config = NULL;
}

int ctl_config_sample(struct buf *ret, struct err *err)
{
    return conf_sample(daemon_keys, ret, err);
}
