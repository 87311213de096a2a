/*
 * The protocol's errors by name; see errors.def.
 */
#pragma once

enum protocol_error {
#define X(id, code, reason, message) PROTOCOL_##id = code,
#include "protocol/errors.def"
#undef X
};

/* The error's `data.reason`, for instance "name-not-found". */
const char *protocol_error_reason(enum protocol_error error);
/* A general sentence for it. */
const char *protocol_error_message(enum protocol_error error);
