/* SPDX-License-Identifier: Apache-2.0 */
/* int8 ADD for Armv6-M: see add_s8_swar.h. */
#ifndef EW_ADD_S8_M0_H
#define EW_ADD_S8_M0_H

#include "ew_swar_m0.h"

#include "add_s8_swar.h"

#define ew_add_s8_m0 ew_add_s8_swar

#endif
