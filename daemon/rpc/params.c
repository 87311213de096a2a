#include "rpc/params.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "query/layout.h"
#include "query/value.h"
#include "util/strbuf.h"
#include "util/util.h"

/* How much of a client's own words an error's sentence repeats. */
#define SENTENCE_ECHO 64

/* Decodes into `target`, a member of struct rpc_params. Returns NULL, or what was expected. */
typedef const char *param_decoder(const json_t *value, void *target);

/* Not empty. */
static const char *decode_string(const json_t *value, void *target)
{
        const char **ret = target;

        if (!json_is_string(value) || json_string_length(value) == 0)
                return "a string that is not empty";
        *ret = json_string_value(value);
        return NULL;
}

/* 0 to 2^53 - 1. */
static const char *decode_uint(const json_t *value, void *target)
{
        uint64_t *ret = target;
        json_int_t integer = json_integer_value(value);

        if (!json_is_integer(value) || integer < 0 || (uint64_t)integer > VALUE_MAX_BYTES)
                return "an integer from 0 to 2^53 - 1";
        *ret = (uint64_t)integer;
        return NULL;
}

static const char *decode_kind(const json_t *value, void *target)
{
        if (!json_is_string(value) || !btf_kind_from_name(json_string_value(value), target))
                return "the name of a BTF kind, such as struct, typedef or func";
        return NULL;
}

static const char *decode_scope(const json_t *value, void *target)
{
        bool *ret_all = target;
        const char *text = json_is_string(value) ? json_string_value(value) : "";

        *ret_all = string_equal(text, "all");
        return *ret_all || string_equal(text, "first") ? NULL : "first or all";
}

static const char *decode_bool(const json_t *value, void *target)
{
        bool *ret = target;

        *ret = json_is_true(value);
        return json_is_boolean(value) ? NULL : "true or false";
}

/* One of some words, which is to stand for its position. Returns whether it is one. */
static bool decode_word(const json_t *value, const char *const *words, size_t n_words, size_t *ret)
{
        const char *text = json_is_string(value) ? json_string_value(value) : "";

        for (*ret = 0; *ret < n_words; (*ret)++) {
                if (string_equal(words[*ret], text))
                        return true;
        }
        return false;
}

static const char *decode_match(const json_t *value, void *target)
{
        static const char *const words[] = {
                [GLOB_PATTERN] = "glob",
                [GLOB_EXACT] = "exact",
                [GLOB_PREFIX] = "prefix",
                [GLOB_SUBSTRING] = "substring",
        };
        enum glob_mode *ret = target;
        size_t i;

        if (!decode_word(value, words, ARRAY_LENGTH(words), &i))
                return "glob, exact, prefix or substring";
        *ret = (enum glob_mode)i;
        return NULL;
}

static const char *decode_kinds(const json_t *value, void *target)
{
        static const char expected[] = "an array of names of BTF kinds, such as struct, typedef or func";
        uint32_t *ret = target;
        enum btf_kind kind;

        if (json_array_size(value) == 0)
                return expected;
        for (size_t i = 0; i < json_array_size(value); i++) {
                if (decode_kind(json_array_get(value, i), &kind))
                        return expected;
                *ret |= FIND_KIND(kind);
        }
        return NULL;
}

static const char *decode_relations(const json_t *value, void *target)
{
        static const char expected[] = "an array of embeds, points, takes, returns, variable and typedef";
        unsigned int *ret = target;

        if (json_array_size(value) == 0)
                return expected;
        for (size_t i = 0; i < json_array_size(value); i++) {
                const char *word = json_string_value(json_array_get(value, i));
                unsigned int relation = word ? use_relation_from_word(word) : 0;

                if (relation == 0)
                        return expected;
                *ret |= relation;
        }
        return NULL;
}

static_assert(PAGE_MAX_LIMIT == 1000, "as the error says");

static const char *decode_limit(const json_t *value, void *target)
{
        uint64_t *ret = target;

        if (decode_uint(value, ret) || *ret == 0 || *ret > PAGE_MAX_LIMIT)
                return "an integer from 1 to 1000";
        return NULL;
}

static const char *decode_expand(const json_t *value, void *target)
{
        return decode_uint(value, target) || *(uint64_t *)target > LAYOUT_MAX_EXPAND
                       ? "an integer from 0 to 32, the levels to expand"
                       : NULL;
}

static const char *decode_cacheline(const json_t *value, void *target)
{
        uint64_t *ret = target;

        if (decode_uint(value, target) || *ret == 0 || *ret > LAYOUT_MAX_CACHELINE || *ret & (*ret - 1))
                return "a power of two from 1 to 4096, in bytes";
        return NULL;
}

static_assert(LAYOUT_MAX_EXPAND == 32 && LAYOUT_MAX_CACHELINE == 4096, "the sentences above say so");

static const char *decode_array(const json_t *value, void *target)
{
        const json_t **ret = target;

        if (!json_is_array(value))
                return "an array";
        *ret = value;
        return NULL;
}

static const char *decode_category(const json_t *value, void *target)
{
        static const char *const words[] = {
                [PROTOTYPE_FUNCTION] = "function",
                [PROTOTYPE_LSM] = "lsm",
                [PROTOTYPE_TRACEPOINT] = "tracepoint",
        };
        enum prototype_category *ret = target;
        size_t i;

        if (!decode_word(value, words, ARRAY_LENGTH(words), &i))
                return "function, lsm or tracepoint";
        *ret = (enum prototype_category)i;
        return NULL;
}

