/* SPDX-License-Identifier: Apache-2.0 */
/* The facts of the host port, which has no board file. */
#ifndef EW_BOARD_H
#define EW_BOARD_H

#define EW_PORT_TIMER_HZ     1000000000u
#define EW_PORT_COUNTER_HZ   1000000000u
#define EW_PORT_COUNTER_UNIT "nanoseconds"

#endif
