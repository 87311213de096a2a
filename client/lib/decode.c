#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/internal.h"

const char *decode_string(const json_t *object, const char *key)
{
        return json_string_value(json_object_get(object, key));
}

uint64_t decode_uint(const json_t *object, const char *key)
{
        const json_t *value = json_object_get(object, key);

        if (!json_is_integer(value) || json_integer_value(value) < 0)
                return BTFD_NONE;
        return (uint64_t)json_integer_value(value);
}

uint64_t decode_uint_or_0(const json_t *object, const char *key)
{
        uint64_t value = decode_uint(object, key);

        return value == BTFD_NONE ? 0 : value;
}

bool decode_flag(const json_t *object, const char *key)
{
        return json_is_true(json_object_get(object, key));
}

struct btfd_gap decode_gap(const json_t *object)
{
        return (struct btfd_gap){
                .offset = decode_uint(object, "offset"),
                .size = decode_uint(object, "size"),
                .bit_offset = decode_uint(object, "bit_offset"),
                .bit_size = decode_uint(object, "bit_size"),
                .after = decode_string(object, "after"),
                .before = decode_string(object, "before"),
        };
}

int64_t decode_int(const json_t *object, const char *key)
{
        return json_integer_value(json_object_get(object, key)); /* 0 for what is no integer */
}

const json_t *decode_array(const json_t *object, const char *key, size_t *ret_length)
{
        const json_t *array = json_object_get(object, key);

        *ret_length = json_array_size(array); /* 0 for what is no array */
        return array;
}

struct btfd_bitfield decode_bitfield(const json_t *object)
{
        const json_t *load = json_object_get(object, "load");
        struct btfd_bitfield bitfield = {
                .bit_offset = decode_uint(object, "bit_offset"),
                .bit_size = decode_uint(object, "bit_size"),
        };

        if (load) {
                bitfield.load_size = decode_uint(load, "size");
                bitfield.lshift = (unsigned int)decode_uint(load, "lshift");
                bitfield.rshift = (unsigned int)decode_uint(load, "rshift");
                bitfield.is_signed = json_is_true(json_object_get(load, "signed"));
        }
        return bitfield;
}

struct btfd_value decode_value(const json_t *object)
{
        const json_t *bitfield = json_object_get(object, "bitfield");
        struct btfd_value value = {
                .type = decode_string(object, "type"),
                .kind = decode_string(object, "kind"),
                .size = decode_uint(object, "size"),
                .encoding = decode_string(object, "encoding"),
                .nelems = decode_uint(object, "nelems"),
                .elem_size = decode_uint(object, "elem_size"),
                .flexible = json_is_true(json_object_get(object, "flexible")),
                .pointee = decode_string(object, "pointee"),
        };

        if (value.pointee)
                value.elem_size = decode_uint(object, "pointee_size");
        if (bitfield) {
                value.is_bitfield = true;
                value.bitfield = decode_bitfield(bitfield);
        }
        return value;
}

bool decode_enumerator(const json_t *object, const char *name, struct btfd_enumerator *ret)
{
        const char *text = decode_string(object, "value_text");

        if (!name || !text)
                return false;
        *ret = (struct btfd_enumerator){
                .name = name,
                .value_text = text,
                /* JSON numbers end at 2^53, the text does not. */
                .value =
                        text[0] == '-' ? (int64_t)strtoll(text, NULL, 10) : (int64_t)strtoull(text, NULL, 10),
        };
        return true;
}

int decode_candidates(const json_t *object, const char *key, const struct btfd_candidate **ret, size_t *ret_n)
{
        size_t n;
        const json_t *array = decode_array(object, key, &n);
        struct btfd_candidate *candidates;
        bool is_complete = true;

        if (n == 0)
                return 0;
        candidates = calloc(n, sizeof(*candidates));
        if (!candidates)
                return -ENOMEM;
        for (size_t i = 0; i < n; i++) {
                const json_t *candidate = json_array_get(array, i);

                candidates[i] = (struct btfd_candidate){
                        .source = decode_string(candidate, "source"),
                        .kind = decode_string(candidate, "kind"),
                        .name = decode_string(candidate, "name"),
                        .id = decode_uint(candidate, "id"),
                        .instance = decode_uint(candidate, "instance"),
                        .size = decode_uint(candidate, "size"),
                        .type = decode_string(candidate, "type"),
                        .resolves = json_is_true(json_object_get(candidate, "resolves")),
                        .value_text = decode_string(candidate, "value_text"),
                };
                is_complete = is_complete && candidates[i].source && candidates[i].kind;
        }
        if (!is_complete) {
                free(candidates);
                return -EBADMSG;
        }
        *ret = candidates;
        *ret_n = n;
        return 0;
}

int decode_finish(struct btfd_client *client, int result)
{
        if (result < 0)
                client_forget_reply(client);
        return result;
}
