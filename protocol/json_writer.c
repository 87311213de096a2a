#include "protocol/json_writer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* One question's answer fits without growing. */
#define JSON_WRITER_MIN_SIZE 4096U

void json_writer_init(struct json_writer *writer, size_t limit)
{
        *writer = (struct json_writer){.limit = limit};
}

void json_writer_deinit(struct json_writer *writer)
{
        free(writer->data);
        *writer = (struct json_writer){.limit = writer->limit};
}

struct json_mark json_writer_mark(const struct json_writer *writer)
{
        return (struct json_mark){
                .length = writer->length, .need_comma = writer->need_comma, .error = writer->error};
}

void json_writer_rewind(struct json_writer *writer, struct json_mark mark)
{
        writer->length = mark.length;
        writer->need_comma = mark.need_comma;
        writer->error = mark.error;
}

/* Makes room for `n_bytes` more; false once there is an error. */
static bool reserve(struct json_writer *writer, size_t n_bytes)
{
        size_t size = writer->size ? writer->size : JSON_WRITER_MIN_SIZE;
        char *data;

        if (writer->error != 0)
                return false;
        if (writer->length > writer->limit || n_bytes > writer->limit - writer->length) {
                writer->error = -EFBIG;
                return false;
        }
        if (n_bytes <= writer->size - writer->length)
                return true;
        while (size - writer->length < n_bytes)
                size *= 2;
        data = realloc(writer->data, size);
        if (!data) {
                writer->error = -ENOMEM;
                return false;
        }
        writer->data = data;
        writer->size = size;
        return true;
}

static void append(struct json_writer *writer, const char *text, size_t length)
{
        if (!reserve(writer, length))
                return;
        memcpy(writer->data + writer->length, text, length);
        writer->length += length;
}

/* Before a value: a comma if one stands before it in the same array or object. */
static void separate(struct json_writer *writer)
{
        if (writer->need_comma)
                append(writer, ",", 1);
        writer->need_comma = true;
}

void json_write_object_begin(struct json_writer *writer)
{
        separate(writer);
        append(writer, "{", 1);
        writer->need_comma = false;
}

void json_write_object_end(struct json_writer *writer)
{
        append(writer, "}", 1);
        writer->need_comma = true;
}

void json_write_array_begin(struct json_writer *writer)
{
        separate(writer);
        append(writer, "[", 1);
        writer->need_comma = false;
}

void json_write_array_end(struct json_writer *writer)
{
        append(writer, "]", 1);
        writer->need_comma = true;
}

void json_write_key(struct json_writer *writer, const char *key)
{
        separate(writer);
        append(writer, "\"", 1);
        append(writer, key, strlen(key));
        append(writer, "\":", 2);
        writer->need_comma = false;
}

/* The length of the UTF-8 sequence at the start of `bytes`, or 0 if it is none. */
static size_t utf8_length(const unsigned char *bytes, size_t left)
{
        size_t length;

        if (bytes[0] < 0x80)
                return 1;
        if (bytes[0] >= 0xc2 && bytes[0] < 0xe0)
                length = 2;
        else if (bytes[0] >= 0xe0 && bytes[0] < 0xf0)
                length = 3;
        else if (bytes[0] >= 0xf0 && bytes[0] < 0xf5)
                length = 4;
        else
                return 0;
        if (length > left)
                return 0;
        for (size_t i = 1; i < length; i++) {
                if ((bytes[i] & 0xc0) != 0x80)
                        return 0;
        }
        /* Overlong forms, surrogates, and what lies beyond U+10FFFF. */
        if ((bytes[0] == 0xe0 && bytes[1] < 0xa0) || (bytes[0] == 0xed && bytes[1] > 0x9f) ||
            (bytes[0] == 0xf0 && bytes[1] < 0x90) || (bytes[0] == 0xf4 && bytes[1] > 0x8f))
                return 0;
        return length;
}

static void append_escaped(struct json_writer *writer, unsigned char byte)
{
        static const char digits[] = "0123456789abcdef";
        char hex[] = {'\\', 'u', '0', '0', digits[byte >> 4], digits[byte & 15]};
        char quoted[] = {'\\', (char)byte};

        if (byte == '"' || byte == '\\')
                append(writer, quoted, sizeof(quoted));
        else
                append(writer, hex, sizeof(hex));
}

void json_write_string_n(struct json_writer *writer, const char *string, size_t length)
{
        const unsigned char *bytes = (const unsigned char *)string;
        size_t plain = 0; /* where the run of bytes begins that can be copied as they are */

        separate(writer);
        append(writer, "\"", 1);
        for (size_t i = 0; i < length && writer->error == 0;) {
                size_t n = 1;
                bool is_plain;

                if (bytes[i] >= 0x80)
                        n = utf8_length(bytes + i, length - i);
                is_plain = n > 0 && bytes[i] >= 0x20 && bytes[i] != '"' && bytes[i] != '\\';
                if (!is_plain) {
                        append(writer, string + plain, i - plain);
                        if (n == 0)
                                append(writer, "\xef\xbf\xbd", 3);
                        else
                                append_escaped(writer, bytes[i]);
                        plain = i + 1;
                }
                i += n > 0 ? n : 1;
        }
        append(writer, string + plain, length - plain);
        append(writer, "\"", 1);
}

void json_write_string(struct json_writer *writer, const char *string)
{
        json_write_string_n(writer, string, strlen(string));
}

static void write_digits(struct json_writer *writer, uint64_t value, bool negative)
{
        char digits[24];
        size_t at = sizeof(digits);

        do {
                digits[--at] = (char)('0' + value % 10);
                value /= 10;
        } while (value > 0);
        if (negative)
                digits[--at] = '-';
        separate(writer);
        append(writer, digits + at, sizeof(digits) - at);
}

void json_write_uint(struct json_writer *writer, uint64_t value)
{
        write_digits(writer, value, /* negative= */ false);
}

void json_write_int(struct json_writer *writer, int64_t value)
{
        uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

        write_digits(writer, magnitude, value < 0);
}

void json_write_bool(struct json_writer *writer, bool value)
{
        separate(writer);
        if (value)
                append(writer, "true", 4);
        else
                append(writer, "false", 5);
}

void json_write_null(struct json_writer *writer)
{
        separate(writer);
        append(writer, "null", 4);
}

void json_write_raw(struct json_writer *writer, const char *text, size_t length)
{
        separate(writer);
        append(writer, text, length);
}

void json_write_newline(struct json_writer *writer)
{
        append(writer, "\n", 1);
        writer->need_comma = false;
}

void json_write_string_member(struct json_writer *writer, const char *key, const char *value)
{
        json_write_key(writer, key);
        json_write_string(writer, value);
}

void json_write_uint_member(struct json_writer *writer, const char *key, uint64_t value)
{
        json_write_key(writer, key);
        json_write_uint(writer, value);
}

void json_write_bool_member(struct json_writer *writer, const char *key, bool value)
{
        json_write_key(writer, key);
        json_write_bool(writer, value);
}
