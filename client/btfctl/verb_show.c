#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "btfctl/btfctl.h"

/* Columns are as wide as what they hold, but one very long type does not push all names off the screen. */
#define TYPE_COLUMN_MAX 48

static int column_width(int width, const char *text)
{
        size_t length = strlen(text);

        return length > (size_t)width && length <= TYPE_COLUMN_MAX ? (int)length : width;
}

static void print_head(const struct btfd_type *type)
{
        printf("%s", type->declares ? type->declares : type->kind);
        if (type->name)
                printf(" %s", type->name);
        if (type->type)
                printf(": %s", type->type);
        if (type->declares)
                printf(", only declared");
        if (type->size != BTFD_NONE)
                printf(", %" PRIu64 " bytes", type->size);
        if (type->bits != BTFD_NONE && type->bits != type->size * 8)
                printf(", %" PRIu64 " bits", type->bits);
        if (type->encoding)
                printf(", %s", type->encoding);
        if (type->linkage)
                printf(", %s", type->linkage);
        printf(", %s\n", type->source);
}

static void print_members(const struct btfd_type *type)
{
        int width = (int)strlen("TYPE");

        for (size_t i = 0; i < type->n_members; i++)
                width = column_width(width, type->members[i].value.type);
        printf("  %10s  %8s  %-*s  %s\n", "OFFSET", "SIZE", width, "TYPE", "NAME");
        for (size_t i = 0; i < type->n_members; i++) {
                const struct btfd_member *member = &type->members[i];
                const struct btfd_value *value = &member->value;
                char offset[48], size[48];

                snprintf(offset, sizeof(offset), "%" PRIu64, member->offset);
                snprintf(size, sizeof(size), "%" PRIu64, value->size);
                if (value->is_bitfield) {
                        snprintf(offset, sizeof(offset), "%" PRIu64 ":%" PRIu64, member->offset,
                                 value->bitfield.bit_offset);
                        snprintf(size, sizeof(size), ":%" PRIu64, value->bitfield.bit_size);
                }
                printf("  %10s  %8s  %-*s  ", offset, value->size == BTFD_NONE ? "-" : size, width,
                       value->type);
                if (member->name)
                        puts(member->name);
                else
                        printf("(unnamed: --source=%s --instance=%" PRIu64 " --id=%" PRIu64 ")\n",
                               type->source, type->instance, member->type_id);
        }
}

static void print_values(const struct btfd_type *type)
{
        int width = (int)strlen("NAME");

        for (size_t i = 0; i < type->n_values; i++)
                width = column_width(width, type->values[i].name);
        printf("  %-*s  %s\n", width, "NAME", "VALUE");
        for (size_t i = 0; i < type->n_values; i++)
                printf("  %-*s  %s\n", width, type->values[i].name, type->values[i].value_text);
}

static void print_params(const struct btfd_type *type)
{
        int width = (int)strlen(type->returns);

        for (size_t i = 0; i < type->n_params; i++)
                width = column_width(width, type->params[i].type);
        printf("  %9s  %-*s  %s\n", "PARAMETER", width, "TYPE", "NAME");
        for (size_t i = 0; i < type->n_params; i++)
                printf("  %9zu  %-*s  %s\n", i, width, type->params[i].type,
                       type->params[i].name ? type->params[i].name : "");
        printf("  %9s  %s\n", "returns", type->returns);
}

static void print_variables(const struct btfd_type *type)
{
        int width = (int)strlen("TYPE");

        for (size_t i = 0; i < type->n_variables; i++)
                width = column_width(width, type->variables[i].type);
        printf("  %10s  %8s  %-*s  %s\n", "OFFSET", "SIZE", width, "TYPE", "NAME");
        for (size_t i = 0; i < type->n_variables; i++) {
                const struct btfd_variable *variable = &type->variables[i];

                printf("  %10" PRIu64 "  %8" PRIu64 "  %-*s  %s\n", variable->offset, variable->size, width,
                       variable->type, variable->name);
        }
}

static void print_type(const struct btfd_type *type)
{
        print_head(type);
        if (type->n_members > 0)
                print_members(type);
        if (type->n_values > 0)
                print_values(type);
        if (type->returns)
                print_params(type);
        if (type->n_variables > 0)
                print_variables(type);
}

int verb_show(struct context *context, char **arguments)
{
        struct btfd_type *type;
        int r, status = STATUS_FINE;

        r = btfd_type_get(context->client, arguments[0], &context->selector, &type);
        if (r != 0)
                return report_failure(context, r, /* path= */ NULL);
        if (context->json != JSON_OFF)
                status = print_json_result(context);
        else
                print_type(type);
        report_also(type->also, type->n_also);
        btfd_type_free(type);
        return status;
}
