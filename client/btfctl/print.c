/*
 * Text for people and programs of which parts come from a file or over the socket.
 */
#include "btfctl/btfctl.h"

#define INDENTATION 2

/* The code of the control character that begins at `text`, and its bytes; -1 if there is none. */
static int control_character(const char *text, size_t length, size_t *ret_bytes)
{
        unsigned char first = (unsigned char)text[0];
        unsigned char second = length > 1 ? (unsigned char)text[1] : 0;

        *ret_bytes = 1;
        if (first < ' ' || first == 0x7f)
                return first;
        if (first != 0xc2 || second < 0x80 || second > 0x9f)
                return -1;
        *ret_bytes = 2;
        return second;
}

void print_plain(FILE *stream, const char *text, size_t length)
{
        for (size_t i = 0, n_bytes; i < length; i += n_bytes)
                fputc(control_character(text + i, length - i, &n_bytes) >= 0 ? '?' : text[i], stream);
}

static void start_line(enum json_mode mode, size_t depth)
{
        if (mode == JSON_PRETTY)
                printf("\n%*s", (int)(depth * INDENTATION), "");
}

static bool is_empty(char opening, char closing)
{
        return (opening == '{' && closing == '}') || (opening == '[' && closing == ']');
}

/* A character outside strings, between two others; `depth` is that of what follows it. */
static void print_json_token(enum json_mode mode, char before, char token, char after, size_t *depth)
{
        bool opens = token == '{' || token == '[', closes = token == '}' || token == ']';

        if (opens)
                ++*depth;
        if (closes)
                --*depth;
        if (closes && !is_empty(before, token))
                start_line(mode, *depth);
        putchar(token);
        if (token == ',' || (opens && !is_empty(token, after)))
                start_line(mode, *depth);
        else if (token == ':' && mode == JSON_PRETTY)
                putchar(' ');
}

void print_json_text(enum json_mode mode, const char *text, size_t length)
{
        bool in_string = false;
        size_t depth = 0;

        for (size_t i = 0, n_bytes; i < length; i += n_bytes) {
                int control = control_character(text + i, length - i, &n_bytes);
                char before = i > 0 ? text[i - 1] : '\0', after = i + 1 < length ? text[i + 1] : '\0';

                if (control >= 0)
                        printf("\\u%04x", (unsigned int)control);
                else if (!in_string && text[i] != '"')
                        print_json_token(mode, before, text[i], after, &depth);
                else
                        putchar(text[i]);
                if (text[i] == '"')
                        in_string = !in_string;
                if (in_string && text[i] == '\\')
                        putchar(text[i + n_bytes++]); /* never the last character */
        }
        putchar('\n');
}
