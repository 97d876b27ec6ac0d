/* SPDX-License-Identifier: Apache-2.0 */
/* What the makers of single files share. Inside this room only. */
#pragma once

#include "carddata/files.h"

struct making {
    const struct carddata_issue *issue;
    const struct carddata_files *done;    /* the files before this one */
    struct bytes keys[CARDDATA_APPLETS_]; /* the card's own, as files write them (cvc_append_key) */
};

/* Appends the contents of one file. */
typedef int (*making_fn)(const struct making *making, struct buf *out, struct err *err);

struct making_row {
    const char *applet;
    uint16_t fid;
    making_fn make;
};

/* Ended by a row without make. */
extern const struct making_row text_rows[];
extern const struct making_row visual_rows[];
extern const struct making_row other_rows[];

enum { MAKING_DATE_SIZE = 8, MAKING_SIGNATURE_SIZE = 256 };

/* tag { YYYYMMDD } */
MUST_CHECK int making_put_date(struct buf *out, uint32_t tag, struct caldate date, struct err *err);
/* Through the caller of the room; MAKING_SIGNATURE_SIZE bytes. */
MUST_CHECK int making_sign(const struct making *making, enum carddata_applet applet,
                           enum carddata_tbs kind, struct bytes tbs, struct buf *ret,
                           struct err *err);
/* Append tag { signature over what is in out }. */
MUST_CHECK int making_put_signature(const struct making *making, enum carddata_applet applet,
                                    enum carddata_tbs kind, uint32_t tag, struct buf *out,
                                    struct err *err);
/* Bytes FF up to size. */
MUST_CHECK int making_fill(struct buf *out, size_t size, struct err *err);

enum { RECORD_FIELDS_MAX = 9 };

/* Files that begin with a table of where each field is (DF21). */
struct record {
    struct buf fields;
    size_t starts[RECORD_FIELDS_MAX];
    size_t count;
};

void record_done(struct record *record);
MUST_CHECK int record_put(struct record *record, uint32_t tag, struct bytes value, struct err *err);
/* The fields from the first to before the last, with their headers. */
struct bytes record_part(const struct record *record, size_t first, size_t end);
/* tag { DF21 { offsets of the fields from the start of the file }, fields } */
MUST_CHECK int record_finish(const struct record *record, uint32_t tag, struct buf *out,
                             struct err *err);
