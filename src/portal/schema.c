/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/schema.h"

#include "audit/audit.h"
#include "audit/keeper.h"
#include "audit/tree.h"
#include "exchange/schema.h"
#include "portal/application/schema.h"
#include "portal/eligibility/schema.h"
#include "portal/gateway/schema.h"
#include "portal/kiosk/schema.h"
#include "portal/mandate/schema.h"
#include "portal/municipality/schema.h"
#include "portal/notice/schema.h"
#include "portal/operator/schema.h"
#include "portal/outage/schema.h"
#include "portal/procedure/schema.h"
#include "portal/site/schema.h"

/* Appended to; never changed. */
static const char *const migrations[] = {audit_schema_v1,
                                         audit_tree_schema_v1,
                                         audit_checkpoint_schema_v1,
                                         portal_account_v1,
                                         portal_procedures_v1,
                                         portal_gateway_v1,
                                         exchange_schema_v1,
                                         portal_selfinfo_v1,
                                         portal_municipality_keys_v1,
                                         portal_applications_v1,
                                         exchange_notes_v1,
                                         exchange_retention_v1,
                                         portal_mandates_v1,
                                         portal_notices_v1,
                                         portal_operators_v1,
                                         portal_application_signings_v1,
                                         portal_eligibility_v1,
                                         portal_staff_v1,
                                         portal_sites_v1,
                                         portal_outages_v1,
                                         portal_eligibility_v2,
                                         portal_kiosk_v1,
                                         portal_applications_v2,
                                         portal_applications_v3,
                                         exchange_retention_v2,
                                         portal_selfinfo_v2,
                                         portal_kiosk_v2,
                                         portal_notice_senders_v1,
                                         portal_application_readings_v1,
                                         portal_procedures_v2,
                                         exchange_log_v2,
                                         portal_operators_v2,
                                         portal_operators_v3,
                                         portal_operators_v4,
                                         portal_application_prepared_v1,
                                         portal_application_prepared_v2,
                                         portal_procedures_v3,
                                         NULL};

const struct db_schema portal_schema = {"portal", migrations};
