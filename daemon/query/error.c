#include "query/error.h"

#include <stdarg.h>
#include <stdio.h>

int query_error_set(struct query_error *error, enum query_reason reason, const char *format, ...)
{
        va_list arguments;

        *error = (struct query_error){.reason = reason};
        va_start(arguments, format);
        vsnprintf(error->message, sizeof(error->message), format, arguments);
        va_end(arguments);
        return (int)reason;
}

void query_error_list(struct query_error *error, const char *name, const struct query_candidate *candidates,
                      size_t n_definitions)
{
        error->name = name;
        error->n_definitions = n_definitions;
        error->n_candidates = n_definitions < QUERY_MAX_CANDIDATES ? n_definitions : QUERY_MAX_CANDIDATES;
        memcpy(error->candidates, candidates, error->n_candidates * sizeof(error->candidates[0]));
}

void query_error_add_near(struct query_error *error, const char *prefix, const char *name)
{
        for (size_t i = 0; i < error->n_near; i++) {
                if (string_equal(error->near[i].name, name) && string_equal(error->near[i].prefix, prefix))
                        return;
        }
        if (error->n_near < QUERY_MAX_NEAR)
                error->near[error->n_near++] = (struct query_near){.prefix = prefix, .name = name};
}
