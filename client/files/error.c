#include "files/error.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

const char *files_error_reason_name(enum files_error_reason reason)
{
        static const char *const names[] = {
#define X(id, name) [FILES_ERROR_##id] = name,
                FILES_ERROR_REASONS(X)
#undef X
        };

        return names[reason];
}

const char *files_place_name(enum files_place place)
{
        switch (place) {
        case FILES_PLACE_NONE:
        case FILES_PLACE_FILE:
                return NULL;
        case FILES_PLACE_UNPACKED:
                return "unpacked";
        case FILES_PLACE_BTF:
                return ".BTF";
        case FILES_PLACE_BTF_BASE:
                return ".BTF.base";
        case FILES_PLACE_RELOCATED:
                return "relocated";
        }
        return NULL;
}

int files_error_set(struct files_error *error, enum files_error_reason reason, enum files_place place,
                    uint64_t offset, const char *format, ...)
{
        va_list arguments;

        error->reason = reason;
        error->place = place;
        error->offset = offset;
        va_start(arguments, format);
        vsnprintf(error->message, sizeof(error->message), format, arguments);
        va_end(arguments);
        return 1;
}
