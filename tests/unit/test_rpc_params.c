/*
 * Parameters: what is missing, unknown, of the wrong type or given twice is named; what is given is used.
 */
#include <stdio.h>
#include <string.h>

#include "protocol/errors.h"
#include "support/rpc_fixture.h"
#include "support/unit.h"
#include "util/util.h"

/* Ids of what begin() builds. */
enum {
        INT = 1,
        CONSOLE,
        CONSOLE_BIG,
        PROTO,
        FUNC,
};

static int begin(void **state)
{
        static struct rpc_fixture fixture;
        struct btf_builder *b = btf_builder_new();

        btf_builder_int(b, "int", 4, 32, BTF_INT_SIGNED);
        btf_builder_struct(b, "console", 4, false);
        btf_builder_member(b, "name", INT, 0, 0);
        btf_builder_struct(b, "console", 8, false);
        btf_builder_member(b, "name", INT, 0, 0);
        btf_builder_member(b, "flags", INT, 32, 0);
        btf_builder_func_proto(b, INT);
        btf_builder_param(b, "n", INT);
        btf_builder_func(b, "console", PROTO, 1);
        rpc_fixture_init(&fixture, b);
        *state = &fixture;
        return 0;
}

static int end(void **state)
{
        rpc_fixture_deinit(*state);
        return 0;
}

/* A call that is refused for one parameter. */
struct bad_params {
        const char *method, *params;
        const char *param;
        const char *message; /* part of it */
};

#define GOOD "{\"type\":\"console\",\"path\":\"flags\",\"size\":8}"

#define ID "\"source\":\"vmlinux\",\"id\":2,\"instance\":1"

