/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many questions of each requester were answered, for the authority's bills. Totals that only
 * grow, in a mapped file: counting costs one atomic addition, and a process that is killed at any
 * instant has counted exactly what it had answered; so has one whose power is cut, up to when it
 * was kept last. The authority is told totals, never differences, under a number that grows; so a
 * batch that is lost, or told twice, changes nothing.
 */
#pragma once

#include "ocsp/index.h"

struct ocsp_meter;

enum { METER_ID_SIZE = 16 };

/*
 * Open the file of a meter, or make one (0600) under a new random id. ERR_INPUT if it is none,
 * ERR_CONFLICT while another process has it.
 */
MUST_CHECK int ocsp_meter_open(const char *path, struct ocsp_meter **ret, struct err *err);
void ocsp_meter_close(struct ocsp_meter *meter); /* accepts NULL */
void ocsp_meter_closep(struct ocsp_meter **meter);

/*
 * The place of a requester, the same one for ever; it is made at the first time. ERR_INPUT for a
 * name that is empty or over METER_NAME_MAX; ERR_CONFLICT if it would be number METER_NAMES_MAX
 * plus one. One thread at a time.
 */
MUST_CHECK int ocsp_meter_place(struct ocsp_meter *meter, const char *name, unsigned *ret,
                                struct err *err);
/* One more answer. Any thread, at the same time as everything else; does not wait. */
void ocsp_meter_count(struct ocsp_meter *meter, unsigned place, enum ocsp_ca ca);

struct meter_total {
    const char *name; /* lives as long as the meter */
    uint64_t count[OCSP_CAS_];
};

/* All totals at one moment. */
struct meter_batch {
    uint8_t id[METER_ID_SIZE]; /* the meter's */
    uint64_t number;           /* from 1, higher each time */
    struct meter_total totals[METER_NAMES_MAX];
    size_t count;
};

/*
 * Take the next batch; it is on the disk before it is returned, so that no power loss makes this
 * meter know less than it has told. One thread at a time.
 */
MUST_CHECK int ocsp_meter_cut(struct ocsp_meter *meter, struct meter_batch *ret, struct err *err);

/*
 * See to it that a power cut does not lose what was counted until now; costs nothing if nothing
 * was since the last time. One thread at a time.
 */
MUST_CHECK int ocsp_meter_keep(struct ocsp_meter *meter, struct err *err);

/*
 * Tell the authority behind a socket, if anything was counted since it was told. ERR_CONFLICT if it
 * knows more than this file, which then is an old copy; else as fetch. One thread at a time.
 */
MUST_CHECK int ocsp_meter_deliver(struct ocsp_meter *meter, const char *socket, struct err *err);
