#include "rpc/parse.h"

#include <errno.h>
#include <stdio.h>

#include "protocol/limits.h"
#include "protocol/prescan.h"
#include "rpc/reply.h"
#include "rpc/rpc.h"
#include "util/util.h"

static bool is_valid_id(const json_t *id)
{
        return json_is_string(id) || json_is_number(id) || json_is_null(id);
}

const json_t *request_id(const json_t *request)
{
        const json_t *id = json_object_get(request, "id");

        return id && is_valid_id(id) ? id : NULL;
}

const char *request_fault(const json_t *request)
{
        const json_t *version = json_object_get(request, "jsonrpc");
        const json_t *id = json_object_get(request, "id");

        if (!json_is_object(request))
                return "a request is a JSON object";
        if (!json_is_string(version) || !string_equal(json_string_value(version), "2.0"))
                return "'jsonrpc' must be \"2.0\"";
        if (id && !is_valid_id(id))
                return "'id' must be a string, a number or null";
        if (!json_is_string(json_object_get(request, "method")))
                return "'method' must be a string";
        return NULL;
}

/*
 * jansson refuses a key that stands twice. Which one it was, and in what, is found in the text; the request's
 * id, which the answer needs, in `message`: the line parsed with duplicates allowed.
 */
static void refuse_duplicate(const json_t *message, struct prescan_location location, struct json_writer *out)
{
        struct reply reply = reply_at(out, request_id(message));
        bool in_params = json_is_object(message) && location.depth > 1 && !request_fault(message);
        char text[128];

        /* A notification gets no reply, whatever is wrong with its parameters. */
        if (in_params && !json_object_get(message, "id"))
                return;
        snprintf(text, sizeof(text), "'%.*s' stands twice in %s",
                 location.string_length > 64 ? 64 : (int)location.string_length,
                 location.string ? location.string : "", in_params ? "the parameters" : "a request");
        reply_error_begin(&reply, in_params ? PROTOCOL_INVALID_PARAMS : PROTOCOL_INVALID_REQUEST, text);
        if (location.string)
                reply_echo(&reply, "param", location.string, location.string_length);
        reply_error_end(&reply);
}

static void refuse_json(const json_error_t *error, struct json_writer *out)
{
        struct reply reply = reply_at(out, NULL);
        char text[sizeof(error->text) + 32];

        snprintf(text, sizeof(text), "not JSON: %s", error->text);
        reply_error_begin(&reply, PROTOCOL_PARSE_ERROR, text);
        json_write_uint_member(out, "byte", (uint64_t)(error->position > 0 ? error->position : 0));
        reply_error_end(&reply);
}

/* Bounds that are checked before any memory is spent on the line. Returns whether it may be parsed. */
static bool check_bounds(const char *line, size_t length, struct json_writer *out)
{
        struct prescan found = prescan(line, length);
        struct reply reply = reply_at(out, NULL);

        if (found.depth > PROTOCOL_MAX_DEPTH) {
                reply_limit_error(&reply, PROTOCOL_REQUEST_TOO_LARGE, "the request is nested too deep",
                                  "request_depth", PROTOCOL_MAX_DEPTH);
                return false;
        }
        if (found.n_tokens > PROTOCOL_MAX_TOKENS) {
                reply_limit_error(&reply, PROTOCOL_REQUEST_TOO_LARGE, "the request has too many JSON tokens",
                                  "request_tokens", PROTOCOL_MAX_TOKENS);
                return false;
        }
        return true;
}

/* jansson says that memory ran out only where it is sure of it; otherwise that is a syntax error like any other. */
static int refuse_unparsed(const char *line, size_t length, const json_error_t *error,
                           struct json_writer *out)
{
        CLEANUP(json_cleanup) json_t *message = NULL;
        json_error_t second = *error;

        if (json_error_code(error) == json_error_duplicate_key) {
                message = json_loadb(line, length, 0, &second);
                if (message) {
                        refuse_duplicate(message, prescan_locate(line, length, (size_t)error->position), out);
                        return 0;
                }
        }
        if (json_error_code(&second) == json_error_out_of_memory)
                return -ENOMEM;
        refuse_json(&second, out);
        return RPC_BAD_LINE;
}

int parse_line(const char *line, size_t length, struct json_writer *out, json_t **ret)
{
        json_error_t error;

        *ret = NULL;
        if (!check_bounds(line, length, out))
                return 0;
        *ret = json_loadb(line, length, JSON_REJECT_DUPLICATES, &error);
        return *ret ? 0 : refuse_unparsed(line, length, &error, out);
}
