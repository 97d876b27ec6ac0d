/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an attachment is, told from its octets and never from its name: one of form_file_types or
 * nothing. What is two things at once (an archive behind a picture) is nothing.
 */
#pragma once

#include "base/bytes.h"

/* "pdf", "jpeg", "png", or NULL. */
const char *attachment_type(struct bytes content);
/* "application/pdf" for "pdf", ... */
const char *attachment_media_type(const char *type);
/*
 * ERR_INPUT unless it is a plain name of 1 to APPLICATION_FILE_NAME_MAX characters: nothing that is
 * a path, a device or hidden on any system, and nothing invisible.
 */
MUST_CHECK int attachment_check_name(const char *name, struct err *err);
