/*
 * What has been compared, and what differs.
 *
 * A difference ends nothing: all are counted and the first ones shown, as one mistake shows up in many types. Whatever
 * keeps the comparison itself from going on (no socket, no memory, a reply that is no JSON) ends the program.
 */
#pragma once

#include <stddef.h>
#include <stdio.h>

/* What is counted, and how it is called at the end. */
#define COUNTS(X)                                                                                            \
        X(SOURCES, "sources")                                                                                \
        X(TYPES, "types")                                                                                    \
        X(MEMBERS, "members")                                                                                \
        X(BITFIELDS, "bitfields")                                                                            \
        X(LOADS, "load recipes executed")                                                                    \
        X(VALUES, "enumerators")                                                                             \
        X(PARAMETERS, "parameters")                                                                          \
        X(VARIABLES, "variables")                                                                            \
        X(DECLARATIONS, "declarations")                                                                      \
        X(NAMES, "names")                                                                                    \
        X(QUESTIONS, "questions by name")                                                                    \
        X(FOUND, "of them found")                                                                            \
        X(ALSO, "of these with others in modules")                                                           \
        X(AMBIGUOUS, "ambiguous")                                                                            \
        X(POINTEES, "of these by what their pointers lead to only")

enum count {
#define X(id, text) COUNT_##id,
        COUNTS(X)
#undef X
                N_COUNTS
};

struct report {
        size_t counts[N_COUNTS];
        size_t n_differences;
};

/* Counts a difference, and shows it unless there have been many. */
void report_difference(struct report *report, const char *format, ...)
        __attribute__((__format__(__printf__, 2, 3)));
void report_print(const struct report *report, const char *label);

/* ctest's exit status for a test that has nothing to test. */
#define EXIT_SKIPPED 77

_Noreturn void die(const char *format, ...) __attribute__((__format__(__printf__, 1, 2)));
/* calloc() and realloc() that do not return NULL. */
void *allocate(size_t n_elements, size_t element_size);
void *reallocate(void *old, size_t n_elements, size_t element_size);
