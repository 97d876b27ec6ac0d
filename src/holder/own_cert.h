/* SPDX-License-Identifier: Apache-2.0 */
/* A certificate of the card's holder. Inside this room only. */
#pragma once

#include "client/cert.h"
#include "x509/cert.h"

/* Failures as icc_read_cert; ERR_REMOTE for what is no certificate: no file of the person's. */
MUST_CHECK int own_cert_read(struct icc *icc, enum icc_cert which, struct x509_cert **ret,
                             struct err *err);
/*
 * ERR_INPUT if its key is of a kind that what is sent to services is not signed by: the message is
 * a SHA-256 digest for an RSA key (crypto/bound.h).
 */
MUST_CHECK int own_cert_check_kind(const struct x509_cert *cert, struct err *err);
