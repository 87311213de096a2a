/*
 * JSON out: whatever is written is parsed again by jansson, which refuses what is not valid.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "protocol/json_writer.h"
#include "support/unit.h"
#include "util/util.h"

#define NO_LIMIT ((size_t)1 << 30)

static void check_text(const struct json_writer *writer, const char *expected)
{
        assert_int_equal(writer->error, 0);
        if (writer->length != strlen(expected) || memcmp(writer->data, expected, writer->length) != 0)
                fail_msg("%.*s, expected %s", (int)writer->length, writer->data, expected);
}

static json_t *parse(const struct json_writer *writer)
{
        json_error_t error;
        json_t *json =
                json_loadb(writer->data, writer->length, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);

        if (!json)
                fail_msg("%s: %.*s", error.text, (int)writer->length, writer->data);
        return json;
}

static void commas_stand_where_they_must(void **state)
{
        struct json_writer writer;

        (void)state;
        json_writer_init(&writer, NO_LIMIT);
        json_write_object_begin(&writer);
        json_write_key(&writer, "empty");
        json_write_array_begin(&writer);
        json_write_array_end(&writer);
        json_write_key(&writer, "list");
        json_write_array_begin(&writer);
        json_write_uint(&writer, 1);
        json_write_object_begin(&writer);
        json_write_object_end(&writer);
        json_write_array_begin(&writer);
        json_write_null(&writer);
        json_write_array_end(&writer);
        json_write_bool(&writer, true);
        json_write_raw(&writer, "{\"x\":1}", 7);
        json_write_int(&writer, -2);
        json_write_string(&writer, "s");
        json_write_array_end(&writer);
        json_write_string_member(&writer, "s", "t");
        json_write_uint_member(&writer, "u", 7);
        json_write_bool_member(&writer, "b", false);
        json_write_object_end(&writer);
        json_write_newline(&writer);
        json_write_object_begin(&writer);
        json_write_object_end(&writer);
        json_write_newline(&writer);
        check_text(&writer,
                   "{\"empty\":[],\"list\":[1,{},[null],true,{\"x\":1},-2,\"s\"],\"s\":\"t\",\"u\":7,"
                   "\"b\":false}\n{}\n");
        json_writer_deinit(&writer);
}

static void integers_are_exact(void **state)
{
        static const struct {
                int64_t value;
                const char *text;
        } ints[] = {{0, "[0]"},
                    {-1, "[-1]"},
                    {42, "[42]"},
                    {INT64_MAX, "[9223372036854775807]"},
                    {INT64_MIN, "[-9223372036854775808]"}};
        static const struct {
                uint64_t value;
                const char *text;
        } uints[] = {{0, "[0]"},
                     {10, "[10]"},
                     {UINT64_MAX, "[18446744073709551615]"},
                     {(UINT64_C(1) << 53) - 1, "[9007199254740991]"}};

        (void)state;
        for (size_t i = 0; i < ARRAY_LENGTH(ints) + ARRAY_LENGTH(uints); i++) {
                bool is_signed = i < ARRAY_LENGTH(ints);
                size_t j = is_signed ? i : i - ARRAY_LENGTH(ints);
                struct json_writer writer;

                json_writer_init(&writer, NO_LIMIT);
                json_write_array_begin(&writer);
                if (is_signed)
                        json_write_int(&writer, ints[j].value);
                else
                        json_write_uint(&writer, uints[j].value);
                json_write_array_end(&writer);
                check_text(&writer, is_signed ? ints[j].text : uints[j].text);
                json_writer_deinit(&writer);
        }
}

#define FFFD "\xef\xbf\xbd"

struct string_case {
        const char *bytes;
        size_t length;
        const char *expected; /* what a parser must read back */
        size_t expected_length;
};

#define STRING(bytes, expected)                                                                              \
        {                                                                                                    \
                bytes, sizeof(bytes) - 1, expected, sizeof(expected) - 1                                     \
        }

