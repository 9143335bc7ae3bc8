/* SPDX-License-Identifier: Apache-2.0 */
/* int8 AVERAGE_POOL_2D for Armv6-M: see average_pool_2d_s8_swar.h. */
#ifndef EW_AVERAGE_POOL_2D_S8_M0_H
#define EW_AVERAGE_POOL_2D_S8_M0_H

#include "average_pool_2d_s8_swar.h"

#define ew_average_pool_2d_s8_m0 ew_average_pool_2d_s8_swar

#endif