static const struct bad_params bad_params[] = {
        {"type.get", "{}", "type", "missing"},
        {"type.get", "{\"source\":\"vmlinux\"}", "type", "missing"},
        {"type.get", "{\"kind\":\"struct\",\"size\":8}", "type", "missing"},
        {"field.offset", "{}", "path", "missing"},
        {"field.offset", "{\"type\":\"console\"}", "path", "missing"},
        {"field.offset", "{\"path\":\"a\"}", "type", "missing"},

        {"rpc.discover", "{\"x\":1}", "x", "no parameters"},
        {"rpc.discover", "{\"set\":\"running\"}", "set", "no parameters"},
        {"btfd.info", "{\"type\":\"int\"}", "type", "set"},
        {"type.get", "{\"type\":\"int\",\"path\":\"a\"}", "path", "unknown"},
        {"type.get", "{\"type\":\"int\",\"Type\":\"int\"}", "Type", "unknown"},
        {"type.get", "{\"type\":\"int\",\"\":1}", "", "unknown"},
        {"field.offset", "{\"type\":\"int\",\"path\":\"a\",\"depth\":\"all\"}", "depth", "unknown"},

        /* Strings. */
        {"type.get", "{\"type\":1}", "type", "string"},
        {"type.get", "{\"type\":\"\"}", "type", "not empty"},
        {"type.get", "{\"type\":null}", "type", "string"},
        {"type.get", "{\"type\":[\"int\"]}", "type", "string"},
        {"type.get", "{\"type\":\"int\",\"source\":true}", "source", "string"},
        {"type.get", "{\"type\":\"int\",\"has\":{}}", "has", "string"},
        {"type.get", "{\"type\":\"int\",\"set\":1}", "set", "string"},
        {"field.offset", "{\"type\":\"int\",\"path\":[]}", "path", "string"},
        {"field.offset", "{\"type\":\"int\",\"path\":\"\"}", "path", "not empty"},
        /* Integers. */
        {"type.get", "{\"type\":\"int\",\"size\":\"4\"}", "size", "integer"},
        {"type.get", "{\"type\":\"int\",\"size\":-1}", "size", "integer"},
        {"type.get", "{\"type\":\"int\",\"size\":4.0}", "size", "integer"},
        {"type.get", "{\"type\":\"int\",\"size\":9007199254740992}", "size", "2^53"},
        {"type.get", "{\"type\":\"int\",\"size\":null}", "size", "integer"},
        {"type.get", "{\"source\":\"vmlinux\",\"id\":\"2\",\"instance\":1}", "id", "integer"},
        {"type.get", "{\"source\":\"vmlinux\",\"id\":2,\"instance\":-1}", "instance", "integer"},
        {"type.get", "{\"source\":\"vmlinux\",\"id\":true,\"instance\":1}", "id", "integer"},
        /* Scopes. */
        {"type.get", "{\"type\":\"int\",\"scope\":\"second\"}", "scope", "first or all"},
        {"type.get", "{\"type\":\"int\",\"scope\":true}", "scope", "first or all"},
        {"btfd.info", "{\"scope\":\"all\"}", "scope", "unknown"},
        /* Kinds. */
        {"type.get", "{\"type\":\"int\",\"kind\":\"Struct\"}", "kind", "kind"},
        {"type.get", "{\"type\":\"int\",\"kind\":\"void\"}", "kind", "kind"},
        {"type.get", "{\"type\":\"int\",\"kind\":\"\"}", "kind", "kind"},
        {"type.get", "{\"type\":\"int\",\"kind\":4}", "kind", "kind"},

        /* An id means nothing alone. */
        {"type.get", "{\"id\":2}", "instance", "means nothing alone"},
        {"type.get", "{\"id\":2,\"source\":\"vmlinux\"}", "instance", "means nothing alone"},
        {"type.get", "{\"id\":2,\"instance\":1}", "source", "means nothing alone"},
        {"type.get", "{\"type\":\"int\",\"instance\":1}", "id", "missing"},
        {"type.get", "{\"type\":\"int\",\"instance\":1,\"source\":\"vmlinux\"}", "id", "missing"},
        {"field.offset", "{\"id\":2,\"path\":\"name\"}", "instance", "means nothing alone"},

        /* One root. */
        {"field.offset", "{\"func\":\"console\"}", "path", "missing"},
        {"field.offset", "{\"func\":\"\",\"path\":\"n\"}", "func", "not empty"},
        {"field.offset", "{\"func\":1,\"path\":\"n\"}", "func", "string"},
        {"field.offset", "{\"var\":[],\"path\":\"n\"}", "var", "string"},
        {"field.offset", "{\"func\":\"console\",\"type\":\"int\",\"path\":\"n\"}", "type", "one of"},
        {"field.offset", "{\"func\":\"console\",\"var\":\"x\",\"path\":\"n\"}", "func", "one of"},
        {"field.offset", "{\"func\":\"console\",\"kind\":\"func\",\"path\":\"n\"}", "kind", "none beside"},
        {"type.get", "{\"func\":\"console\"}", "func", "unknown"},
        /* Alternatives: each is named by its place. */
        {"field.offset", "{\"any\":1}", "any", "array"},
        {"field.offset", "{\"any\":{}}", "any", "array"},
        {"field.offset", "{\"any\":[]}", "any", "at least one"},
        {"field.offset", "{\"any\":[1]}", "any[0]", "object"},
        {"field.offset", "{\"any\":[{}]}", "path", "of any[0]"},
        {"field.offset", "{\"any\":[" GOOD ",{\"path\":\"a\"}]}", "type", "of any[1]"},
        {"field.offset", "{\"any\":[" GOOD ",{\"type\":\"int\",\"path\":1}]}", "path", "of any[1]"},
        {"field.offset", "{\"any\":[{\"type\":\"int\",\"path\":\"a\",\"set\":\"running\"}]}", "set",
         "of any[0]"},
        {"field.offset", "{\"any\":[{\"any\":[" GOOD "]}]}", "any", "of any[0]"},
        {"field.offset", "{\"any\":[{\"id\":2,\"path\":\"a\"}]}", "instance", "of any[0]"},
        {"field.offset", "{\"any\":[" GOOD "],\"path\":\"a\"}", "any", "nothing but set"},
        {"field.offset", "{\"any\":[" GOOD "],\"source\":\"vmlinux\"}", "any", "nothing but set"},
        {"type.get", "{\"any\":[" GOOD "]}", "any", "unknown"},
};

