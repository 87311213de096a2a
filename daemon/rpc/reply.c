#include "rpc/reply.h"

#include <stdio.h>
#include <string.h>

#include "protocol/limits.h"

static void write_id(struct json_writer *out, const json_t *id)
{
        if (json_is_string(id)) {
                json_write_string_n(out, json_string_value(id), json_string_length(id));
        } else if (json_is_integer(id)) {
                json_write_int(out, json_integer_value(id));
        } else if (json_is_real(id)) {
                char text[32];

                snprintf(text, sizeof(text), "%.17g", json_real_value(id));
                json_write_raw(out, text, strlen(text));
        } else {
                json_write_null(out);
        }
}

struct reply reply_at(struct json_writer *out, const json_t *id)
{
        return (struct reply){.out = out, .start = json_writer_mark(out), .id = id};
}

static void envelope_begin(struct reply *reply)
{
        json_write_object_begin(reply->out);
        json_write_string_member(reply->out, "jsonrpc", "2.0");
        json_write_key(reply->out, "id");
        write_id(reply->out, reply->id);
}

void reply_result_begin(struct reply *reply)
{
        envelope_begin(reply);
        json_write_key(reply->out, "result");
}

void reply_result_end(struct reply *reply)
{
        json_write_object_end(reply->out);
}

void reply_error_begin(struct reply *reply, enum protocol_error error, const char *message)
{
        struct json_writer *out = reply->out;
        size_t room = reply->start.length + REPLY_ERROR_ROOM;

        if (json_is_string(reply->id))
                room += json_string_length(reply->id) * 6; /* as \u00XX */
        json_writer_rewind(out, reply->start);
        if (out->limit < room)
                out->limit = room;
        envelope_begin(reply);
        json_write_key(out, "error");
        json_write_object_begin(out);
        json_write_key(out, "code");
        json_write_int(out, error);
        json_write_string_member(out, "message", message ? message : protocol_error_message(error));
        json_write_key(out, "data");
        json_write_object_begin(out);
        json_write_string_member(out, "reason", protocol_error_reason(error));
}

void reply_error_end(struct reply *reply)
{
        json_write_object_end(reply->out); /* data */
        json_write_object_end(reply->out); /* error */
        json_write_object_end(reply->out);
}

void reply_error(struct reply *reply, enum protocol_error error, const char *message)
{
        reply_error_begin(reply, error, message);
        reply_error_end(reply);
}

/* Up to the end of the error's data. */
static void limit_error_begin(struct reply *reply, enum protocol_error error, const char *message,
                              const char *limit, uint64_t max)
{
        reply_error_begin(reply, error, message);
        json_write_string_member(reply->out, "limit", limit);
        json_write_uint_member(reply->out, "max", max);
}

void reply_limit_error(struct reply *reply, enum protocol_error error, const char *message, const char *limit,
                       uint64_t max)
{
        limit_error_begin(reply, error, message, limit, max);
        reply_error_end(reply);
}

void reply_deadline_begin(struct reply *reply)
{
        limit_error_begin(reply, PROTOCOL_DEADLINE, "the time for it ran out: ask for less at a time",
                          "heavy_seconds", PROTOCOL_HEAVY_SEC);
}

void reply_deadline(struct reply *reply)
{
        reply_deadline_begin(reply);
        reply_error_end(reply);
}

void reply_echo(struct reply *reply, const char *key, const char *text, size_t length)
{
        json_write_key(reply->out, key);
        json_write_string_n(reply->out, text, length < REPLY_MAX_ECHO ? length : REPLY_MAX_ECHO);
}
