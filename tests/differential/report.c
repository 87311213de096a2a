#include "report.h"

#include <stdarg.h>
#include <stdlib.h>

/* Differences shown; what further ones there are is seen once these are gone. */
#define MAX_SHOWN 30U

void report_difference(struct report *report, const char *format, ...)
{
        va_list arguments;

        if (report->n_differences++ >= MAX_SHOWN)
                return;
        va_start(arguments, format);
        vprintf(format, arguments);
        va_end(arguments);
        putchar('\n');
}

void report_print(const struct report *report, const char *label)
{
        static const char *const texts[] = {
#define X(id, text) [COUNT_##id] = text,
                COUNTS(X)
#undef X
        };

        printf("%s: %zu differences", label, report->n_differences);
        for (size_t i = 0; i < N_COUNTS; i++)
                printf(", %zu %s", report->counts[i], texts[i]);
        putchar('\n');
}

void die(const char *format, ...)
{
        va_list arguments;

        fflush(stdout);
        va_start(arguments, format);
        vfprintf(stderr, format, arguments);
        va_end(arguments);
        fputc('\n', stderr);
        exit(2);
}

void *allocate(size_t n_elements, size_t element_size)
{
        void *memory = calloc(n_elements > 0 ? n_elements : 1, element_size);

        if (!memory)
                die("out of memory");
        return memory;
}

void *reallocate(void *old, size_t n_elements, size_t element_size)
{
        void *memory = reallocarray(old, n_elements > 0 ? n_elements : 1, element_size);

        if (!memory)
                die("out of memory");
        return memory;
}
