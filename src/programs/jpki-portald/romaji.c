/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-portald/romaji.h"

#include "base/bytes.h"
#include "base/share.h"
#include "register/municipality.h"

#include <stdlib.h>

struct romaji {
    struct municipalities *places;
    struct place_romaji *rows;
};

int romaji_load(struct romaji **ret, struct err *err)
{
    CLEANUP(romaji_freep) struct romaji *romaji = calloc(1, sizeof *romaji);
    CLEANUP(free_text) char *path = NULL;

    if (romaji == NULL)
        return FAIL_NOMEM(err);
    TRY(share_path("openjpki/municipalities.tsv", &path, err));
    TRY(municipalities_load(path, &romaji->places, err));
    romaji->rows = calloc(municipalities_count(romaji->places), sizeof romaji->rows[0]);
    if (romaji->rows == NULL)
        return FAIL_NOMEM(err);
    for (size_t i = 0; i < municipalities_count(romaji->places); i++) {
        const struct municipality *place = municipality_at(romaji->places, i);

        romaji->rows[i] = (struct place_romaji){place->code, place->prefecture_romaji,
                                                place->romaji};
    }
    *ret = romaji;
    romaji = NULL;
    return 0;
}

void romaji_freep(struct romaji **romaji)
{
    if (*romaji == NULL)
        return;
    free((*romaji)->rows);
    municipalities_freep(&(*romaji)->places);
    free(*romaji);
    *romaji = NULL;
}

struct place_romaji_list romaji_list(const struct romaji *romaji)
{
    return (struct place_romaji_list){romaji->rows, municipalities_count(romaji->places)};
}
