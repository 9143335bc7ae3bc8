/* SPDX-License-Identifier: Apache-2.0 */
/* int8 ADD for Armv7-M without DSP instructions: see add_s8_swar.h. */
#ifndef EW_ADD_S8_M3_H
#define EW_ADD_S8_M3_H

#include "ew_swar_m3.h"

#include "add_s8_swar.h"

#define ew_add_s8_m3 ew_add_s8_swar

#endif
