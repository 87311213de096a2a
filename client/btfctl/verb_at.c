#include <inttypes.h>
#include <stdio.h>

#include "btfctl/btfctl.h"

static void print_level(const struct btfd_level *level)
{
        const struct btfd_value *value = &level->value;

        printf("%s  %s  at %" PRIu64, level->path, value->type, level->offset);
        if (value->is_bitfield)
                printf(", bit %" PRIu64 ", %" PRIu64 " wide", value->bitfield.bit_offset,
                       value->bitfield.bit_size);
        else if (value->size != BTFD_NONE && !value->flexible)
                printf(", %" PRIu64 " byte%s", value->size, value->size == 1 ? "" : "s");
}

static void print_gap(const struct btfd_alternative *alternative)
{
        const struct btfd_gap *gap = &alternative->gap;
        bool is_bits = gap->bit_size != BTFD_NONE;
        uint64_t size = is_bits ? gap->bit_size : gap->size;

        printf("%s of %" PRIu64 " %s%s at %s%" PRIu64, alternative->is_hole ? "hole" : "padding", size,
               is_bits ? "bit" : "byte", size == 1 ? "" : "s", is_bits ? "bit " : "",
               is_bits ? gap->bit_offset : gap->offset);
        if (gap->after)
                printf(", after %s", gap->after);
        if (gap->before)
                printf(", before %s", gap->before);
}

/* The innermost object on a line of its own, what it is in behind it. */
static void print_alternative(const struct btfd_alternative *alternative)
{
        size_t n_outer = alternative->n_levels;

        if (alternative->path) {
                n_outer--;
                print_level(&alternative->levels[n_outer]);
                if (alternative->remaining != BTFD_NONE && alternative->remaining > 0)
                        printf(", byte %" PRIu64 " of it", alternative->remaining);
                if (alternative->remaining_bits != BTFD_NONE && alternative->remaining_bits > 0)
                        printf(", bit %" PRIu64 " of it", alternative->remaining_bits);
        } else {
                print_gap(alternative);
        }
        putchar('\n');
        while (n_outer > 0) {
                fputs("  in ", stdout);
                print_level(&alternative->levels[--n_outer]);
                putchar('\n');
        }
}

int verb_at(struct context *context, char **arguments)
{
        /* With an id, the type's name may be left out. */
        const char *type = arguments[1] ? arguments[0] : NULL;
        const char *text = arguments[1] ? arguments[1] : arguments[0];
        const char *expected;
        struct btfd_at *at;
        uint64_t offset;
        int r, status = STATUS_FINE;

        expected = parse_number(text, &offset);
        if (expected) {
                fprintf(stderr, "btfctl: OFFSET '%s': expected %s\nTry 'btfctl --help'.\n", text, expected);
                return STATUS_USAGE;
        }
        if (context->bit)
                r = btfd_type_at_bit(context->client, type, offset, &context->selector, &at);
        else
                r = btfd_type_at(context->client, type, offset, &context->selector, &at);
        if (r != 0)
                return report_failure(context, r, /* path= */ NULL);
        for (size_t i = 0; i < at->n_alternatives && context->json == JSON_OFF; i++)
                print_alternative(&at->alternatives[i]);
        if (context->json != JSON_OFF)
                status = print_json_result(context);
        report_also(at->also, at->n_also);
        btfd_at_free(at);
        return status;
}
