#include "btf/error.h"

#include <stdio.h>

const char *btf_error_reason_name(enum btf_error_reason reason)
{
        static const char *const names[] = {
#define X(id, name) [BTF_ERROR_##id] = name,
                BTF_ERROR_REASONS(X)
#undef X
        };

        return names[reason];
}

int btf_error_setv(struct btf_error *error, enum btf_error_reason reason, uint64_t offset, const char *format,
                   va_list arguments)
{
        error->reason = reason;
        error->offset = offset;
        vsnprintf(error->message, sizeof(error->message), format, arguments);
        return 1;
}

int btf_error_set(struct btf_error *error, enum btf_error_reason reason, uint64_t offset, const char *format,
                  ...)
{
        va_list arguments;

        va_start(arguments, format);
        btf_error_setv(error, reason, offset, format, arguments);
        va_end(arguments);
        return 1;
}
