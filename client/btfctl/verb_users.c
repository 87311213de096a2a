/*
 * users: who uses a type, a line each with how and where, page after page until there is no more.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "btfctl/btfctl.h"

/* Columns are as wide as what they hold, but one very long name does not push all sources off the screen. */
#define NAME_COLUMN_MAX 56

struct asking {
        const char *type;
        struct btfd_users question;
        bool has_also; /* has been told */
};

static int name_length(const struct btfd_user *user)
{
        return (int)(strlen(user->kind) + 1 + strlen(user->name));
}

/* `points fdt, embeds fdtab`, `takes 0`, and how many more there are. */
static void print_places(const struct btfd_user *user)
{
        const char *relation = "";

        for (size_t i = 0; i < user->n_places; i++) {
                const struct btfd_user_place *place = &user->places[i];
                bool is_another = strcmp(place->relation, relation) != 0;

                if (i > 0)
                        fputs(", ", stdout);
                if (is_another)
                        print_plain(stdout, place->relation, strlen(place->relation));
                relation = place->relation;
                if (place->param != BTFD_NONE)
                        printf("%s%" PRIu64, is_another ? " " : "", place->param);
                else if (place->path) {
                        fputs(is_another ? " " : "", stdout);
                        print_plain(stdout, place->path[0] ? place->path : "(unnamed)",
                                    place->path[0] ? strlen(place->path) : strlen("(unnamed)"));
                }
        }
        if (user->uses > user->n_places)
                printf(", and %" PRIu64 " more", user->uses - user->n_places);
}

static void print_users(const struct btfd_user_list *list)
{
        int name_width = 0, source_width = 0;

        for (size_t i = 0; i < list->n_users; i++) {
                int length = name_length(&list->users[i]), source = (int)strlen(list->users[i].source);

                if (length > name_width && length <= NAME_COLUMN_MAX)
                        name_width = length;
                source_width = source > source_width ? source : source_width;
        }
        for (size_t i = 0; i < list->n_users; i++) {
                const struct btfd_user *user = &list->users[i];
                int length = name_length(user);

                printf("%s ", user->kind);
                print_plain(stdout, user->name, strlen(user->name));
                printf("%*s  ", length < name_width ? name_width - length : 0, "");
                print_plain(stdout, user->source, strlen(user->source));
                printf("%*s  ", source_width - (int)strlen(user->source), "");
                print_places(user);
                putchar('\n');
        }
}

static int take_page(struct pages *pages, void *userdata)
{
        struct asking *asking = userdata;
        struct context *context = pages->context;
        struct btfd_user_list *list;
        int r, status = STATUS_FINE;

        asking->question.limit = page_limit(pages->n_left);
        asking->question.cursor = pages->cursor;
        r = btfd_type_users(context->client, asking->type, &context->selector, &asking->question, &list);
        if (r != 0)
                return report_failure(context, r, /* path= */ NULL);
        if (context->json != JSON_OFF)
                status = print_json_result(context);
        else
                print_users(list);
        if (!asking->has_also)
                report_also(list->also, list->n_also);
        asking->has_also = true;
        if (status == STATUS_FINE)
                status = pages_turn(pages, list->n_users, list->cursor);
        btfd_user_list_free(list);
        return status;
}

int verb_users(struct context *context, char **arguments)
{
        size_t n_relations;
        char **relations = split_words(context->relations, &n_relations);
        struct asking asking = {
                .type = arguments[0],
                .question.transitive = context->transitive,
        };
        uint64_t n_users = 0;
        int status;

        if (!relations)
                return report_failure(context, -ENOMEM, /* path= */ NULL);
        asking.question.relations = (const char *const *)relations;
        asking.question.n_relations = n_relations;
        status = pages_take(context, take_page, &asking, &n_users);
        free(relations);
        if (status == STATUS_FINE && n_users == 0 && context->json == JSON_OFF)
                fprintf(stderr, "btfctl: nothing uses it\n");
        return status;
}
