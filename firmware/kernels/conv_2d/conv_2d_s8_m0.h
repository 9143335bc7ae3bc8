/* SPDX-License-Identifier: Apache-2.0 */
/* int8 CONV_2D for Armv6-M: see conv_2d_s8_swar.h. */
#ifndef EW_CONV_2D_S8_M0_H
#define EW_CONV_2D_S8_M0_H

#include "ew_swar_m0.h"

#include "conv_2d_s8_swar.h"

#define ew_conv_2d_s8_m0 ew_conv_2d_s8_swar

#endif
