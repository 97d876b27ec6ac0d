/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/gateway/api.h"

#include "portal/gateway/apis.h"

#include <string.h>

const struct gateway_api *const gateway_apis[] = {&gateway_procedure_search,
                                                  &gateway_self_information,
                                                  &gateway_application_intake,
                                                  &gateway_e_application,
                                                  &gateway_medical,
                                                  &gateway_notices,
                                                  &gateway_notice_sending,
                                                  NULL};

const struct gateway_api *gateway_api_find(const char *name)
{
    for (size_t i = 0; gateway_apis[i] != NULL; i++) {
        if (strcmp(gateway_apis[i]->name, name) == 0)
            return gateway_apis[i];
    }
    return NULL;
}

bool gateway_api_has(const struct gateway_api *api, const char *info)
{
    if (api->infos == NULL)
        return true;
    for (size_t i = 0; api->infos[i] != NULL; i++) {
        if (strcmp(api->infos[i], info) == 0)
            return true;
    }
    return false;
}

int64_t gateway_api_reach(const struct gateway_api *api, const char *info)
{
    for (size_t i = 0; api->reach != NULL && api->reach[i].info != NULL; i++) {
        if (strcmp(api->reach[i].info, info) == 0)
            return api->reach[i].days;
    }
    return 0;
}
