#include <ctype.h>
#include <string.h>

#include "btfctl/btfctl.h"

/* Passes over what may stand between `(` or `*` and the name: stars and qualifiers. */
static const char *skip_pointers(const char *at)
{
        for (;;) {
                if (*at == '*' || *at == ' ')
                        at++;
                else if (strncmp(at, "const", 5) == 0 && !isalnum((unsigned char)at[5]))
                        at += 5;
                else if (strncmp(at, "volatile", 8) == 0 && !isalnum((unsigned char)at[8]))
                        at += 8;
                else
                        return at;
        }
}

/* Where in a type the name of what is declared belongs: in `int (*)[4]` before `)`, in `char[16]` before `[`. */
static const char *place_of_name(const char *type)
{
        const char *at = strstr(type, "(*");

        if (at) {
                while (at[0] == '(' && at[1] == '*')
                        at = skip_pointers(at + 1);
                return at;
        }
        at = strchr(type, '[');
        return at ? at : type + strlen(type);
}

size_t declare(char *ret, size_t size, const char *type, const char *name)
{
        const char *place = place_of_name(type);
        bool needs_blank = place > type && !strchr("*( ", place[-1]);
        int n = snprintf(ret, size, "%.*s%s%s%s", (int)(place - type), type, needs_blank ? " " : "", name,
                         place);

        return n < 0 ? 0 : (size_t)n;
}
