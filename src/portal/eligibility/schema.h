/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

extern const char portal_eligibility_v1[];
extern const char portal_eligibility_v2[];
