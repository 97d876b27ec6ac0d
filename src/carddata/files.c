/* SPDX-License-Identifier: Apache-2.0 */
/* Each file is a row: where it lies and who makes it. Later rows may look at earlier files. */
#include "carddata/files.h"

#include "carddata/cvc.h"
#include "carddata/making.h"
#include "crypto/digest.h"

#include <string.h>

/* DigestInfo around an octet string of 96 bytes (RFC 8017, A.2.4; card.md 3.3). */
static const uint8_t face_prefix[] = {0x30, 0x71, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                                      0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x60};

static int face_digestinfo(struct bytes tbs, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT;

    if (tbs.len != CARDDATA_TBS_FACE_SIZE)
        return FAIL(err, ERR_USAGE, "three hashes have %d bytes, not %zu", CARDDATA_TBS_FACE_SIZE,
                    tbs.len);
    TRY(buf_append(&out, BYTES_ARRAY(face_prefix), err));
    TRY(buf_append(&out, tbs, err));
    buf_move(ret, &out);
    return 0;
}

int carddata_digestinfo(enum carddata_tbs kind, struct bytes tbs, struct buf *ret, struct err *err)
{
    struct digest digest;

    if (kind == CARDDATA_TBS_FACE)
        return face_digestinfo(tbs, ret, err);
    TRY(digest_compute(DIGEST_SHA256, tbs, &digest, err));
    return digestinfo_build(&digest, ret, err);
}

static int make_rows(struct making *making, const struct making_row *rows,
                     struct carddata_files *files, struct err *err)
{
    for (; rows->make != NULL; rows++) {
        struct carddata_file *file = &files->list[files->count];

        *file = (struct carddata_file){.applet = rows->applet, .fid = rows->fid};
        files->count++; /* what there is of it is released with the others */
        TRY(err_prefix(err, rows->make(making, &file->contents, err), "%s %04X", rows->applet,
                       rows->fid));
    }
    return 0;
}

static int check_certificates(const struct carddata_issue *issue, struct err *err)
{
    if (issue->text_cvc.len != CVC_SIZE || issue->visual_cvc.len != CVC_SIZE)
        return FAIL(err, ERR_USAGE, "a CV certificate has %d bytes", CVC_SIZE);
    return 0;
}

int carddata_build(const struct carddata_issue *issue, struct carddata_files *ret, struct err *err)
{
    CLEANUP(carddata_files_done) struct carddata_files files = {.count = 0};
    CLEANUP(buf_done) struct buf text_key = BUF_INIT;
    CLEANUP(buf_done) struct buf visual_key = BUF_INIT;
    struct making making = {.issue = issue, .done = &files};

    TRY(cardholder_check(issue->holder, err));
    TRY(check_certificates(issue, err));
    TRY(cvc_append_key(&text_key, issue->text_key, err));
    TRY(cvc_append_key(&visual_key, issue->visual_key, err));
    making.keys[CARDDATA_TEXT] = buf_bytes(&text_key);
    making.keys[CARDDATA_VISUAL] = buf_bytes(&visual_key);
    TRY(make_rows(&making, text_rows, &files, err));
    TRY(make_rows(&making, visual_rows, &files, err));
    TRY(make_rows(&making, other_rows, &files, err));
    *ret = files;
    files = (struct carddata_files){.count = 0};
    return 0;
}

struct bytes carddata_files_find(const struct carddata_files *files, const char *applet,
                                 uint16_t fid)
{
    for (size_t i = 0; i < files->count; i++)
        if (files->list[i].fid == fid && strcmp(files->list[i].applet, applet) == 0)
            return buf_bytes(&files->list[i].contents);
    return bytes_of(NULL, 0);
}

void carddata_files_done(struct carddata_files *files)
{
    for (size_t i = 0; i < files->count; i++)
        buf_done(&files->list[i].contents);
    files->count = 0;
}
