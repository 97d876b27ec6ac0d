/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Revocation by lists: every *.crl (DER) in a directory, or one file. The list that counts is of
 * the CA's key (never only its name), covers the certificate's distribution point or everything,
 * and holds at that time; of several the newest.
 */
#pragma once

#include "verify/limits.h"
#include "verify/status.h"

/* path must outlive the source. */
struct status_source crl_status_source(const char *path);
