#include "protocol/prescan.h"

#include <stdbool.h>
#include <string.h>

/* The position of the quote that closes the string whose opening quote stands at `position`, or `length`. */
static size_t find_closing_quote(const char *line, size_t length, size_t position)
{
        position++;
        while (position < length && line[position] != '"')
                position += line[position] == '\\' ? 2 : 1;
        return position < length ? position : length;
}

static bool is_punctuation(char byte)
{
        return byte == '{' || byte == '}' || byte == '[' || byte == ']' || byte == ':' || byte == ',';
}

static bool is_blank(char byte)
{
        return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

/* The position behind the token that begins at `position`; blanks have been skipped. */
static size_t skip_token(const char *line, size_t length, size_t position)
{
        if (line[position] == '"') {
                position = find_closing_quote(line, length, position);
                return position < length ? position + 1 : length;
        }
        if (is_punctuation(line[position]))
                return position + 1;
        while (position < length && !is_punctuation(line[position]) && !is_blank(line[position]) &&
               line[position] != '"')
                position++;
        return position;
}

static size_t next_depth(size_t depth, char byte)
{
        if (byte == '{' || byte == '[')
                return depth + 1;
        if ((byte == '}' || byte == ']') && depth > 0)
                return depth - 1;
        return depth;
}

struct prescan prescan(const char *line, size_t length)
{
        struct prescan result = {0};
        size_t depth = 0;

        for (size_t position = 0; position < length;) {
                if (is_blank(line[position])) {
                        position++;
                        continue;
                }
                depth = next_depth(depth, line[position]);
                if (depth > result.depth)
                        result.depth = depth;
                result.n_tokens++;
                position = skip_token(line, length, position);
        }
        return result;
}

struct prescan_location prescan_locate(const char *line, size_t length, size_t position)
{
        struct prescan_location location = {0};

        for (size_t at = 0; at < length && at < position;) {
                size_t end;

                if (is_blank(line[at])) {
                        at++;
                        continue;
                }
                end = skip_token(line, length, at);
                if (end > position)
                        break;
                location.depth = next_depth(location.depth, line[at]);
                if (line[at] == '"' && find_closing_quote(line, length, at) < length) {
                        location.string = line + at + 1;
                        location.string_length = end - at - 2;
                }
                at = end;
        }
        return location;
}
