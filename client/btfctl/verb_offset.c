#include <inttypes.h>
#include <stdio.h>

#include "btfctl/btfctl.h"

static void print_bitfield(const struct btfd_bitfield *bitfield)
{
        printf("  bit %" PRIu64 ", %" PRIu64 " wide", bitfield->bit_offset, bitfield->bit_size);
        if (bitfield->load_size > 0)
                printf(": load %" PRIu64 ", << %u, >> %u%s", bitfield->load_size, bitfield->lshift,
                       bitfield->rshift, bitfield->is_signed ? " signed" : "");
}

static void print_field(const struct btfd_field *field)
{
        const struct btfd_value *value = &field->value;

        for (size_t i = 0; i < field->n_steps; i++) {
                const struct btfd_step *step = &field->steps[i];

                printf("%" PRIu64, step->offset);
                for (size_t j = 0; j < step->n_tags; j++)
                        printf(" (%s)", step->tags[j]);
                if (step->deref)
                        printf(" -> ");
        }
        printf("  %s", value->type);
        if (value->size == BTFD_NONE)
                printf("  -");
        else
                printf("  %" PRIu64, value->size);
        if (value->is_bitfield)
                print_bitfield(&value->bitfield);
        putchar('\n');
}

int verb_offset(struct context *context, char **arguments)
{
        /* With an id, the type's name may be left out. */
        const char *type = arguments[1] ? arguments[0] : NULL;
        const char *path = arguments[1] ? arguments[1] : arguments[0];
        struct btfd_field *field;
        int r, status = STATUS_FINE;

        r = btfd_field_offset(context->client, type, path, &context->selector, &field);
        if (r != 0)
                return report_failure(context, r, path);
        if (context->json != JSON_OFF)
                status = print_json_result(context);
        else
                print_field(field);
        report_also(field->also, field->n_also);
        btfd_field_free(field);
        return status;
}
