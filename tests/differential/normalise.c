#include "normalise.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "report.h"

static bool is_word(char c)
{
        return isalnum((unsigned char)c) || c == '_';
}

/* Each of the following returns how many bytes of the text it takes for its convention, 0 if the text begins otherwise, and
 * sets what to write in their place. */

/* The members of an unnamed struct and, if libbpf thinks so, that it is packed. */
static size_t take_braces(const char *text, const char **ret)
{
        static const char packed[] = " __attribute__((packed))";
        size_t length = 0, depth = 0;

        if (text[0] != '{')
                return 0;
        do {
                depth += text[length] == '{';
                depth -= text[length] == '}';
                length++;
        } while (depth > 0 && text[length]);
        if (strncmp(text + length, packed, sizeof(packed) - 1) == 0)
                length += sizeof(packed) - 1;
        *ret = "{...}";
        return length;
}

static size_t take_no_parameters(const char *text, const char **ret)
{
        *ret = "()";
        return strncmp(text, "(void)", 6) == 0 ? 6 : strncmp(text, "(...)", 5) == 0 ? 5 : 0;
}

static size_t take_qualifiers(const char *text, const char **ret)
{
        static const char order[] = "volatile const";

        *ret = "const volatile";
        return strncmp(text, order, sizeof(order) - 1) == 0 ? sizeof(order) - 1 : 0;
}

static size_t take_number(const char *text, const char **ret)
{
        size_t n_digits = strncmp(text, "___", 3) == 0 ? strspn(text + 3, "0123456789") : 0;

        *ret = "";
        return n_digits > 0 && !is_word(text[3 + n_digits]) ? 3 + n_digits : 0;
}

static size_t take_attribute(const struct convention *convention, const char *text, const char **ret)
{
        static const char begin[] = "btf_type_tag(\"", end[] = "\")";

        if (strncmp(text, begin, sizeof(begin) - 1) != 0)
                return 0;
        text += sizeof(begin) - 1;
        for (size_t i = 0; i < convention->n_attributes; i++) {
                size_t length = strlen(convention->attributes[i]);

                if (strncmp(text, convention->attributes[i], length) == 0 &&
                    strncmp(text + length, end, sizeof(end) - 1) == 0) {
                        *ret = convention->attributes[i];
                        return sizeof(begin) - 1 + length + sizeof(end) - 1;
                }
        }
        return 0;
}

static size_t take_any(const struct convention *convention, const char *text, bool within_word,
                       const char **ret)
{
        size_t length;

        if (within_word)
                return take_number(text, ret);
        length = take_braces(text, ret);
        if (length == 0)
                length = take_no_parameters(text, ret);
        if (length == 0)
                length = take_qualifiers(text, ret);
        if (length == 0)
                length = take_attribute(convention, text, ret);
        return length;
}

char *normalise(const struct convention *convention, const char *text)
{
        /* Nothing grows but "{}" to "{...}". */
        char *ret = allocate(strlen(text) * 3 + 1, 1);
        size_t length = 0;

        while (*text) {
                size_t n_blanks = strspn(text, " \t\n");
                const char *instead;
                size_t n;

                if (n_blanks > 0) {
                        text += n_blanks;
                        if (length > 0 && is_word(ret[length - 1]) && is_word(*text))
                                ret[length++] = ' ';
                        continue;
                }
                n = take_any(convention, text, length > 0 && is_word(ret[length - 1]) && is_word(*text),
                             &instead);
                if (n > 0) {
                        size_t n_instead = strlen(instead);

                        memcpy(ret + length, instead, n_instead);
                        length += n_instead;
                        text += n;
                        continue;
                }
                ret[length++] = *text++;
        }
        return ret;
}
