#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "btfctl/btfctl.h"

static void print_head(const struct btfd_enum *type)
{
        printf("enum %s, %" PRIu64 " byte%s, %s, %s", type->name ? type->name : "{...}", type->size,
               type->size == 1 ? "" : "s", type->encoding, type->source);
}

static void print_all(const struct btfd_enum *type)
{
        int width = (int)strlen("NAME");

        for (size_t i = 0; i < type->n_values; i++) {
                int length = (int)strlen(type->values[i].name);

                width = length > width ? length : width;
        }
        print_head(type);
        printf("\n  %-*s  VALUE\n", width, "NAME");
        for (size_t i = 0; i < type->n_values; i++)
                printf("  %-*s  %s\n", width, type->values[i].name, type->values[i].value_text);
}

static void print_one(const struct btfd_enum *type)
{
        printf("%s = %s  (", type->values[0].name, type->values[0].value_text);
        print_head(type);
        printf(")\n");
}

static bool is_none(struct context *context, int result)
{
        const struct btfd_error *error = result == BTFD_REFUSED ? btfd_last_error(context->client) : NULL;

        return error &&
               (strcmp(error->reason, "name-not-found") == 0 || strcmp(error->reason, "wrong-kind") == 0);
}

/* Enumerators are in capitals, enums are not. */
static bool looks_like_enumerator(const char *name)
{
        for (; *name != '\0'; name++) {
                if (islower((unsigned char)*name))
                        return false;
        }
        return true;
}

static int ask(struct context *context, const char *name, bool as_enumerator, struct btfd_enum **ret)
{
        return btfd_enum_get(context->client, as_enumerator ? NULL : name, as_enumerator ? name : NULL,
                             &context->selector, ret);
}

/* What is no enum may be an enumerator, and the reverse; if it is neither, the likelier one's error helps. */
static int ask_both(struct context *context, const char *name, bool *ret_one, struct btfd_enum **ret)
{
        int r;

        *ret_one = looks_like_enumerator(name);
        r = ask(context, name, *ret_one, ret);
        if (!is_none(context, r))
                return r;
        *ret_one = !*ret_one;
        r = ask(context, name, *ret_one, ret);
        return is_none(context, r) ? ask(context, name, !*ret_one, ret) : r;
}

int verb_enum(struct context *context, char **arguments)
{
        struct btfd_enum *type;
        bool one = true;
        int r, status = STATUS_FINE;

        if (context->selector.has_id)
                r = btfd_enum_get(context->client, NULL, arguments[0], &context->selector, &type);
        else if (arguments[1])
                r = btfd_enum_get(context->client, arguments[0], arguments[1], &context->selector, &type);
        else
                r = ask_both(context, arguments[0], &one, &type);
        if (r != 0)
                return report_failure(context, r, /* path= */ NULL);
        if (context->selector.has_id)
                one = arguments[0] != NULL;
        if (context->json != JSON_OFF)
                status = print_json_result(context);
        else if (one)
                print_one(type);
        else
                print_all(type);
        report_also(type->also, type->n_also);
        btfd_enum_free(type);
        return status;
}
