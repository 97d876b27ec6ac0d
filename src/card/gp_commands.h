/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of GlobalPlatform's commands share; for them alone. */
#pragma once

#include "card/gp.h"
#include "card/state.h"

/* What changes, in an image whose areas are its own and whose issuer's keys are not. */
typedef int gp_change_fn(const struct gp *gp, struct image *next, void *context, struct err *err);

/* Change a copy of the card's image, store it, and only then take it. */
MUST_CHECK int gp_change(struct card *card, gp_change_fn *fn, void *context, struct err *err);

/* A chain of commands that was begun is forgotten. */
void gp_drop_chain(struct gp *gp);
/* The area that is selected, in this image; NULL: none is. */
struct free_area *gp_selected_area(struct image *image, const struct gp *gp);

/* gp_issuer.c: with the ISD selected, through its secure channel */
card_command_fn gp_install, gp_store_data, gp_delete_area, gp_get_status, gp_get_resources;
/* gp_read.c: with the directory or an area selected */
card_command_fn gp_select_file, gp_read_directory, gp_read_contents;
