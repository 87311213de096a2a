#include "protocol/errors.h"

#include <stddef.h>

const char *protocol_error_reason(enum protocol_error error)
{
        switch (error) {
#define X(id, code, reason, message)                                                                         \
        case PROTOCOL_##id:                                                                                  \
                return reason;
#include "protocol/errors.def"
#undef X
        }
        return NULL;
}

const char *protocol_error_message(enum protocol_error error)
{
        switch (error) {
#define X(id, code, reason, message)                                                                         \
        case PROTOCOL_##id:                                                                                  \
                return message;
#include "protocol/errors.def"
#undef X
        }
        return NULL;
}