static void bad_params_are_named(void **state)
{
        for (size_t i = 0; i < ARRAY_LENGTH(bad_params); i++) {
                const struct bad_params *c = &bad_params[i];
                json_t *reply = rpc_call(*state, c->method, c->params);
                json_t *data = rpc_check_error(reply, -32602, "invalid-params");
                const char *message = rpc_text(json_object_get(reply, "error"), "message");

                if (strcmp(rpc_text(data, "param"), c->param) != 0 || !strstr(message, c->message))
                        fail_msg("%s %s: %s", c->method, c->params, message);
                assert_true(strlen(rpc_text(data, "expected")) > 0);
                json_decref(reply);
        }
}

/* A value at its bound is fine. */
static void good_params_are_used(void **state)
{
        static const struct {
                const char *method, *params;
                int id; /* of the type that is found, or 0 - error */
        } cases[] = {
                {"type.get", "{\"type\":\"int\"}", INT},
                {"type.get", "{\"type\":\"int\",\"set\":\"running\"}", INT},
                {"type.get", "{\"type\":\"int\",\"scope\":\"first\"}", INT},
                {"type.get", "{\"type\":\"int\",\"scope\":\"all\"}", INT},
                {"type.get", "{\"type\":\"console\",\"size\":8}", CONSOLE_BIG},
                {"type.get", "{\"type\":\"console\",\"has\":\"flags\"}", CONSOLE_BIG},
                {"type.get", "{\"type\":\"console\",\"kind\":\"func\"}", FUNC},
                {"type.get", "{\"type\":\"struct console\",\"kind\":\"struct\",\"size\":4}", CONSOLE},
                {"type.get", "{\"type\":\"int\",\"size\":9007199254740991}", -PROTOCOL_NAME_NOT_FOUND},
                {"type.get", "{" ID "}", CONSOLE},
                {"type.get", "{\"type\":\"console\"," ID "}", CONSOLE},
                {"type.get", "{\"type\":\"int\"," ID "}", -PROTOCOL_NAME_NOT_FOUND},
                {"type.get", "{\"source\":\"vmlinux\",\"id\":2,\"instance\":2}", -PROTOCOL_STALE_ID},
                {"type.get", "{\"source\":\"snd\",\"id\":2,\"instance\":1}", -PROTOCOL_SOURCE_NOT_FOUND},
                {"type.get", "{\"type\":\"int\",\"source\":\"snd\"}", -PROTOCOL_SOURCE_NOT_FOUND},
                {"type.get", "{\"type\":\"int\",\"set\":\"old\"}", -PROTOCOL_SOURCE_NOT_FOUND},
                {"btfd.info", "{\"set\":\"old\"}", -PROTOCOL_SOURCE_NOT_FOUND},
                {"field.offset", "{\"type\":\"console\",\"set\":\"old\",\"path\":\"a\"}",
                 -PROTOCOL_SOURCE_NOT_FOUND},
                {"type.get", "{\"type\":\"console\"}", -PROTOCOL_AMBIGUOUS_NAME},
        };

        for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
                json_t *reply = rpc_call(*state, cases[i].method, cases[i].params);
                json_int_t code =
                        json_integer_value(json_object_get(json_object_get(reply, "error"), "code"));
                json_int_t id = json_integer_value(json_object_get(json_object_get(reply, "result"), "id"));

                if (code != 0 ? -code != cases[i].id : id != cases[i].id)
                        fail_msg("%s: id %d, error %d", cases[i].params, (int)id, (int)code);
                json_decref(reply);
        }
}

static void ambiguous_names_come_with_candidates(void **state)
{
        json_t *reply = rpc_call(*state, "field.offset", "{\"type\":\"console\",\"path\":\"flags\"}");
        json_t *data = rpc_check_error(reply, PROTOCOL_AMBIGUOUS_NAME, "ambiguous-name");

        rpc_check_text(data,
                       "{\"reason\":\"ambiguous-name\",\"name\":\"console\",\"count\":2,\"candidates\":["
                       "{\"source\":\"vmlinux\",\"kind\":\"struct\",\"name\":\"console\",\"id\":2,"
                       "\"instance\":1,\"size\":4,\"resolves\":false},"
                       "{\"source\":\"vmlinux\",\"kind\":\"struct\",\"name\":\"console\",\"id\":3,"
                       "\"instance\":1,\"size\":8,\"resolves\":true}]}");
        json_decref(reply);
        /* Without a path there is nothing to resolve. */
        reply = rpc_call(*state, "type.get", "{\"type\":\"struct console\"}");
        data = rpc_check_error(reply, PROTOCOL_AMBIGUOUS_NAME, "ambiguous-name");
        assert_null(json_object_get(json_array_get(json_object_get(data, "candidates"), 0), "resolves"));
        json_decref(reply);
}

