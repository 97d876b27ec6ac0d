/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a signature counts, which a platform says (jpki-platformd(8)), of which the portal is a
 * tenant: the portal has no CA and no list of revocations. The certificate goes there encrypted to
 * the platform, and what comes back is a verdict and what the certificate says of its holder.
 */
#pragma once

#include "docsign/xml_signature.h"
#include "portal/application/applicant.h"

struct portal;

/*
 * *ret_applicant is {name, address, birth_date, sex}. ERR_UNTRUSTED for a signature that is not
 * valid, or somebody else's than the applicant's, in words for the signer; ERR_REMOTE if that
 * cannot be said now, and where no platform is configured. Whose it is, the register says, to which
 * the platform says whose certificate it was (docs/decisions/0091); without a register nobody does.
 */
MUST_CHECK int application_judge(const struct portal *portal, const struct xml_signed *document,
                                 const struct applicant *applicant, struct json **ret_applicant,
                                 struct err *err);
