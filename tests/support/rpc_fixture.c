#include "support/rpc_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/fixture.h"
#include "support/unit.h"

void rpc_fixture_init(struct rpc_fixture *fixture, struct btf_builder *b)
{
        static const struct rpc_config config = {
                .kernel_release = "6.18.0-test",
                .max_connections = 99,
        };
        struct snapshot *snapshot = fixture_snapshot(b);

        rpc_init(&fixture->rpc, &config);
        rpc_set_snapshot(&fixture->rpc, snapshot);
        snapshot_unref(snapshot);
}

void rpc_fixture_deinit(struct rpc_fixture *fixture)
{
        rpc_deinit(&fixture->rpc);
}

static void check_envelope(const json_t *reply)
{
        const json_t *result = json_object_get(reply, "result");
        const json_t *error = json_object_get(reply, "error");

        assert_true(json_is_object(reply));
        assert_int_equal(json_object_size(reply), 3);
        assert_string_equal(rpc_text(reply, "jsonrpc"), "2.0");
        assert_non_null(json_object_get(reply, "id"));
        assert_true(!result != !error);
        if (error) {
                const json_t *data = json_object_get(error, "data");

                assert_int_equal(json_object_size(error), 3);
                assert_true(json_is_integer(json_object_get(error, "code")));
                assert_true(strlen(rpc_text(error, "message")) > 0);
                assert_true(strlen(rpc_text(data, "reason")) > 0);
        } else {
                const json_t *generation = json_object_get(result, "generation");

                assert_true(json_is_object(result));
                if (!json_object_get(result, "openrpc"))
                        assert_int_equal(json_integer_value(generation), RPC_FIXTURE_GENERATION);
        }
}

json_t *rpc_send(struct rpc_fixture *fixture, const char *line, size_t length, int expected)
{
        struct json_writer out;
        json_error_t error;
        json_t *reply;

        json_writer_init(&out, 0);
        assert_int_equal(rpc_handle_line(&fixture->rpc, line, length, &out), expected);
        assert_int_equal(out.error, 0);
        if (out.length == 0) {
                json_writer_deinit(&out);
                return NULL;
        }
        assert_ptr_equal(memchr(out.data, '\n', out.length), out.data + out.length - 1);
        reply = json_loadb(out.data, out.length, JSON_REJECT_DUPLICATES, &error);
        if (!reply)
                fail_msg("%s at byte %d of %.*s", error.text, error.position, (int)out.length, out.data);
        json_writer_deinit(&out);
        if (json_is_array(reply)) {
                assert_true(json_array_size(reply) > 0);
                for (size_t i = 0; i < json_array_size(reply); i++)
                        check_envelope(json_array_get(reply, i));
        } else {
                check_envelope(reply);
        }
        return reply;
}

json_t *rpc_ask(struct rpc_fixture *fixture, const char *line)
{
        return rpc_send(fixture, line, strlen(line), 0);
}

json_t *rpc_call(struct rpc_fixture *fixture, const char *method, const char *params)
{
        size_t size = strlen(method) + strlen(params) + 64;
        char *line = malloc(size);
        json_t *reply;

        assert_non_null(line);
        snprintf(line, size, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\",\"params\":%s}", method,
                 params);
        reply = rpc_ask(fixture, line);
        assert_int_equal(json_integer_value(json_object_get(reply, "id")), 1);
        free(line);
        return reply;
}

json_t *rpc_check_error(json_t *reply, int code, const char *reason)
{
        json_t *error = json_object_get(reply, "error");
        json_t *data = json_object_get(error, "data");

        if (json_integer_value(json_object_get(error, "code")) != code ||
            strcmp(rpc_text(data, "reason"), reason) != 0) {
                char *text = json_dumps(reply, JSON_COMPACT);

                print_error("expected error %d %s, got %s\n", code, reason, text ? text : "nothing");
                free(text);
                json_decref(reply);
                fail();
        }
        return data;
}

json_t *rpc_check_result(json_t *reply)
{
        json_t *result = json_object_get(reply, "result");

        if (!result)
                fail_msg("no result, but: %s", rpc_text(json_object_get(reply, "error"), "message"));
        return result;
}

void rpc_check_text(const json_t *value, const char *expected)
{
        char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_PRESERVE_ORDER);

        assert_non_null(text);
        assert_string_equal(text, expected);
        free(text);
}

const char *rpc_text(const json_t *object, const char *key)
{
        const char *text = json_string_value(json_object_get(object, key));

        return text ? text : "";
}
