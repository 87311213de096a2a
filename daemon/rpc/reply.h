/*
 * One reply under construction: the JSON-RPC envelope around a result, or the error that replaces it.
 */
#pragma once

#include <stdbool.h>

#include <jansson.h>

#include "protocol/errors.h"
#include "protocol/json_writer.h"

/* An error repeats at most so many bytes of what it complains of. */
#define REPLY_MAX_ECHO 256U

/* What an error may take beyond the reply's limit, which it is there to report: 16 candidates and the echoes
 * fit. */
#define REPLY_ERROR_ROOM (64U << 10)

struct reply {
        struct json_writer *out;
        struct json_mark start;
        const json_t *id; /* NULL writes null */
};

/* Remembers where the reply starts, so that an error can replace whatever has been written of a result. */
struct reply reply_at(struct json_writer *out, const json_t *id);

/* Writes the envelope up to the result, which the caller writes as one JSON value; then the
 * envelope's end. */
void reply_result_begin(struct reply *reply);
void reply_result_end(struct reply *reply);

/*
 * Throws away what was written of the reply and writes the envelope up to and into `error.data`, where the
 * caller may add members; then the end of all of it. A NULL message stands for the error's general one.
 */
void reply_error_begin(struct reply *reply, enum protocol_error error, const char *message);
void reply_error_end(struct reply *reply);

/* An error without further data. */
void reply_error(struct reply *reply, enum protocol_error error, const char *message);

/* A limit that was passed: its name in btfd.info and its value. */
void reply_limit_error(struct reply *reply, enum protocol_error error, const char *message, const char *limit,
                       uint64_t max);

/* The error of heavy work whose time ran out; and the same up to its end, reply_error_end(). */
void reply_deadline(struct reply *reply);
void reply_deadline_begin(struct reply *reply);

/* A member of `error.data` that repeats what the client sent, cut to REPLY_MAX_ECHO bytes. */
void reply_echo(struct reply *reply, const char *key, const char *text, size_t length);
