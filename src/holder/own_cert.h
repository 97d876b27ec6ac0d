/* SPDX-License-Identifier: Apache-2.0 */
/* A certificate of the card's holder. Inside this room only. */
#pragma once

#include "client/cert.h"
#include "x509/cert.h"

/* Failures as icc_read_cert; ERR_REMOTE for what is no certificate: no file of the person's. */
MUST_CHECK int own_cert_read(struct icc *icc, enum icc_cert which, struct x509_cert **ret,
                             struct err *err);
