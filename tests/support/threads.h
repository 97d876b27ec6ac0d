/* SPDX-License-Identifier: Apache-2.0 */
/* Other threads of a test. */
#pragma once

/* Until each of them waits for something, a minute at most; fails the test otherwise. */
void threads_await_sleep(void);
