/*
 * One pass over a line before any JSON parser sees it: a parser spends up to 79 bytes of memory on a byte of
 * input, so how much it would build is bounded beforehand. Counts lexically and needs no valid JSON.
 */
#pragma once

#include <stddef.h>

struct prescan {
        size_t n_tokens; /* strings, numbers and words, and each of { } [ ] : , */
        size_t depth;    /* the deepest nesting of { and [ */
};

struct prescan prescan(const char *line, size_t length);

/* Where a parser stopped: how deep that is, and the last string that ends at or before it. */
struct prescan_location {
        size_t depth;
        const char *string; /* without its quotes, escapes not decoded; NULL if there is none; borrowed from
                               the line */
        size_t string_length;
};

/* Describes the place `position` bytes into the line. */
struct prescan_location prescan_locate(const char *line, size_t length, size_t position);
