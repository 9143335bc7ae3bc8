/* SPDX-License-Identifier: Apache-2.0 */
/* int8 AVERAGE_POOL_2D for Armv7-M without DSP instructions: see average_pool_2d_s8_swar.h. */
#ifndef EW_AVERAGE_POOL_2D_S8_M3_H
#define EW_AVERAGE_POOL_2D_S8_M3_H

#include "average_pool_2d_s8_swar.h"

#define ew_average_pool_2d_s8_m3 ew_average_pool_2d_s8_swar

#endif
