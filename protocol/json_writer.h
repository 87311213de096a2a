/*
 * Writes JSON text by appending to a buffer. The caller calls in the order of the text; commas come by
 * themselves.
 *
 * Errors stick: after one, writing does nothing, and the caller looks at `error` once at the end. Names from
 * BTF may be any bytes, so strings are escaped, and what is not UTF-8 becomes U+FFFD: the text is always
 * valid JSON.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_writer {
        char *data; /* owned; not NUL-terminated */
        size_t length;
        size_t size;
        size_t limit;    /* bytes that `length` may not pass */
        bool need_comma; /* before the next key or value */
        int error;       /* 0; -ENOMEM; -EFBIG beyond the limit */
};

/* Where to go back to. */
struct json_mark {
        size_t length;
        bool need_comma;
        int error;
};

void json_writer_init(struct json_writer *writer, size_t limit);
void json_writer_deinit(struct json_writer *writer);

/* Remembers this point; going back to it forgets what was written since, and an error
 * since, not one before. */
struct json_mark json_writer_mark(const struct json_writer *writer);
void json_writer_rewind(struct json_writer *writer, struct json_mark mark);

void json_write_object_begin(struct json_writer *writer);
void json_write_object_end(struct json_writer *writer);
void json_write_array_begin(struct json_writer *writer);
void json_write_array_end(struct json_writer *writer);
/* A key that needs no escaping; its value must follow. */
void json_write_key(struct json_writer *writer, const char *key);

void json_write_string(struct json_writer *writer, const char *string);
void json_write_string_n(struct json_writer *writer, const char *string, size_t length);
void json_write_uint(struct json_writer *writer, uint64_t value);
void json_write_int(struct json_writer *writer, int64_t value);
void json_write_bool(struct json_writer *writer, bool value);
void json_write_null(struct json_writer *writer);
/* A value that is JSON text already. */
void json_write_raw(struct json_writer *writer, const char *text, size_t length);
/* Ends a line: no comma before or after. */
void json_write_newline(struct json_writer *writer);

/* A key and its value. */
void json_write_string_member(struct json_writer *writer, const char *key, const char *value);
void json_write_uint_member(struct json_writer *writer, const char *key, uint64_t value);
void json_write_bool_member(struct json_writer *writer, const char *key, bool value);
