/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Japanese font with which names, addresses and numbers are drawn. It is read whole once, so
 * that a service may open it before it confines itself to its own folders.
 */
#pragma once

#include "base/bytes.h"

struct font;

/* Where Debian's fonts-vlgothic puts it. */
#define FONT_PATH "/usr/share/fonts/truetype/vlgothic/VL-Gothic-Regular.ttf"

/*
 * path NULL means FONT_PATH. ERR_ABSENT, naming the package, if there is no such file; ERR_INPUT
 * if it is no font that FreeType reads, or larger than CARDDATA_FONT_MAX.
 */
MUST_CHECK int font_open(const char *path, struct font **ret, struct err *err);
void font_free(struct font *font);
void font_freep(struct font **font);
