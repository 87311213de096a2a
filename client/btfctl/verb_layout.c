/*
 * A struct as C declares it, with a comment on each member that gives its offset and size in bytes, and lines of comment where
 * nothing lies and where a cache line begins. The answer lists members flatly; `nested` tells which of them are in which
 * anonymous or expanded struct, and so where the braces go.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "btfctl/btfctl.h"

#define INDENT 8

/* Where the comments begin, unless a declaration is longer. */
#define COMMENT_COLUMN 64

/* Nothing nests deeper. */
#define MAX_DEPTH 64

/* Longer declarations are cut; the daemon cuts types at 8 KB. */
#define DECLARATION_SIZE 16384

struct listing {
        const struct btfd_layout *layout;
        bool *shown;              /* [i_hole] */
        size_t i_nested;          /* the next to open */
        size_t scopes[MAX_DEPTH]; /* that are open, but for the outermost: positions in `nested` */
        size_t depth;
        uint64_t line; /* the cache line that has been reached */
};

/* What stands before a path's last part is told by the braces around it. */
static const char *last_part(const char *path)
{
        const char *dot = strrchr(path, '.');

        return dot ? dot + 1 : path;
}

static const char *plural(uint64_t n)
{
        return n == 1 ? "" : "s";
}

static void print_indent(const struct listing *listing)
{
        printf("%*s", (int)((listing->depth + 1) * INDENT), "");
}

/* A declaration, and behind it its comment: the offset, for a bitfield its bit as well, and the size. */
static void print_line(const struct listing *listing, const char *text, uint64_t offset,
                       const struct btfd_bitfield *bitfield, uint64_t size)
{
        int width = COMMENT_COLUMN - (int)((listing->depth + 1) * INDENT);
        char place[48];

        snprintf(place, sizeof(place), "%" PRIu64, offset);
        if (bitfield)
                snprintf(place, sizeof(place), "%" PRIu64 ":%" PRIu64, offset, bitfield->bit_offset);
        print_indent(listing);
        printf("%-*s  /* %8s ", width > 0 ? width : 0, text, place);
        if (size == BTFD_NONE)
                printf("%6s */\n", "-");
        else
                printf("%6" PRIu64 " */\n", size);
}

/* The scope that is open innermost; BTFD_NONE in the type itself. */
static uint64_t innermost(const struct listing *listing)
{
        return listing->depth > 0 ? listing->scopes[listing->depth - 1] : BTFD_NONE;
}

static void print_hole(const struct listing *listing, const struct btfd_layout_hole *hole)
{
        const struct btfd_gap *gap = &hole->gap;
        bool is_bits = gap->bit_size != BTFD_NONE;
        uint64_t size = is_bits ? gap->bit_size : gap->size;

        print_indent(listing);
        printf("/* hole: %" PRIu64 " %s%s%s */\n", size, is_bits ? "bit" : "byte", plural(size),
               hole->forced ? ", by an attribute or an unnamed bitfield" : "");
}

/* Shows the holes of the innermost scope that lie before bit `end`. */
static void print_holes(struct listing *listing, uint64_t end)
{
        for (size_t i = 0; i < listing->layout->n_holes; i++) {
                const struct btfd_layout_hole *hole = &listing->layout->holes[i];
                uint64_t begin =
                        hole->gap.bit_size != BTFD_NONE ? hole->gap.bit_offset : hole->gap.offset * 8;

                if (hole->nested == innermost(listing) && begin < end && !listing->shown[i]) {
                        listing->shown[i] = true;
                        print_hole(listing, hole);
                }
        }
}

static void print_padding(const struct listing *listing, uint64_t bytes, uint64_t bits, bool forced)
{
        if (bytes == 0 && bits == 0)
                return;
        print_indent(listing);
        printf("/* padding:");
        if (bits > 0)
                printf(" %" PRIu64 " bit%s%s", bits, plural(bits), bytes > 0 ? " and" : "");
        if (bytes > 0)
                printf(" %" PRIu64 " byte%s", bytes, plural(bytes));
        printf("%s */\n", forced ? ", by an attribute" : "");
}

/* Tells of a cache line that begins before or in what lies at a byte. */
static void print_cacheline(struct listing *listing, uint64_t offset)
{
        uint64_t size = listing->layout->cacheline;

        if (offset / size <= listing->line)
                return;
        listing->line = offset / size;
        print_indent(listing);
        printf("/* ---- cache line %" PRIu64 ", byte %" PRIu64, listing->line, listing->line * size);
        if (offset % size > 0)
                printf(": %" PRIu64 " byte%s back", offset % size, plural(offset % size));
        puts(" ---- */");
}

static void open_scope(struct listing *listing)
{
        const struct btfd_layout_nested *nested = &listing->layout->nested[listing->i_nested];

        print_holes(listing, nested->offset * 8);
        print_cacheline(listing, nested->offset);
        print_indent(listing);
        /* The daemon writes `struct {...}` for what has no name. */
        if (strstr(nested->type, "{...}"))
                printf("%s {\n", nested->kind);
        else
                printf("%s {\n", nested->type);
        listing->scopes[listing->depth++] = listing->i_nested++;
}

