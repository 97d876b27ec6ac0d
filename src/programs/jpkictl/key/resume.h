/* SPDX-License-Identifier: Apache-2.0 */
/* How a ceremony that was interrupted goes on, or ends. */
#pragma once

#include "programs/jpkictl/key/held.h"

/* For transcript_resume: take over what an entry says; context is a struct held. */
transcript_each held_replay;
/*
 * Where the shares were not tried before the interruption, they are void and the ceremony goes on
 * where the secret was made; the transcript and the people are told which to destroy.
 */
MUST_CHECK int held_go_on(struct held *held, bool is_torn, struct err *err);
/*
 * End it: nothing that it made is left but the shares, which are named. ERR_CONFLICT if the keys
 * were installed.
 */
MUST_CHECK int held_abort(struct held *held, struct err *err);
