/*
 * Questions to the protocol, as lines. Each reply is one line of JSON with the envelope of JSON-RPC 2.0.
 */
#include "fuzz/asker.h"

/* What a bitfield is shifted by depends on the byte order, and so does what 16-byte integers are aligned to; nothing else does. */
static void remove_differences(json_t *value)
{
        const char *key;
        json_t *member;
        size_t i;

        if (json_is_object(value)) {
                json_object_del(value, "lshift");
                json_object_del(value, "natural_align");
                json_object_del(value, "packed");
                json_object_del(value, "forced");
                json_object_del(value, "padding_forced");
                json_object_foreach(value, key, member) remove_differences(member);
        } else {
                json_array_foreach(value, i, member) remove_differences(member);
        }
}

static void check_envelope(const json_t *reply)
{
        const json_t *result = json_object_get(reply, "result");
        const json_t *error = json_object_get(reply, "error");

        fuzz_check(json_object_size(reply) == 3 && json_integer_value(json_object_get(reply, "id")) == 1);
        fuzz_check(!result != !error);
        if (result)
                fuzz_check(json_integer_value(json_object_get(result, "generation")) == 1);
        else
                fuzz_check(json_is_string(json_object_get(json_object_get(error, "data"), "reason")) &&
                           json_string_length(json_object_get(error, "message")) > 0);
}

json_t *ask_rpc(struct asker *asker, const char *method, json_t *params)
{
        struct json_writer *out = &asker->reply;
        json_t *request, *reply;
        char *line, *text;

        if (!params)
                return NULL;
        request = json_pack("{s:s, s:i, s:s, s:o}", "jsonrpc", "2.0", "id", 1, "method", method, "params",
                            params);
        line = json_dumps(request, JSON_COMPACT);
        fuzz_check(line != NULL);
        fuzz_check(rpc_handle_line(&asker->rpc, line, strlen(line), out) == 0);
        fuzz_check(out->length > 0 && out->data[out->length - 1] == '\n');
        fuzz_check(!memchr(out->data, '\n', out->length - 1));
        reply = json_loadb(out->data, out->length, JSON_REJECT_DUPLICATES, NULL);
        fuzz_check(reply != NULL);
        check_envelope(reply);
        out->length = 0;
        out->need_comma = false;

        remove_differences(reply);
        text = json_dumps(reply, JSON_COMPACT | JSON_PRESERVE_ORDER);
        fuzz_check(text != NULL && fprintf(asker->transcript, "%s\n%s\n", line, text) > 0);
        free(text);
        free(line);
        json_decref(request);
        return reply;
}
