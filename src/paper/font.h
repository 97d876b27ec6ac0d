/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Japanese font that documents are written in. It is read whole once, so that a service may
 * open it before it confines itself; documents of several threads take turns with it.
 */
#pragma once

#include "base/bytes.h"

struct paper_font;

/* Where Debian's fonts-vlgothic puts it. */
#define PAPER_FONT_PATH "/usr/share/fonts/truetype/vlgothic/VL-Gothic-Regular.ttf"

/*
 * path NULL means PAPER_FONT_PATH. ERR_ABSENT, naming the package, if there is no such file;
 * ERR_INPUT if it is no font of outlines with the mark 〓, or larger than PAPER_FONT_MAX.
 */
MUST_CHECK int paper_font_open(const char *path, struct paper_font **ret, struct err *err);
void paper_font_free(struct paper_font *font); /* accepts NULL */
void paper_font_freep(struct paper_font **font);
