/*
 * A bounded string under construction, in memory that the caller owns (usually an array on its stack). What
 * does not fit is not written and sets `overflow`; the text up to there stays NUL-terminated.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct strbuf {
        char *data;
        size_t size;
        size_t length;
        bool overflow;
};

/* `size` in bytes, at least 1: it counts the terminating NUL. */
void strbuf_init(struct strbuf *buffer, char *data, size_t size);
void strbuf_append(struct strbuf *buffer, const char *string);
void strbuf_printf(struct strbuf *buffer, const char *format, ...)
        __attribute__((__format__(__printf__, 2, 3)));
