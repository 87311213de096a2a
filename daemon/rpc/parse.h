/*
 * From a line to JSON that may be requests: bounds, syntax, and the form of a request.
 */
#pragma once

#include <jansson.h>

#include "protocol/json_writer.h"
#include "util/util.h"

DEFINE_CLEANUP(json_t *, json_cleanup, json_decref)

/*
 * Checks the bounds of a line before any memory is spent on it, and parses it. Returns 0 with the JSON in *ret, the
 * caller's, or NULL there if the line has been answered already, with an error in `out`; RPC_BAD_LINE, also answered; or
 * -ENOMEM.
 */
int parse_line(const char *line, size_t length, struct json_writer *out, json_t **ret);

/* What is wrong with the form of a request, or NULL. */
const char *request_fault(const json_t *request);
/* The id to answer with, borrowed; NULL if there is none that JSON-RPC knows. */
const json_t *request_id(const json_t *request);
