/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OCSP responders of a nation in this process: a hundred million certificates, five million of them
 * revoked, keys at real signerds, and wrk as whoever asks. Certificates are made by
 * jpki-authorityd.
 */
#pragma once

#include "ocsp/responder.h"

#include <sys/resource.h>
#include <sys/types.h>

enum { OCSP_LAB_ISSUED = 100000000, OCSP_LAB_REVOKED = 5000000 };

struct ocsp_lab {
    char *dir;
    pid_t signers[2];
    char *signer; /* socket of the one for OCSP */
    char *client; /* what a proxy says about whoever asks */
    struct ocsp_responder responder;
    bool has_index;
    struct http_server *server;
    uint16_t port;
    struct buf constant; /* what POST /constant answers */
};

/* With room for so many kept answers; 0: none are kept. Release also after a failure. */
MUST_CHECK int ocsp_lab_up(struct ocsp_lab *lab, size_t keep, struct err *err);
void ocsp_lab_down(struct ocsp_lab *lab);

/* A request about a certificate of the sign CA, unsigned. */
MUST_CHECK int ocsp_lab_request(const struct ocsp_lab *lab, uint32_t serial, struct bytes nonce,
                                struct buf *ret, struct err *err);
/* A file of requests for wrk. */
struct ocsp_lab_file {
    char *path;
    struct buf text;
};
MUST_CHECK int ocsp_lab_add(struct ocsp_lab_file *file, struct bytes request, struct err *err);
MUST_CHECK int ocsp_lab_save(const struct ocsp_lab *lab, struct ocsp_lab_file *file,
                             const char *name, struct err *err);
void ocsp_lab_file_done(struct ocsp_lab_file *file);

/* Somebody who answers. */
struct ocsp_target {
    const char *path; /* of the URL */
    const char *file; /* of requests; for ocsp_lab_dial of one, as it is sent */
    uint16_t port;
};
/* What an answer costs, in microseconds of a processor, whatever others do meanwhile. */
struct ocsp_lab_cost {
    double here;    /* in this process: the responder */
    double signing; /* in the signerd for OCSP */
    double asking;  /* in wrk */
};
struct ocsp_lab_load {
    double rate; /* answers a second */
    struct ocsp_lab_cost cost;
    double p99_ms; /* from the question to the answer */
};
/* On 64 connections that stay, by wrk; each waits for pause_ms between two questions. */
MUST_CHECK int ocsp_lab_load(const struct ocsp_lab *lab, const struct ocsp_target *target,
                             unsigned pause_ms, struct ocsp_lab_load *ret, struct err *err);
/* The pause with which half of a rate is asked for. */
unsigned ocsp_lab_half(double rate);
/* Microseconds that processors have worked for RUSAGE_SELF, RUSAGE_THREAD or RUSAGE_CHILDREN. */
double ocsp_lab_worked_us(int who);
/* The same with a new connection for each, four at a time (ab). */
MUST_CHECK int ocsp_lab_dial(const struct ocsp_lab *lab, const struct ocsp_target *target,
                             double *ret, struct err *err);
/* One of the scripts of the lab, told its directory and that of our programs. */
MUST_CHECK int ocsp_lab_script(const struct ocsp_lab *lab, const char *script, struct err *err);