/* A line in which something stands twice, and how it must be answered. */
struct duplicate {
        const char *line;
        int code;
        const char *id;
        const char *param;
};

#define CALL "\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"type.get\""

static const struct duplicate duplicates[] = {
        {"{" CALL ",\"params\":{\"type\":\"int\",\"type\":\"int\"}}", -32602, "5", "type"},
        {"{" CALL ",\"params\":{\"type\":\"int\",\"size\":4,\"has\":\"x\",\"size\":5}}", -32602, "5", "size"},
        {"{\"params\":{\"type\":\"int\",\"type\":\"int\"}," CALL "}", -32602, "5", "type"},
        {"{" CALL ",\"params\":{\"x\":1,\"x\":1}}", -32602, "5", "x"},
        {"{" CALL ",\"params\":{\"a b\":1 , \"a b\" :1}}", -32602, "5", "a b"},
        {"{" CALL ",\"params\":{},\"params\":{}}", -32600, "5", "params"},
        {"{" CALL ",\"jsonrpc\":\"2.0\"}", -32600, "5", "jsonrpc"},
};

static void what_stands_twice_is_named(void **state)
{
        for (size_t i = 0; i < ARRAY_LENGTH(duplicates); i++) {
                const struct duplicate *c = &duplicates[i];
                json_t *reply = rpc_ask(*state, c->line);
                json_t *data = rpc_check_error(reply, c->code,
                                               c->code == -32602 ? "invalid-params" : "invalid-request");

                rpc_check_text(json_object_get(reply, "id"), c->id);
                assert_string_equal(rpc_text(data, "param"), c->param);
                assert_non_null(strstr(rpc_text(json_object_get(reply, "error"), "message"), "twice"));
                json_decref(reply);
        }
        /* A notification gets no reply, whatever is wrong with its parameters; what is no
         * request gets one. */
        assert_null(rpc_ask(*state, "{\"jsonrpc\":\"2.0\",\"method\":\"type.get\","
                                    "\"params\":{\"type\":\"int\",\"type\":1}}"));
}

/* In a batch it cannot be said whose it is, as the whole is one JSON text that is refused:
 * see protocol.md. */
static void what_stands_twice_refuses_its_batch(void **state)
{
        json_t *reply = rpc_ask(*state, "[{" CALL ",\"params\":{\"type\":\"int\"}},"
                                        "{" CALL ",\"params\":{\"type\":\"int\",\"type\":\"int\"}}]");
        json_t *data = rpc_check_error(reply, -32600, "invalid-request");

        assert_true(json_is_null(json_object_get(reply, "id")));
        assert_string_equal(rpc_text(data, "param"), "type");
        json_decref(reply);
}

/* What is not JSON is that first, whatever else is wrong with it. */
static void a_duplicate_in_a_broken_line_is_a_parse_error(void **state)
{
        static const char *const lines[] = {
                "{" CALL ",\"params\":{\"type\":\"int\",\"type\":\"int\"}",
                "{" CALL ",\"jsonrpc\":\"2.0\",",
        };

        for (size_t i = 0; i < ARRAY_LENGTH(lines); i++) {
                json_t *reply = rpc_send(*state, lines[i], strlen(lines[i]), RPC_BAD_LINE);

                rpc_check_error(reply, -32700, "parse-error");
                json_decref(reply);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(bad_params_are_named),
                cmocka_unit_test(good_params_are_used),
                cmocka_unit_test(ambiguous_names_come_with_candidates),
                cmocka_unit_test(what_stands_twice_is_named),
                cmocka_unit_test(what_stands_twice_refuses_its_batch),
                cmocka_unit_test(a_duplicate_in_a_broken_line_is_a_parse_error),
        };

        return cmocka_run_group_tests(tests, begin, end);
}