static const struct string_case string_cases[] = {
        STRING("", ""),
        STRING("plain", "plain"),
        STRING("\"quoted\" \\ /", "\"quoted\" \\ /"),
        STRING("\x01\x1f\n\t\r\b\f", "\x01\x1f\n\t\r\b\f"),
        STRING("a\0b", "a\0b"),
        STRING("\x7f", "\x7f"),
        STRING("\xc3\xa4\xe2\x82\xac\xf0\x9f\x90\x9d", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x90\x9d"),
        /* The ends of every range that is allowed. */
        STRING("\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf",
               "\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf"),
        STRING("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"),
        /* Lone continuation bytes and bytes that never occur. */
        STRING("a\x80z", "a" FFFD "z"),
        STRING("\xbf", FFFD),
        STRING("\xfe\xff", FFFD FFFD),
        STRING("\xf5\x80\x80\x80", FFFD FFFD FFFD FFFD),
        /* Overlong forms of '/', NUL, U+07FF and U+FFFF. */
        STRING("\xc0\xaf", FFFD FFFD),
        STRING("\xc1\xbf", FFFD FFFD),
        STRING("\xe0\x80\x80", FFFD FFFD FFFD),
        STRING("\xe0\x9f\xbf", FFFD FFFD FFFD),
        STRING("\xf0\x8f\xbf\xbf", FFFD FFFD FFFD FFFD),
        /* Surrogates, and what lies beyond U+10FFFF. */
        STRING("\xed\xa0\x80", FFFD FFFD FFFD),
        STRING("\xed\xbf\xbf", FFFD FFFD FFFD),
        STRING("\xf4\x90\x80\x80", FFFD FFFD FFFD FFFD),
        /* Cut short, at the end and before something else. */
        STRING("\xc3", FFFD),
        STRING("\xe2\x82", FFFD FFFD),
        STRING("\xf0\x9f\x90", FFFD FFFD FFFD),
        STRING("\xc3z", FFFD "z"),
        STRING("\xe2\x82z", FFFD FFFD "z"),
        STRING("\xf0\x9f\x90\"", FFFD FFFD FFFD "\""),
        STRING("\xc3\xc3\xa4", FFFD "\xc3\xa4"),
};

static void strings_are_valid_whatever_they_are_made_of(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_LENGTH(string_cases); i++) {
                const struct string_case *c = &string_cases[i];
                char *bytes = malloc(c->length ? c->length : 1);
                struct json_writer writer;
                json_t *json, *string;

                assert_non_null(bytes);
                memcpy(bytes, c->bytes, c->length);
                json_writer_init(&writer, NO_LIMIT);
                json_write_array_begin(&writer);
                json_write_string_n(&writer, bytes, c->length);
                json_write_array_end(&writer);
                json = parse(&writer);
                string = json_array_get(json, 0);
                if (json_string_length(string) != c->expected_length ||
                    memcmp(json_string_value(string), c->expected, c->expected_length) != 0)
                        fail_msg("case %zu: %.*s", i, (int)writer.length, writer.data);
                json_decref(json);
                json_writer_deinit(&writer);
                free(bytes);
        }
}

/* Every pair of bytes, between two others. */
static void all_pairs_of_bytes_give_valid_json(void **state)
{
        (void)state;
        for (int first = 0; first < 256; first++) {
                struct json_writer writer;

                json_writer_init(&writer, NO_LIMIT);
                json_write_array_begin(&writer);
                for (int second = 0; second < 256; second++) {
                        char bytes[] = {'a', (char)first, (char)second, 'b'};

                        json_write_string_n(&writer, bytes, sizeof(bytes));
                }
                json_write_array_end(&writer);
                json_decref(parse(&writer));
                json_writer_deinit(&writer);
        }
}

static void write_sample(struct json_writer *writer)
{
        json_write_object_begin(writer);
        json_write_string_member(writer, "a", "\x80\n\"b");
        json_write_uint_member(writer, "c", 1234567890);
        json_write_key(writer, "d");
        json_write_array_begin(writer);
        json_write_bool(writer, true);
        json_write_null(writer);
        json_write_array_end(writer);
        json_write_object_end(writer);
}

static void the_limit_is_exact_and_sticks(void **state)
{
        struct json_writer writer;
        size_t length;

        (void)state;
        json_writer_init(&writer, NO_LIMIT);
        write_sample(&writer);
        length = writer.length;
        json_writer_deinit(&writer);

        for (size_t limit = 0; limit <= length + 1; limit++) {
                json_writer_init(&writer, limit);
                write_sample(&writer);
                assert_int_equal(writer.error, limit < length ? -EFBIG : 0);
                assert_true(writer.length <= limit);
                if (limit < length) {
                        size_t before = writer.length;

                        /* One that would fit does not follow what did not: there would be a hole. */
                        json_write_newline(&writer);
                        assert_int_equal(writer.length, before);
                }
                json_writer_deinit(&writer);
        }
}

static void rewinding_forgets_text_commas_and_errors(void **state)
{
        struct json_writer writer;
        struct json_mark first, second;

        (void)state;
        json_writer_init(&writer, 40);
        json_write_array_begin(&writer);
        first = json_writer_mark(&writer);
        json_write_uint(&writer, 1);
        second = json_writer_mark(&writer);
        json_write_string(&writer, "much too long for what is left of the forty bytes");
        assert_int_equal(writer.error, -EFBIG);
        json_writer_rewind(&writer, second);
        json_write_uint(&writer, 2);
        json_write_array_end(&writer);
        check_text(&writer, "[1,2]");
        json_writer_rewind(&writer, first);
        json_write_uint(&writer, 3);
        json_write_array_end(&writer);
        check_text(&writer, "[3]");
        json_writer_deinit(&writer);
}

static void large_texts_grow(void **state)
{
        struct json_writer writer;
        json_t *json;

        (void)state;
        json_writer_init(&writer, NO_LIMIT);
        json_write_array_begin(&writer);
        for (uint64_t i = 0; i < 100000; i++)
                json_write_uint(&writer, i);
        json_write_array_end(&writer);
        json = parse(&writer);
        assert_int_equal(json_array_size(json), 100000);
        assert_int_equal(json_integer_value(json_array_get(json, 99999)), 99999);
        json_decref(json);
        json_writer_deinit(&writer);
        assert_null(writer.data);
        assert_int_equal(writer.length, 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(commas_stand_where_they_must),
                cmocka_unit_test(integers_are_exact),
                cmocka_unit_test(strings_are_valid_whatever_they_are_made_of),
                cmocka_unit_test(all_pairs_of_bytes_give_valid_json),
                cmocka_unit_test(the_limit_is_exact_and_sticks),
                cmocka_unit_test(rewinding_forgets_text_commas_and_errors),
                cmocka_unit_test(large_texts_grow),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
