#include "query/type_expr.h"

#include <stdbool.h>

#include "util/strbuf.h"
#include "util/util.h"

#define BLANKS " \t\r\n"

/* What ends a word, and what C writes around a name that is more than one behind pointers. */
#define NO_WORD BLANKS "*()[]{},;="

static int fail(struct type_expr_error *error, size_t position, const char *expected)
{
        *error = (struct type_expr_error){position, expected};
        return 1;
}

static bool is_qualifier(const char *word, size_t length)
{
        static const char *const qualifiers[] = {"const", "volatile", "restrict"};

        for (size_t i = 0; i < ARRAY_LENGTH(qualifiers); i++) {
                if (strlen(qualifiers[i]) == length && strncmp(qualifiers[i], word, length) == 0)
                        return true;
        }
        return false;
}

/* Returns false if the name is longer than any in BTF. */
static bool add_word(struct strbuf *name, const char *word, size_t length)
{
        if (length > TYPE_EXPR_MAX_NAME)
                return false;
        strbuf_printf(name, "%s%.*s", name->length > 0 ? " " : "", (int)length, word);
        return !name->overflow;
}

int type_expr_parse(const char *text, struct type_expr *ret, struct type_expr_error *ret_error)
{
        struct type_expr parsed = {.n_pointers = 0};
        struct strbuf name;
        const char *at = text;

        strbuf_init(&name, parsed.name, sizeof(parsed.name));
        for (at += strspn(at, BLANKS); *at != '\0'; at += strspn(at, BLANKS)) {
                size_t position = (size_t)(at - text);
                size_t length = strcspn(at, NO_WORD);

                if (*at == '*') {
                        if (name.length == 0)
                                return fail(ret_error, position, "a type's name before '*'");
                        if (++parsed.n_pointers > BTF_MAX_DECLARATOR)
                                return fail(ret_error, position, "at most 32 '*'");
                        at++;
                        continue;
                }
                if (length == 0)
                        return fail(ret_error, position, "a type's name and '*'");
                if (!is_qualifier(at, length)) {
                        if (parsed.n_pointers > 0)
                                return fail(ret_error, position, "'*' or the end");
                        if (!add_word(&name, at, length))
                                return fail(ret_error, position, "a shorter name");
                }
                at += length;
        }
        if (name.length == 0)
                return fail(ret_error, (size_t)(at - text), "a type's name");
        *ret = parsed;
        return 0;
}
