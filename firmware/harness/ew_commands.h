/* SPDX-License-Identifier: Apache-2.0 */
/* Between the files of the harness; not for others. */
#ifndef EW_COMMANDS_H
#define EW_COMMANDS_H

#include "ew_harness.h"

/* Cuts the next word off *rest and returns it; NULL when there is none. Words are parted by spaces.
 */
char *ew_take_word(char **rest);

/* Decimal text to *value, at most 999999999; false when it is none. */
bool ew_parse_count(const char *text, uint32_t *value);

/* "e-[problem]", and a word from outside when it is not NULL. */
void ew_complain(const char *problem, const char *word);

/* The commands; `rest` is what follows the name. */
void ew_command_db(ew_harness *harness, char *rest);
void ew_command_infer(ew_harness *harness, char *rest);
void ew_command_results(ew_harness *harness, char *rest);
void ew_command_output(ew_harness *harness, char *rest);
void ew_command_profile(ew_harness *harness, char *rest);
void ew_command_stack(ew_harness *harness, char *rest);
void ew_command_reset(ew_harness *harness, char *rest);
void ew_command_check(ew_harness *harness, char *rest);
void ew_command_image(ew_harness *harness, char *rest);
void ew_command_models(ew_harness *harness, char *rest);
void ew_command_select(ew_harness *harness, char *rest);
void ew_put_timestamp(void);

#endif
