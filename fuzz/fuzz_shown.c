/* SPDX-License-Identifier: Apache-2.0 */
/* What a proxy passes on of a TLS client's certificate: what is read is one, and nothing else. */
#include "x509/shown.h"

#include "fuzz.h"
#include "x509/cert.h"
