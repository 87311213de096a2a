#include "query/users.h"

#include <errno.h>

#include "util/strbuf.h"

/* Users between two looks at whether to go on: one that has to be walked takes a microsecond or ten. */
#define STOP_INTERVAL 256U

/* In users_page.leads: no user, one that embeds the target itself, and from here on one that embeds an entry. */
enum {
        LEADS_NOWHERE = 0,
        LEADS_TO_TARGET = 1,
        LEADS_TO_ENTRY = 2,
};

const char *use_relation_word(enum use_relation relation)
{
        switch (relation) {
        case USE_EMBEDS:
                return "embeds";
        case USE_POINTS:
                return "points";
        case USE_TAKES:
                return "takes";
        case USE_RETURNS:
                return "returns";
        case USE_VARIABLE:
                return "variable";
        case USE_TYPEDEF:
                return "typedef";
        }
        return "";
}

unsigned int use_relation_from_word(const char *word)
{
        for (unsigned int relation = 1; relation <= USE_ALL_RELATIONS; relation *= 2) {
                if (string_equal(use_relation_word((enum use_relation)relation), word))
                        return relation;
        }
        return 0;
}

int users_check(struct query_type target, struct query_error *ret_error)
{
        struct btf_type type = btf_type(target.source->btf, target.id);

        if (use_class_of(target.source->btf, type.id) != USE_NOTHING &&
            btf_has_name(target.source->btf, &type))
                return 0;
        return query_error_set(
                ret_error, QUERY_WRONG_KIND,
                "only structs, unions, enums, typedefs and base types that have a name have users; "
                "this is %s %s",
                btf_has_name(target.source->btf, &type) ? "a" : "an unnamed", btf_kind_name(type.kind));
}

/* The range of a type's users. */
static void find_users(const struct used *used, uint32_t *ret_begin, uint32_t *ret_end)
{
        const struct users *users = source_set_users(used->set);

        *ret_begin = used->filed == UINT32_MAX ? 0 : users->starts[used->filed];
        *ret_end = used->filed == UINT32_MAX ? 0 : users->starts[used->filed + 1];
}

/* The first of the users from `begin` to `end` that is not before `entry`. */
static uint32_t find_user(const struct users *users, uint32_t entry, uint32_t begin, uint32_t end)
{
        while (begin < end) {
                uint32_t middle = begin + (end - begin) / 2;

                if (users_entry(users, middle) < entry)
                        begin = middle + 1;
                else
                        end = middle;
        }
        return begin;
}

/* Those of the relations that the i-th user has to the type. */
static unsigned int own_relations(struct used *used, uint32_t i, unsigned int relations)
{
        const struct users *users = source_set_users(used->set);

        relations &= users_relations(users, i);
        if (relations == 0 || used->is_only)
                return relations;
        return relations &
               used_relations(used, query_type_of(source_set_order(used->set), users_entry(users, i)));
}

/* Whether one of the entries that the i-th user, a copy, says the same as is a user already. */
static bool is_listed_before(struct used *used, uint32_t i, unsigned int relations)
{
        const struct users *users = source_set_users(used->set);
        uint32_t entry = users_entry(users, i), begin, end;

        find_users(used, &begin, &end);
        while ((entry = users_repeated(users, entry)) != UINT32_MAX) {
                uint32_t earlier = find_user(users, entry, begin, i);

                if (earlier < i && users_entry(users, earlier) == entry &&
                    own_relations(used, earlier, relations) != 0)
                        return true;
        }
        return false;
}

/* Those of the relations that the i-th user has to the type and is to be listed with; 0 if it is to be left out. */
static unsigned int relations_of(struct used *used, uint32_t i, unsigned int relations)
{
        const struct users *users = source_set_users(used->set);

        relations = own_relations(used, i, relations);
        /* What it says the same as may spell it with another typedef, and be no user then. */
        if (relations != 0 && name_order_is_copy(source_set_order(used->set), users_entry(users, i)) &&
            is_listed_before(used, i, relations))
                return 0;
        return relations;
}

/* Adds an entry, or only counts it; false if there is no need to go on. */
static bool list_entry(const struct page *page, struct users_page *found, uint32_t entry)
{
        found->count++;
        return found->list.has_more || page_add(page, &found->list, entry) || !page->resumes;
}

