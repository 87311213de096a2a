#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "util/util.h"

void log_init(struct log *log, enum log_level level)
{
        *log = (struct log){.level = level, .to_journal = getenv("JOURNAL_STREAM") != NULL};
}

bool log_level_from_name(const char *name, enum log_level *ret)
{
        static const struct {
                const char *name;
                enum log_level level;
        } levels[] = {
                {"error", LOG_LEVEL_ERROR},
                {"warning", LOG_LEVEL_WARNING},
                {"info", LOG_LEVEL_INFO},
                {"debug", LOG_LEVEL_DEBUG},
        };

        for (size_t i = 0; i < ARRAY_LENGTH(levels); i++) {
                if (string_equal(levels[i].name, name)) {
                        *ret = levels[i].level;
                        return true;
                }
        }
        return false;
}

void log_message(const struct log *log, enum log_level level, const char *format, ...)
{
        char text[1024];
        va_list arguments;

        if (level > log->level)
                return;
        va_start(arguments, format);
        vsnprintf(text, sizeof(text), format, arguments);
        va_end(arguments);
        if (log->to_journal)
                fprintf(stderr, "<%d>%s\n", (int)level, text);
        else
                fprintf(stderr, "btfd: %s\n", text);
}
