/*
 * diff: what is different between two types, a line each as diff(1) marks them: - in the first only, + in the second only, ~ in
 * both.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "btfctl/btfctl.h"

/* Columns are as wide as what they hold, but one very long path does not push all that follows off the screen. */
#define PATH_COLUMN_MAX 40

static void print_side(const char *mark, const struct btfd_diff_side *side)
{
        printf("%s %s %s", mark, side->kind, side->name ? side->name : "{...}");
        if (side->size != BTFD_NONE)
                printf(", %" PRIu64 " bytes", side->size);
        printf(", %s of %s\n", side->source, side->set);
}

static void print_whole(const char *what, const char *a, const char *b)
{
        printf("~ %s", what);
        if (a && b && strcmp(a, b) != 0)
                printf(" %s -> %s", a, b);
        putchar('\n');
}

/* What is different in the types themselves; kinds and sizes are to be seen above. */
static void print_differs(const struct btfd_diff *diff)
{
        for (size_t i = 0; i < diff->n_differs; i++) {
                const char *what = diff->differs[i];

                if (strcmp(what, "kind") == 0 || strcmp(what, "size") == 0)
                        continue;
                if (strcmp(what, "encoding") == 0)
                        print_whole(what, diff->a.encoding, diff->b.encoding);
                else if (strcmp(what, "type") == 0)
                        print_whole(what, diff->a.type, diff->b.type);
                else if (strcmp(what, "returns") == 0)
                        print_whole(what, diff->a.returns, diff->b.returns);
                else if (strcmp(what, "linkage") == 0)
                        print_whole(what, diff->a.linkage, diff->b.linkage);
                else
                        print_whole(what, NULL, NULL);
        }
}

/* Where an entry is: `128`, a bit of the load at byte 126 `126:2`, or which parameter. */
static void print_place(const struct btfd_diff_entry *entry)
{
        printf("%" PRIu64, entry->offset != BTFD_NONE ? entry->offset : entry->index);
        if (entry->is_bitfield)
                printf(":%" PRIu64, entry->bitfield.bit_offset);
}

static void print_size(const struct btfd_diff_entry *entry)
{
        if (entry->is_bitfield)
                printf(":%" PRIu64, entry->bitfield.bit_size);
        else if (entry->size == BTFD_NONE)
                putchar('-');
        else
                printf("%" PRIu64, entry->size);
}

/* All there is to say of what is on one side only. */
static void print_entry(const struct btfd_diff_entry *entry)
{
        if (entry->value_text) {
                printf("= %s\n", entry->value_text);
                return;
        }
        printf(entry->offset == BTFD_NONE ? "parameter " : "at ");
        print_place(entry);
        printf("  %s  ", entry->type ? entry->type : "...");
        print_size(entry);
        putchar('\n');
}

/* Whether a change is of that sort; if so, what is said of it stands behind a comma if it is not the first. */
static bool says(const struct btfd_diff_change *change, unsigned int what, const char **separator)
{
        if (!(change->what & what))
                return false;
        fputs(*separator, stdout);
        *separator = ", ";
        return true;
}

static void print_changed(const struct btfd_diff_change *change)
{
        const struct btfd_diff_entry *a = &change->a, *b = &change->b;
        const char *separator = "";

        if (says(change, BTFD_DIFF_REVALUED, &separator))
                printf("= %s -> %s", a->value_text, b->value_text);
        if (says(change, BTFD_DIFF_RENAMED, &separator))
                printf("was %s", a->name ? a->name : "unnamed");
        if (says(change, BTFD_DIFF_MOVED, &separator)) {
                printf("moved ");
                print_place(a);
                printf(" -> ");
                print_place(b);
        }
        if (says(change, BTFD_DIFF_RESIZED, &separator)) {
                printf("resized ");
                print_size(a);
                printf(" -> ");
                print_size(b);
        }
        if (says(change, BTFD_DIFF_RETYPED, &separator)) {
                if (a->type && b->type && strcmp(a->type, b->type) != 0)
                        printf("retyped %s -> %s", a->type, b->type);
                else
                        printf("retyped behind %s", b->type ? b->type : "...");
        }
        if (says(change, BTFD_DIFF_REDEFINED, &separator))
                printf("redefined: %s", b->type ? b->type : "...");
        if (says(change, BTFD_DIFF_OTHER, &separator))
                printf("otherwise");
        putchar('\n');
}

static void print_changes(const struct btfd_diff *diff)
{
        int width = 0;

        for (size_t i = 0; i < diff->n_changes; i++) {
                int length = diff->changes[i].path ? (int)strlen(diff->changes[i].path) : 0;

                if (length > width && length <= PATH_COLUMN_MAX)
                        width = length;
        }
        for (size_t i = 0; i < diff->n_changes; i++) {
                const struct btfd_diff_change *change = &diff->changes[i];
                bool is_removed = change->what & BTFD_DIFF_REMOVED, is_added = change->what & BTFD_DIFF_ADDED;

                printf("%c %-*s  ",
                       is_removed ? '-'
                       : is_added ? '+'
                                  : '~',
                       width, change->path ? change->path : "");
                if (is_removed || is_added)
                        print_entry(is_removed ? &change->a : &change->b);
                else
                        print_changed(change);
        }
        if (diff->count > diff->n_changes)
                printf("and %" PRIu64 " more\n", diff->count - diff->n_changes);
}

/* A type compared with itself is the same, which must not look like an answer to what was forgotten. */
bool diff_check(const struct context *context, char **arguments)
{
        if ((arguments[0] && arguments[1]) || context->given & OPTS_WITH)
                return true;
        usage("diff: compare it with what? Expected a second TYPE, or --with-set=NAME or another --with-...",
              "");
        return false;
}

int verb_diff(struct context *context, char **arguments)
{
        /* With an id, the first type's name may be left out, and then there is none of the second. */
        const char *with_type = arguments[0] ? arguments[1] : NULL;
        struct btfd_diff *diff;
        int r, status = STATUS_FINE;

        r = btfd_type_diff(context->client, arguments[0], &context->selector, with_type, &context->with,
                           &diff);
        if (r != 0)
                return report_failure(context, r, /* path= */ NULL);
        if (context->json != JSON_OFF) {
                status = print_json_result(context);
        } else {
                print_side(diff->same ? "=" : "-", &diff->a);
                print_side(diff->same ? "=" : "+", &diff->b);
                print_differs(diff);
                print_changes(diff);
        }
        if (status == STATUS_FINE && !diff->same)
                status = STATUS_DIFFERENT;
        btfd_diff_free(diff);
        return status;
}
