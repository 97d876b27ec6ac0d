/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of gateway_apis[]. Inside this room only. */
#pragma once

#include "portal/gateway/api.h"

extern const struct gateway_api gateway_procedure_search;   /* procedure_search.c */
extern const struct gateway_api gateway_self_information;   /* self_information.c */
extern const struct gateway_api gateway_application_intake; /* application_intake.c */
extern const struct gateway_api gateway_e_application;      /* e_application.c */
extern const struct gateway_api gateway_medical;            /* medical.c */
extern const struct gateway_api gateway_notices;            /* notices.c */
extern const struct gateway_api gateway_notice_sending;     /* notice_sending.c */
