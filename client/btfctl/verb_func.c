/*
 * func: a prototype, and where each of its parameters is.
 */
#include <inttypes.h>
#include <string.h>

#include "btfctl/btfctl.h"

/* Columns are as wide as what they hold, but one very long type does not push all names off the screen. */
#define TYPE_COLUMN_MAX 48

static void print_head(const struct btfd_function *function)
{
        printf("%s;\n  ", function->prototype);
        if (function->tracepoint)
                printf("tracepoint %s, ", function->tracepoint);
        else if (function->hook)
                printf("LSM hook %s, ", function->hook);
        if (function->linkage)
                printf("%s, ", function->linkage);
        printf("%s", function->source);
        for (size_t i = 0; i < function->n_tags; i++)
                printf(", %s", function->tags[i]);
        putchar('\n');
}

static int type_width(const struct btfd_function *function)
{
        size_t width = strlen("TYPE");

        for (size_t i = 0; i < function->n_params; i++) {
                size_t length = strlen(function->params[i].value.type);

                if (length > width && length <= TYPE_COLUMN_MAX)
                        width = length;
        }
        return (int)width;
}

static void print_number(int width, uint64_t number)
{
        if (number == BTFD_NONE)
                printf("  %*s", width, "-");
        else
                printf("  %*" PRIu64, width, number);
}

static void print_params(const struct btfd_function *function)
{
        int width = type_width(function);

        printf("  %4s  %4s  %-*s  %s\n", "SLOT", "SIZE", width, "TYPE", "NAME");
        for (size_t i = 0; i < function->n_params; i++) {
                const struct btfd_function_param *param = &function->params[i];

                print_number(4, param->slot);
                print_number(4, param->value.size);
                printf("  %-*s  %s", width, param->value.type, param->name ? param->name : "");
                for (size_t j = 0; j < param->n_tags; j++)
                        printf("%s%s", j == 0 ? "  " : ", ", param->tags[j]);
                putchar('\n');
        }
}

int verb_func(struct context *context, char **arguments)
{
        struct btfd_function *function;
        int r, status = STATUS_FINE;

        if (context->tracepoint)
                r = btfd_tracepoint_get(context->client, arguments[0], &context->selector, &function);
        else
                r = btfd_func_get(context->client, arguments[0], &context->selector, &function);
        if (r != 0)
                return report_failure(context, r, /* path= */ NULL);
        if (context->json != JSON_OFF) {
                status = print_json_result(context);
        } else {
                print_head(function);
                if (function->n_params > 0)
                        print_params(function);
        }
        report_also(function->also, function->n_also);
        btfd_function_free(function);
        return status;
}