static const char *decode_object(const json_t *value, void *target)
{
        const json_t **ret = target;

        *ret = value;
        return json_is_object(value) ? NULL : "an object";
}

static const struct {
        const char *name;
        param_decoder *decode;
        size_t target; /* in struct rpc_params */
} params_table[] = {
#define X(id, name, decoder, target) {name, decode_##decoder, offsetof(struct rpc_params, target)},
        RPC_PARAMS(X)
#undef X
};

static_assert(ARRAY_LENGTH(params_table) <= 64, "a set of parameters has 64 bits");

bool rpc_params_refuse(struct reply *reply, const char *problem, const char *param, const char *where,
                       const char *expected)
{
        char message[512];

        snprintf(message, sizeof(message), "%s '%.*s'%s%s: expected %s", problem, SENTENCE_ECHO, param,
                 where ? " of " : "", where ? where : "", expected);
        reply_error_begin(reply, PROTOCOL_INVALID_PARAMS, message);
        reply_echo(reply, "param", param, strlen(param));
        if (where)
                reply_echo(reply, "where", where, strlen(where));
        json_write_string_member(reply->out, "expected", expected);
        reply_error_end(reply);
        return false;
}

static int hash_text(const char *text, size_t length, void *data)
{
        uint64_t *hash = data;

        *hash = page_hash(*hash, text, length);
        return 0;
}

/* A number that stands for one parameter; those of a request are added up, as their order means nothing. */
static uint64_t hash_param(const char *name, const json_t *value)
{
        uint64_t hash = page_hash(PAGE_HASH_INIT, name, strlen(name) + 1);

        json_dump_callback(value, hash_text, &hash, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
        return hash;
}

static bool refuse_unknown(struct reply *reply, const char *param, const char *where, rpc_param_set accepted)
{
        char expected[512];
        struct strbuf text;

        strbuf_init(&text, expected, sizeof(expected));
        strbuf_append(&text, accepted ? "one of" : "no parameters");
        for (size_t i = 0; i < ARRAY_LENGTH(params_table); i++) {
                if (accepted & UINT64_C(1) << i)
                        strbuf_printf(&text, " %s", params_table[i].name);
        }
        return rpc_params_refuse(reply, "unknown parameter", param, where, expected);
}

/* An id means nothing without the source and the instance it is from. */
static bool check_id(rpc_param_set given, const char *where, struct reply *reply)
{
        const char *missing = NULL;

        if (!(given & (RPC_SET(ID) | RPC_SET(INSTANCE))))
                return true;
        if (!(given & RPC_SET(ID)))
                return rpc_params_refuse(reply, "missing parameter", "id", where, "it beside an instance");
        if (!(given & RPC_SET(INSTANCE)))
                missing = "instance";
        else if (!(given & RPC_SET(SOURCE)))
                missing = "source";
        return !missing || rpc_params_refuse(reply, "missing parameter", missing, where,
                                             "it beside an id: an id means nothing alone");
}

static bool check_required(rpc_param_set required, rpc_param_set given, const char *where,
                           struct reply *reply)
{
        rpc_param_set missing = required & ~given;

        for (size_t i = 0; i < ARRAY_LENGTH(params_table); i++) {
                if (missing & ~RPC_SET(TYPE) & UINT64_C(1) << i)
                        return rpc_params_refuse(reply, "missing parameter", params_table[i].name, where,
                                                 "a value");
        }
        if (missing & RPC_SET(TYPE) && !(given & RPC_SET(ID)))
                return rpc_params_refuse(reply, "missing parameter", "type", where,
                                         "a type's name, or an id");
        return true;
}

bool rpc_params_decode(const json_t *params, const char *where, rpc_param_set accepted,
                       rpc_param_set required, struct reply *reply, struct rpc_params *ret)
{
        struct rpc_params decoded = {0};
        rpc_param_set given = 0;
        /* jansson iterates over mutable objects only, though it changes nothing. */
        json_t *object = (json_t *)(uintptr_t)params;

        for (void *at = json_object_iter(object); at; at = json_object_iter_next(object, at)) {
                const char *name = json_object_iter_key(at);
                const char *expected;
                size_t i = 0;

                while (i < ARRAY_LENGTH(params_table) && !string_equal(params_table[i].name, name))
                        i++;
                if (i == ARRAY_LENGTH(params_table) || !(accepted & UINT64_C(1) << i))
                        return refuse_unknown(reply, name, where, accepted);
                expected = params_table[i].decode(json_object_iter_value(at),
                                                  (char *)&decoded + params_table[i].target);
                if (expected)
                        return rpc_params_refuse(reply, "parameter", name, where, expected);
                given |= UINT64_C(1) << i;
                if (accepted & RPC_SET(CURSOR) && i != RPC_PARAM_CURSOR && i != RPC_PARAM_LIMIT)
                        decoded.question += hash_param(name, json_object_iter_value(at));
        }
        if (!check_required(required, given, where, reply) || !check_id(given, where, reply))
                return false;
        decoded.given = given;
        decoded.selector.has_kind = given & RPC_SET(KIND);
        decoded.selector.has_id = given & RPC_SET(ID);
        decoded.selector.has_size = given & RPC_SET(SIZE);
        *ret = decoded;
        return true;
}
