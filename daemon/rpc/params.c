#include "rpc/params.h"

#include <stdio.h>
#include <string.h>

#include "query/value.h"
#include "util/strbuf.h"
#include "util/util.h"

/* How much of a client's own words an error's sentence repeats. */
#define SENTENCE_ECHO 64

enum param_type {
        PARAM_STRING, /* not empty */
        PARAM_UINT,   /* 0 to 2^53 - 1 */
        PARAM_KIND,   /* the name of a BTF kind */
        PARAM_SCOPE,  /* which definitions of a name count */
};

static const struct {
        const char *name;
        enum param_type type;
        size_t target; /* of a const char *, a uint64_t, an enum btf_kind or a bool in struct rpc_params */
} params_table[] = {
#define X(id, name, type, target) {name, PARAM_##type, offsetof(struct rpc_params, target)},
        RPC_PARAMS(X)
#undef X
};

static bool refuse(struct reply *reply, const char *problem, const char *param, const char *expected)
{
        char message[512];

        snprintf(message, sizeof(message), "%s '%.*s': expected %s", problem, SENTENCE_ECHO, param, expected);
        reply_error_begin(reply, PROTOCOL_INVALID_PARAMS, message);
        reply_echo(reply, "param", param, strlen(param));
        json_write_string_member(reply->out, "expected", expected);
        reply_error_end(reply);
        return false;
}

static bool refuse_unknown(struct reply *reply, const char *param, unsigned int accepted)
{
        char expected[256];
        struct strbuf text;

        strbuf_init(&text, expected, sizeof(expected));
        strbuf_append(&text, accepted ? "one of" : "no parameters");
        for (size_t i = 0; i < ARRAY_LENGTH(params_table); i++) {
                if (accepted & 1U << i)
                        strbuf_printf(&text, " %s", params_table[i].name);
        }
        return refuse(reply, "unknown parameter", param, expected);
}

static const char *decode_string(const json_t *value, const char **ret)
{
        if (!json_is_string(value) || json_string_length(value) == 0)
                return "a string that is not empty";
        *ret = json_string_value(value);
        return NULL;
}

static const char *decode_uint(const json_t *value, uint64_t *ret)
{
        json_int_t integer = json_integer_value(value);

        if (!json_is_integer(value) || integer < 0 || (uint64_t)integer > VALUE_MAX_BYTES)
                return "an integer from 0 to 2^53 - 1";
        *ret = (uint64_t)integer;
        return NULL;
}

static const char *decode_kind(const json_t *value, enum btf_kind *ret)
{
        if (!json_is_string(value) || !btf_kind_from_name(json_string_value(value), ret))
                return "the name of a BTF kind, such as struct, typedef or func";
        return NULL;
}

static const char *decode_scope(const json_t *value, bool *ret_all)
{
        const char *text = json_is_string(value) ? json_string_value(value) : "";

        *ret_all = string_equal(text, "all");
        return *ret_all || string_equal(text, "first") ? NULL : "first or all";
}

/* Returns NULL, or what was expected. */
static const char *decode_one(const json_t *value, size_t i_param, struct rpc_params *params)
{
        void *target = (char *)params + params_table[i_param].target;

        switch (params_table[i_param].type) {
        case PARAM_STRING:
                return decode_string(value, target);
        case PARAM_UINT:
                return decode_uint(value, target);
        case PARAM_KIND:
                return decode_kind(value, target);
        case PARAM_SCOPE:
                return decode_scope(value, target);
        }
        return NULL;
}

/* An id means nothing without the source and the instance it is from, and a type needs a name or an id. */
static bool check_selector(unsigned int given, struct reply *reply)
{
        unsigned int with_id = RPC_PARAM_ID | RPC_PARAM_INSTANCE;

        if (!(given & (RPC_PARAM_TYPE | RPC_PARAM_ID)))
                return refuse(reply, "missing parameter", "type", "a type's name, or an id");
        if (!(given & with_id))
                return true;
        if (!(given & RPC_PARAM_ID))
                return refuse(reply, "missing parameter", "id", "it beside an instance");
        if (!(given & RPC_PARAM_INSTANCE))
                return refuse(reply, "missing parameter", "instance",
                              "it beside an id: an id means nothing alone");
        if (!(given & RPC_PARAM_SOURCE))
                return refuse(reply, "missing parameter", "source",
                              "it beside an id: an id means nothing alone");
        return true;
}

bool rpc_params_decode(const json_t *params, unsigned int accepted, unsigned int required,
                       struct reply *reply, struct rpc_params *ret)
{
        struct rpc_params decoded = {0};
        unsigned int given = 0;
        /* jansson iterates over mutable objects only, though it changes nothing. */
        json_t *object = (json_t *)(uintptr_t)params;

        for (void *at = json_object_iter(object); at; at = json_object_iter_next(object, at)) {
                const char *name = json_object_iter_key(at);
                const char *expected;
                size_t i = 0;

                while (i < ARRAY_LENGTH(params_table) && !string_equal(params_table[i].name, name))
                        i++;
                if (i == ARRAY_LENGTH(params_table) || !(accepted & 1U << i))
                        return refuse_unknown(reply, name, accepted);
                expected = decode_one(json_object_iter_value(at), i, &decoded);
                if (expected)
                        return refuse(reply, "parameter", name, expected);
                given |= 1U << i;
        }
        for (size_t i = 0; i < ARRAY_LENGTH(params_table); i++) {
                if (required & ~given & 1U << i)
                        return refuse(reply, "missing parameter", params_table[i].name, "a value");
        }
        if (accepted & RPC_PARAM_ID && !check_selector(given, reply))
                return false;
        decoded.selector.has_kind = given & RPC_PARAM_KIND;
        decoded.selector.has_id = given & RPC_PARAM_ID;
        decoded.selector.has_size = given & RPC_PARAM_SIZE;
        *ret = decoded;
        return true;
}
