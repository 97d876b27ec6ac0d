/* SPDX-License-Identifier: Apache-2.0 */
#include "authapp/page/qr.h"

#include <qrencode.h>

enum { QUIET = 4 }; /* modules of white around it (ISO/IEC 18004, 6.3.8) */

static void code_freep(QRcode **code)
{
    QRcode_free(*code);
}

/* Each row as runs of dark modules. */
static int put_row(const QRcode *code, int y, struct buf *out, struct err *err)
{
    const unsigned char *row = code->data + (size_t)y * (size_t)code->width;

    for (int x = 0; x < code->width; x++) {
        int start = x;

        while (x < code->width && (row[x] & 1) != 0)
            x++;
        if (x > start)
            TRY(buf_append_format(out, err, "M%d %dh%dv1h-%dz", start + QUIET, y + QUIET, x - start,
                                  x - start));
    }
    return 0;
}

int qr_svg(const char *text, struct buf *ret, struct err *err)
{
    CLEANUP(code_freep) QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    int size;

    if (code == NULL)
        return FAIL(err, ERR_INPUT, "there is no QR code of this text");
    size = code->width + 2 * QUIET;
    TRY(buf_append_format(&out, err,
                          "<svg class=\"qr\" xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" "
                          "aria-label=\"QR\" viewBox=\"0 0 %d %d\" "
                          "shape-rendering=\"crispEdges\"><path fill=\"currentColor\" d=\"",
                          size, size));
    for (int y = 0; y < code->width; y++)
        TRY(put_row(code, y, &out, err));
    TRY(buf_append_text(&out, "\"/></svg>\n", err));
    buf_move(ret, &out);
    return 0;
}
