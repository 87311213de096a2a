/*
 * Asks a set everything that can be asked, and checks what must be true of every answer: what is asked of the library
 * against a second, slower way to the same answer (all types looked at one by one, a path walked member by member, a
 * bitfield read bit by bit), what is asked of the protocol for being a reply at all. Ends the program if anything is wrong.
 */
#pragma once

#include "index/source_set.h"

/*
 * Returns the replies of the protocol as text, to be freed: whoever asks another set that says the same must get the
 * same, also where its files are of the other byte order (what depends on that is left out).
 */
char *ask_everything(const struct source_set *set);

/* Ends the program, after showing where they part, if two of these texts differ; frees both. NULL differs from none. */
void ask_compare(char *a, char *b);
