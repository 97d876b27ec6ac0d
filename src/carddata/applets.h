/* SPDX-License-Identifier: Apache-2.0 */
/* The two applets whose data is signed (card.md 3.2, 3.3). */
#pragma once

enum carddata_applet { CARDDATA_TEXT, CARDDATA_VISUAL, CARDDATA_APPLETS_ };
