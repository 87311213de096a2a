#include "query/path.h"

#include <ctype.h>
#include <stdbool.h>

struct scanner {
        const char *text; /* NUL-terminated, so that looking at the next byte is always safe */
        size_t position;
};

static char peek(const struct scanner *scanner)
{
        return scanner->text[scanner->position];
}

static void skip_blanks(struct scanner *scanner)
{
        while (peek(scanner) == ' ' || peek(scanner) == '\t')
                scanner->position++;
}

static bool accept(struct scanner *scanner, const char *token)
{
        size_t i = 0;

        while (token[i] != '\0' && scanner->text[scanner->position + i] == token[i])
                i++;
        if (token[i] != '\0')
                return false;
        scanner->position += i;
        skip_blanks(scanner);
        return true;
}

static int fail(const struct scanner *scanner, const char *expected, struct path_error *error)
{
        *error = (struct path_error){.position = scanner->position, .expected = expected};
        return 1;
}

static bool is_name_start(char byte)
{
        return isalpha((unsigned char)byte) || byte == '_';
}

static int scan_name(struct scanner *scanner, struct path_component *component, struct path_error *error)
{
        size_t begin = scanner->position;

        if (!is_name_start(peek(scanner)))
                return fail(scanner, "a member's name", error);
        while (is_name_start(peek(scanner)) || isdigit((unsigned char)peek(scanner)))
                scanner->position++;
        component->text = scanner->text + begin;
        component->length = scanner->position - begin;
        component->position = begin;
        skip_blanks(scanner);
        return 0;
}

static unsigned int digit_value(char byte)
{
        if (isdigit((unsigned char)byte))
                return (unsigned int)(byte - '0');
        return (unsigned int)(tolower((unsigned char)byte) - 'a') + 10;
}

static int scan_number(struct scanner *scanner, struct path_component *component, struct path_error *error)
{
        size_t begin = scanner->position;
        unsigned int base = 10;
        size_t n_digits = 0;

        component->index = 0;
        if (peek(scanner) == '0' && (scanner->text[begin + 1] == 'x' || scanner->text[begin + 1] == 'X')) {
                base = 16;
                scanner->position += 2;
        }
        while (base == 16 ? isxdigit((unsigned char)peek(scanner)) : isdigit((unsigned char)peek(scanner))) {
                if (__builtin_mul_overflow(component->index, base, &component->index) ||
                    __builtin_add_overflow(component->index, digit_value(peek(scanner)), &component->index)) {
                        scanner->position = begin;
                        return fail(scanner, "an index below 2^64", error);
                }
                scanner->position++;
                n_digits++;
        }
        if (n_digits == 0)
                return fail(scanner, "an index: a decimal or 0x number, not negative", error);
        /* C would read it as octal, most people would not. */
        if (base == 10 && n_digits > 1 && scanner->text[begin] == '0') {
                scanner->position = begin;
                return fail(scanner, "an index without leading zeros", error);
        }
        component->text = scanner->text + begin;
        component->length = scanner->position - begin;
        component->position = begin;
        skip_blanks(scanner);
        return 0;
}

static int scan_component(struct scanner *scanner, bool is_first, struct path_component *ret,
                          struct path_error *error)
{
        int r;

        if (accept(scanner, "[")) {
                ret->kind = PATH_INDEX;
                r = scan_number(scanner, ret, error);
                if (r == 0 && !accept(scanner, "]"))
                        return fail(scanner, "']'", error);
                return r;
        }
        if (accept(scanner, "->")) {
                ret->kind = PATH_ARROW;
                return scan_name(scanner, ret, error);
        }
        ret->kind = PATH_MEMBER;
        if (peek(scanner) == '-')
                return fail(scanner, "'->' (in a shell, quote the path: '>' redirects)", error);
        if (!accept(scanner, ".") && !is_first)
                return fail(scanner, "'.', '->', '[' or the end", error);
        return scan_name(scanner, ret, error);
}

int path_parse(const char *text, struct path *ret, struct path_error *ret_error)
{
        struct scanner scanner = {.text = text};

        ret->n_components = 0;
        skip_blanks(&scanner);
        while (ret->n_components == 0 || peek(&scanner) != '\0') {
                int r;

                if (ret->n_components == PATH_MAX_COMPONENTS)
                        return fail(&scanner, "the end: a path has at most 64 components", ret_error);
                r = scan_component(&scanner, ret->n_components == 0, &ret->components[ret->n_components],
                                   ret_error);
                if (r != 0)
                        return r;
                ret->n_components++;
        }
        return 0;
}
