/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpkictl/evidence/evidence.h"

#include "fetch/fetch.h"

#include <stdlib.h>

enum { ANSWER_MAX = 4 * 1024 * 1024 };

static int fetch_facts(const char *socket, struct json **ret, int64_t *ret_at, struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
    const struct fetch_request request = {
        .socket = socket, .url = "/v1/operator/evidence", .limit = ANSWER_MAX};

    TRY(fetch(&request, &response, err));
    if (response.json == NULL || json_get_int(response.json, "at", ret_at, NULL) < 0)
        return FAIL(err, ERR_REMOTE, "the platform's answer is malformed");
    *ret = json_steal(&response.json);
    return 0;
}

/* Whether anybody noted them is not known here: an alarm that nobody took note of is open. */
static int64_t count_alarms(const char *socket)
{
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
    const struct fetch_request request = {.socket = socket, .url = "/v1/alarms"};
    const struct json *alarms;
    int64_t open = 0;

    if (socket == NULL || fetch(&request, &response, NULL) < 0 || response.json == NULL ||
        json_get_array(response.json, "alarms", &alarms, NULL) < 0)
        return -1;
    for (size_t i = 0; i < json_count(alarms); i++)
        open += json_is_null_member(json_at(alarms, i), "noted_at");
    return open;
}

/* A log that is not sound is found, not a failure. */
static void verify_audit(const struct ctl_config *config, struct gathered *ret)
{
    const struct seen_options all = {config->evidence.origin_key, config->evidence.witness_key,
                                     config->evidence.witness};
    const struct seen_options none = {NULL, NULL, NULL};
    bool has_witness = config->evidence.origin_key != NULL && config->evidence.witness_key != NULL;

    ret->audit.is_witnessed = has_witness &&
                              seen_verify_log(&all, config->evidence.platform, &ret->audit.log,
                                              &ret->audit.unwitnessed) == 0;
    ret->audit.is_sound = ret->audit.is_witnessed ||
                          seen_verify_log(&none, config->evidence.platform, &ret->audit.log,
                                          &ret->audit.why) == 0;
}

int evidence_gather(const struct ctl_config *config, struct gathered *ret, struct err *err)
{
    *ret = (struct gathered){.config = config};
    if (config->evidence.platform == NULL)
        return FAIL(err, ERR_USAGE, "the configuration has no [evidence] with a platform");
    TRY(fetch_facts(config->evidence.platform, &ret->facts, &ret->at, err));
    verify_audit(config, ret);
    ret->alarms = count_alarms(config->evidence.witness);
    return evidence_look_at_host(config, ret, err);
}

void gathered_done(struct gathered *gathered)
{
    json_freep(&gathered->facts);
    for (size_t i = 0; i < gathered->folder_count; i++)
        free(gathered->folders[i].path);
}
