/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Generations of the CAs in a sandbox. Another one is made when somebody asks for it at a start; it
 * stays, and what was issued before is of the one before.
 */
#pragma once

#include "base/err.h"
#include "sandbox/limits.h"

enum { GENERATION_NAME_ROOM = 32 };

/* A number from 1 to SANDBOX_GENERATIONS_MAX as somebody writes it; ERR_USAGE for anything else. */
MUST_CHECK int generations_read(const char *text, unsigned *ret, struct err *err);
/* How many there are to be in a sandbox's directory: those that are there, and at least wanted. */
unsigned generations_of_sandbox(const char *dir, unsigned wanted);
/* Keys and files of the first have that name, those of the others "-gN" behind it. */
void generations_name(const char *first, unsigned generation, char ret[GENERATION_NAME_ROOM]);