static int list_direct(const struct users_question *question, const struct page *page,
                       const struct stop *stop, struct users_page *found)
{
        const struct users *users = source_set_users(found->used.set);
        uint32_t begin, end;

        find_users(&found->used, &begin, &end);
        begin = find_user(users, page_first(page, found->order, 0), begin, end);
        for (uint32_t i = begin; i < end; i++) {
                if (i % STOP_INTERVAL == 0 && stop_requested(stop))
                        return QUERY_DEADLINE;
                if (relations_of(&found->used, i, question->relations) != 0 &&
                    !list_entry(page, found, users_entry(users, i)))
                        break;
        }
        return 0;
}

/* Marks what embeds one type, and puts those that had no mark at the end of the queue. */
static int follow_users(struct used *used, uint32_t mark, const struct stop *stop, uint32_t *leads,
                        uint32_t *queue, uint32_t *n_queue)
{
        const struct users *users = source_set_users(used->set);
        uint32_t begin, end;

        find_users(used, &begin, &end);
        for (uint32_t i = begin; i < end; i++) {
                uint32_t entry = users_entry(users, i);

                if (i % STOP_INTERVAL == 0 && stop_requested(stop))
                        return QUERY_DEADLINE;
                if (leads[entry] != LEADS_NOWHERE || relations_of(used, i, USE_EMBEDS) == 0)
                        continue;
                leads[entry] = mark;
                queue[(*n_queue)++] = entry;
        }
        return 0;
}

/* Finds all that embed the target, breadth first, so that each leads there in as few steps as it can. */
static int follow_all(const struct stop *stop, struct users_page *found)
{
        CLEANUP(used_deinit) struct used used = {0};
        CLEANUP(free_cleanup) uint32_t *queue = NULL;
        uint32_t n_queue = 0;
        int r;

        found->leads = calloc(found->order->n_entries + 1U, sizeof(*found->leads));
        queue = malloc((found->order->n_entries + 1U) * sizeof(*queue));
        if (!found->leads || !queue)
                return -ENOMEM;
        used_init(&used, found->used.set, found->used.type);
        r = follow_users(&used, LEADS_TO_TARGET, stop, found->leads, queue, &n_queue);
        for (uint32_t i = 0; i < n_queue && r == 0 && !used.is_out_of_memory; i++) {
                if (i % STOP_INTERVAL == 0 && stop_requested(stop))
                        return QUERY_DEADLINE;
                used_become(&used, queue[i]);
                r = follow_users(&used, queue[i] + LEADS_TO_ENTRY, stop, found->leads, queue, &n_queue);
        }
        return used.is_out_of_memory ? -ENOMEM : r;
}

static int list_transitive(const struct page *page, const struct stop *stop, struct users_page *found)
{
        int r = follow_all(stop, found);

        for (uint32_t i = page_first(page, found->order, 0); i < found->order->n_entries && r == 0; i++) {
                if (found->leads[i] != LEADS_NOWHERE && !list_entry(page, found, i))
                        break;
        }
        return r;
}

int users_list(const struct source_set *set, const struct users_question *question, const struct page *page,
               const struct stop *stop, struct users_page *ret, struct query_error *ret_error)
{
        int r;

        ret->order = source_set_order(set);
        ret->list.n_entries = 0;
        ret->list.has_more = false;
        ret->has_count = !page->resumes;
        ret->count = 0;
        ret->leads = NULL;
        used_init(&ret->used, set, question->target);
        r = question->transitive ? list_transitive(page, stop, ret) : list_direct(question, page, stop, ret);
        if (r == 0 && ret->used.is_out_of_memory)
                r = -ENOMEM;
        if (r == 0)
                return 0;
        users_page_deinit(ret);
        return r < 0 ? r : query_error_set(ret_error, QUERY_DEADLINE, "looking for users took too long");
}

void users_page_deinit(struct users_page *found)
{
        used_deinit(&found->used);
        free(found->leads);
        found->leads = NULL;
}

/* Appends the path that a walk is at to what stands in `text`, as C writes it: unnamed members are not there. */
static void append_path(struct strbuf *text, const struct use_walk *walk)
{
        for (uint32_t i = 0; i < walk->n_levels; i++) {
                const struct use_level *level = &walk->levels[i];
                const char *name = btf_member_name(walk->btf, &level->type, level->i_member - 1);

                if (level->is_array)
                        strbuf_append(text, "[0]");
                if (name[0] == '\0')
                        continue;
                strbuf_append(text, text->length > 0 ? "." : "");
                strbuf_append(text, name);
        }
}

