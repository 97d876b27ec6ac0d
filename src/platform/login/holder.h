/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who somebody is here, over the years: a certificate that nobody has shown before may be the
 * successor of one that is known (design 5, F3). Inside this room only.
 */
#pragma once

#include "platform/login/store.h"
#include "platform/platform.h"

/*
 * Look back from a certificate, by the authority's links, for one that is known, and note that both
 * are the same person's. Nothing happens for one that is known, somebody new, or a platform that
 * has no way to ask. ERR_REMOTE if the authority cannot be asked: whoever it is would become
 * somebody else.
 */
MUST_CHECK int holder_recognise(const struct platform *platform, struct signer *signer,
                                const struct holder_key *who, const char *session,
                                const struct audit_origin *by, struct err *err);
