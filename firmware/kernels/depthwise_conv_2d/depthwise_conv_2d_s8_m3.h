/* SPDX-License-Identifier: Apache-2.0 */
/* int8 DEPTHWISE_CONV_2D for Armv7-M without DSP instructions: see depthwise_conv_2d_s8_swar.h. */
#ifndef EW_DEPTHWISE_CONV_2D_S8_M3_H
#define EW_DEPTHWISE_CONV_2D_S8_M3_H

#include "ew_swar_m3.h"

#include "depthwise_conv_2d_s8_swar.h"

#define ew_depthwise_conv_2d_s8_m3 ew_depthwise_conv_2d_s8_swar

#endif
