#include "log.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/util.h"

/* The variable names the journal's socket by device and inode; a program started below a service inherits it and
 * may have another standard error. */
static bool stderr_is_journal(void)
{
        const char *stream = getenv("JOURNAL_STREAM");
        struct stat status;
        char expected[64];

        if (!stream || fstat(STDERR_FILENO, &status) < 0)
                return false;
        snprintf(expected, sizeof(expected), "%ju:%ju", (uintmax_t)status.st_dev, (uintmax_t)status.st_ino);
        return string_equal(stream, expected);
}

void log_init(struct log *log, enum log_level level)
{
        *log = (struct log){.level = level, .to_journal = stderr_is_journal()};
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
