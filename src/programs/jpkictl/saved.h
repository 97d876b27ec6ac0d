/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A record of the exchange's log as its person has saved it from the portal's page ('GET
 * /v1/history/ID/proof'): what a person reads, the text that the audit log is committed to, and the
 * proof. Only what stands in the text is proved: names of bodies and sentences explain it.
 */
#pragma once

#include "base/json.h"

struct saved {
    struct json *proof; /* as audit prove prints one */
    char *text;         /* exchange/log.h: log_record_text */
};
void saved_done(struct saved *saved);

/* Whether a file is one. */
bool saved_is(const struct json *file);
/*
 * Take it apart; release with saved_done. ERR_INPUT if it is not in that form; ERR_UNTRUSTED if a
 * member of what is read says something else than the text. Whether the proof is about the text is
 * for the caller to see.
 */
MUST_CHECK int saved_open(const struct json *file, struct saved *ret, struct err *err);
/* What is proved, in lines for people, none of which can hide another; release with buf_done. */
MUST_CHECK int saved_describe(const char *text, struct buf *ret, struct err *err);