/* What the place is declared with, as it stands there. */
static uint32_t declared_type(const struct use_walk *walk, const struct use *use, uint32_t user)
{
        const struct btf *btf = walk->btf;
        struct btf_type proto;

        if (walk->n_levels > 0)
                return use_walk_member(walk).type;
        if (btf_kind(btf, user) != BTF_KIND_FUNC)
                return btf_target(btf, user);
        proto = btf_type(btf, btf_target(btf, user));
        return use->relation == USE_TAKES ? btf_param(btf, &proto, use->i_param).type : proto.size_or_type;
}

struct description {
        const struct users_question *question;
        struct used *used;
        struct user *user;
};

static bool describe_use(void *context, const struct use_walk *walk, const struct use *use)
{
        const struct description *description = context;
        struct user *user = description->user;
        struct user_place *place = &user->places[user->n_places];
        struct strbuf path;

        if (!(description->question->relations & (unsigned int)use->relation) ||
            !used_is(description->used, walk->btf, use->id))
                return true;
        user->relations |= (unsigned int)use->relation;
        user->n_uses++;
        if (user->n_places == USERS_MAX_PLACES || user->paths_length == sizeof(user->paths))
                return true;
        strbuf_init(&path, user->paths + user->paths_length, sizeof(user->paths) - user->paths_length);
        append_path(&path, walk);
        if (path.overflow)
                return true;
        *place = (struct user_place){
                .relation = use->relation,
                .path = walk->n_levels > 0 ? path.data : NULL,
                .i_param = use->i_param,
                .type = declared_type(walk, use, user->type.id),
        };
        user->paths_length += path.length + 1;
        user->n_places++;
        return true;
}

/* The way from a user down to the target, one embedded type after the other. */
struct way {
        struct used *used; /* the next one */
        struct strbuf path;
        bool is_array;
        uint32_t type; /* what the last one is declared with */
};

static bool find_next(void *context, const struct use_walk *walk, const struct use *use)
{
        struct way *way = context;

        if (use->relation != USE_EMBEDS || !used_is(way->used, walk->btf, use->id))
                return true;
        if (way->is_array)
                strbuf_append(&way->path, "[0]");
        append_path(&way->path, walk);
        way->is_array = use->is_array;
        way->type = use_walk_member(walk).type;
        return false;
}

static int describe_way(struct users_page *found, uint32_t entry, struct user *user)
{
        CLEANUP(used_deinit) struct used used = {0};
        struct way way = {0};
        uint32_t lead = found->leads[entry];

        strbuf_init(&way.path, user->paths, sizeof(user->paths));
        used_init(&used, found->used.set, found->used.type);
        for (; lead != LEADS_NOWHERE; user->depth++) {
                struct query_type type = query_type_of(found->order, entry);
                bool is_last = lead == LEADS_TO_TARGET;

                way.used = is_last ? &found->used : &used;
                if (!is_last) {
                        entry = lead - LEADS_TO_ENTRY;
                        used_become(&used, entry);
                }
                use_walk(type.source->btf, type.id, find_next, &way);
                lead = is_last ? LEADS_NOWHERE : found->leads[entry];
                user->place_source = type.source;
        }
        user->relations = USE_EMBEDS;
        user->n_uses = 1;
        if (!way.path.overflow)
                user->places[user->n_places++] =
                        (struct user_place){.relation = USE_EMBEDS, .path = user->paths, .type = way.type};
        return used.is_out_of_memory ? -ENOMEM : 0;
}

int users_describe(const struct users_question *question, struct users_page *found, uint32_t entry,
                   struct user *ret)
{
        struct description description = {.question = question, .used = &found->used, .user = ret};

        ret->type = query_type_of(found->order, entry);
        ret->place_source = ret->type.source;
        ret->relations = 0;
        ret->n_places = 0;
        ret->n_uses = 0;
        ret->depth = 0;
        ret->paths_length = 0;
        if (question->transitive)
                return describe_way(found, entry, ret);
        use_walk(ret->type.source->btf, ret->type.id, describe_use, &description);
        return found->used.is_out_of_memory ? -ENOMEM : 0;
}