static void close_scope(struct listing *listing)
{
        const struct btfd_layout_nested *nested = &listing->layout->nested[innermost(listing)];
        char text[DECLARATION_SIZE];

        print_padding(listing, nested->padding, nested->bit_padding, nested->padding_forced);
        listing->depth--;
        snprintf(text, sizeof(text), "}%s%s;", nested->path ? " " : "",
                 nested->path ? last_part(nested->path) : "");
        print_line(listing, text, nested->offset, NULL, nested->size);
}

/* Closes and opens what ends and begins before member `i`. */
static void print_braces(struct listing *listing, size_t i)
{
        const struct btfd_layout *layout = listing->layout;

        for (;;) {
                const struct btfd_layout_nested *next = &layout->nested[listing->i_nested];
                uint64_t i_scope = innermost(listing);

                if (listing->i_nested < layout->n_nested && !next->path && next->first == i &&
                    next->nested == i_scope && listing->depth < MAX_DEPTH)
                        open_scope(listing);
                else if (i_scope != BTFD_NONE &&
                         layout->nested[i_scope].first + layout->nested[i_scope].n_members <= i)
                        close_scope(listing);
                else
                        return;
        }
}

static void print_member(struct listing *listing, size_t i)
{
        const struct btfd_layout *layout = listing->layout;
        const struct btfd_layout_member *member = &layout->members[i];
        const struct btfd_layout_nested *next = &layout->nested[listing->i_nested];
        const struct btfd_value *value = &member->value;
        const struct btfd_bitfield *bitfield = value->is_bitfield ? &value->bitfield : NULL;
        uint64_t bit_offset = member->offset * 8 + (bitfield ? bitfield->bit_offset : 0);
        char text[DECLARATION_SIZE];
        size_t length;

        /* An expanded one stands before what is in it. */
        if (listing->i_nested < layout->n_nested && next->path && next->first == i + 1 &&
            strcmp(next->path, member->path) == 0 && listing->depth < MAX_DEPTH) {
                open_scope(listing);
                return;
        }
        print_holes(listing, bit_offset);
        print_cacheline(listing, bit_offset / 8);
        length = declare(text, sizeof(text), value->type, last_part(member->path));
        if (length < sizeof(text) && bitfield)
                length += (size_t)snprintf(text + length, sizeof(text) - length, " : %" PRIu64,
                                           bitfield->bit_size);
        if (length < sizeof(text))
                snprintf(text + length, sizeof(text) - length, ";");
        print_line(listing, text, member->offset, bitfield, value->size);
}

/* Of holes, those of the type itself: what is in a union's member may be taken by another. */
static void print_sums(const struct btfd_layout *layout)
{
        uint64_t n_holes = 0, n_bytes = 0, n_bits = 0;

        for (size_t i = 0; i < layout->n_holes; i++) {
                const struct btfd_gap *gap = &layout->holes[i].gap;

                if (layout->holes[i].nested != BTFD_NONE)
                        continue;
                n_holes++;
                if (gap->bit_size != BTFD_NONE)
                        n_bits += gap->bit_size;
                else
                        n_bytes += gap->size;
        }
        printf("/* %" PRIu64 " byte%s in %" PRIu64 " cache line%s; members ask for alignment to %" PRIu64,
               layout->size, plural(layout->size), layout->cachelines, plural(layout->cachelines),
               layout->natural_align);
        if (layout->packed)
                printf(" (packed)");
        if (n_holes > 0)
                printf("; %" PRIu64 " hole%s:", n_holes, plural(n_holes));
        if (n_bytes > 0)
                printf(" %" PRIu64 " byte%s", n_bytes, plural(n_bytes));
        if (n_bits > 0)
                printf("%s %" PRIu64 " bit%s", n_bytes > 0 ? " and" : "", n_bits, plural(n_bits));
        printf("; %s */\n", layout->source);
}

static int print_layout(const struct btfd_layout *layout)
{
        struct listing listing = {.layout = layout, .shown = calloc(layout->n_holes + 1, sizeof(bool))};

        if (!listing.shown)
                return STATUS_FAILED;
        printf("%s%s%s {\n", layout->kind, layout->name ? " " : "", layout->name ? layout->name : "");
        for (size_t i = 0; i < layout->n_members; i++) {
                print_braces(&listing, i);
                print_member(&listing, i);
        }
        print_braces(&listing, layout->n_members);
        print_padding(&listing, layout->padding, layout->bit_padding, layout->padding_forced);
        puts("};");
        print_sums(layout);
        free(listing.shown);
        return STATUS_FINE;
}

int verb_layout(struct context *context, char **arguments)
{
        struct btfd_layout *layout;
        int r, status;

        if (context->expand > UINT32_MAX || context->cacheline > UINT32_MAX)
                return usage("--expand goes to 32, --cacheline to 4096", "");
        r = btfd_type_layout(context->client, arguments[0], (unsigned int)context->expand,
                             (unsigned int)context->cacheline, &context->selector, &layout);
        if (r != 0)
                return report_failure(context, r, /* path= */ NULL);
        status = context->json != JSON_OFF ? print_json_result(context) : print_layout(layout);
        report_also(layout->also, layout->n_also);
        btfd_layout_free(layout);
        return status;
}
