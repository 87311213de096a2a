/*
 * The daemon's messages, to standard error. Only main.c logs: libraries return what went wrong.
 */
#pragma once

#include <stdbool.h>

/* With syslog's numbers, which the journal reads from the start of a line. */
enum log_level {
        LOG_LEVEL_ERROR = 3,
        LOG_LEVEL_WARNING = 4,
        LOG_LEVEL_INFO = 6,
        LOG_LEVEL_DEBUG = 7,
};

struct log {
        enum log_level level; /* what is less important is dropped */
        bool to_journal;      /* standard error is the journal's: say how important each line is */
};

void log_init(struct log *log, enum log_level level);
bool log_level_from_name(const char *name, enum log_level *ret);
void log_message(const struct log *log, enum log_level level, const char *format, ...)
        __attribute__((__format__(__printf__, 3, 4)));
