#include "index/users.h"

#include <errno.h>

#include "index/same.h"
#include "util/memory.h"

/* Uses between two looks at whether to go on, and names that are looked for. */
#define STOP_INTERVAL        4096U
#define LOOKUP_STOP_INTERVAL 64U

/* Entries of its name and kind that a copy is compared with. The nearest is mostly a copy of the same; beyond it, that one is
 * a user of its own. */
#define MAX_COMPARED 64U

/* Room for pairs at first, which doubles: some kernel without modules. */
#define FIRST_PAIRS (1U << 18)

/* What an id is filed under has not been looked for yet, or is nothing. */
#define UNKNOWN 0U
#define NOWHERE UINT32_MAX

/* One entry that uses what is filed under another. */
struct pair {
        uint32_t used;
        uint32_t user; /* as in struct users */
};

struct build {
        const struct name_order *order;
        size_t n_sources;
        size_t *bases;    /* [i_source]: where its own ids begin in `filed` */
        uint32_t *filed;  /* by id: the entry that it is filed under plus 1 */
        uint32_t *latest; /* [entry]: the last pair of which it is the used one, plus 1 */
        struct pair *pairs;
        uint32_t n_pairs, pairs_size;

        /* The user that is being walked. */
        uint32_t entry;
        size_t i_source;
        uint32_t first_pair;

        const struct stop *stop;
        uint32_t n_uses, n_lookups; /* of all, to look at `stop` now and then */
        int result;                 /* 0; -ENOMEM; USERS_STOPPED */
};

enum use_class use_class_of(const struct btf *btf, uint32_t id)
{
        switch (btf_kind(btf, id)) {
        case BTF_KIND_STRUCT:
                return USE_STRUCT;
        case BTF_KIND_UNION:
                return USE_UNION;
        case BTF_KIND_FWD:
                return btf_type(btf, id).kind_flag ? USE_UNION : USE_STRUCT;
        case BTF_KIND_ENUM:
        case BTF_KIND_ENUM64:
                return USE_ENUM;
        case BTF_KIND_TYPEDEF:
                return USE_TYPEDEF_NAME;
        case BTF_KIND_INT:
                return USE_INT;
        case BTF_KIND_FLOAT:
                return USE_FLOAT;
        case BTF_KIND_VOID:
        case BTF_KIND_PTR:
        case BTF_KIND_ARRAY:
        case BTF_KIND_VOLATILE:
        case BTF_KIND_CONST:
        case BTF_KIND_RESTRICT:
        case BTF_KIND_FUNC:
        case BTF_KIND_FUNC_PROTO:
        case BTF_KIND_VAR:
        case BTF_KIND_DATASEC:
        case BTF_KIND_DECL_TAG:
        case BTF_KIND_TYPE_TAG:
        case BTF_KIND_OPAQUE:
                return USE_NOTHING;
        }
        return USE_NOTHING;
}

static uint32_t *filed_cell(const struct build *build, size_t i_source, uint32_t id)
{
        const struct btf *btf = build->order->sources[i_source]->btf;

        if (id < btf->start_id)
                return &build->filed[id]; /* vmlinux's, which come first */
        return &build->filed[build->bases[i_source] + (id - btf->start_id)];
}

/* Files every entry under the first one of its name and class. */
static void file_entries(struct build *build)
{
        const struct name_order *order = build->order;
        uint32_t firsts[USE_CLASSES];

        for (uint32_t i = 0; i < order->n_entries; i++) {
                const struct btf *btf = name_order_source(order, i)->btf;
                uint32_t id = name_order_id(order, i);
                enum use_class class = use_class_of(btf, id);

                name_order_prefetch(order, i + 8);
                if (i == 0 || !string_equal(name_order_name(order, i - 1), name_order_name(order, i)))
                        memset(firsts, 0, sizeof(firsts));
                if (class == USE_NOTHING)
                        continue;
                if (firsts[class] == 0)
                        firsts[class] = i + 1;
                *filed_cell(build, name_order_i_source(order, i), id) = firsts[class];
        }
}

/* The same for what a module repeats of others, which is no entry: vmlinux's names are found fastest. */
static uint32_t file_repeated(const struct build *build, const struct btf *btf, uint32_t id)
{
        const struct name_order *order = build->order;
        const struct source *vmlinux = order->sources[0];
        enum use_class class = use_class_of(btf, id);
        const char *name = btf_name_of(btf, id);
        size_t length = strlen(name);
        struct name_cursor cursor = name_index_find(&vmlinux->names, name, length);
        uint32_t found, end;
        bool is_copy;

        while (name_index_next_any(&vmlinux->names, &cursor, &found, &is_copy)) {
                if (use_class_of(vmlinux->btf, found) == class)
                        return build->filed[found];
        }
        end = name_order_end(order, name, length + 1);
        for (uint32_t i = name_order_begin(order, name, length + 1); i < end; i++) {
                if (use_class_of(name_order_source(order, i)->btf, name_order_id(order, i)) == class)
                        return i + 1;
        }
        return NOWHERE;
}

static bool add_pair(struct build *build, uint32_t used, enum use_relation relation)
{
        if (build->n_pairs == build->pairs_size) {
                uint32_t size = build->pairs_size * 2;
                struct pair *pairs = NULL;

                if (size <= USERS_MAX_PAIRS)
                        pairs = realloc(build->pairs, size * sizeof(*pairs));
                if (!pairs)
                        return false;
                build->pairs = pairs;
                build->pairs_size = size;
        }
        build->pairs[build->n_pairs++] = (struct pair){used, build->entry << USE_RELATIONS | relation};
        build->latest[used] = build->n_pairs;
        return true;
}

static bool add_use(void *context, const struct use_walk *walk, const struct use *use)
{
        struct build *build = context;
        uint32_t *cell = filed_cell(build, build->i_source, use->id);
        uint32_t latest;

        /* Looking for what it is filed under goes through all of its name, which may be many. */
        if ((build->n_uses++ % STOP_INTERVAL == 0 ||
             (*cell == UNKNOWN && build->n_lookups++ % LOOKUP_STOP_INTERVAL == 0)) &&
            stop_requested(build->stop))
                build->result = USERS_STOPPED;
        if (*cell == UNKNOWN)
                *cell = file_repeated(build, walk->btf, use->id);
        if (*cell == NOWHERE)
                return build->result == 0;
        latest = build->latest[*cell - 1];
        if (latest > build->first_pair)
                build->pairs[latest - 1].user |= (uint32_t)use->relation;
        else if (!add_pair(build, *cell - 1, use->relation))
                build->result = -ENOMEM;
        return build->result == 0;
}

static int add_users(struct build *build)
{
        const struct name_order *order = build->order;

        for (uint32_t i = 0; i < order->n_entries && build->result == 0; i++) {
                build->entry = i;
                build->i_source = name_order_i_source(order, i);
                build->first_pair = build->n_pairs;
                use_walk(name_order_source(order, i)->btf, name_order_id(order, i), add_use, build);
        }
        return build->result;
}

/* Returns the entry before a copy that says the same, UINT32_MAX if there is none, or -ENOMEM. */
static int64_t find_repeated(const struct name_order *order, uint32_t entry, struct same *same)
{
        const struct btf *btf = name_order_source(order, entry)->btf;
        uint32_t id = name_order_id(order, entry), n_compared = 0;

        for (uint32_t i = entry; i-- > 0 && n_compared < MAX_COMPARED;) {
                const struct btf *earlier = name_order_source(order, i)->btf;
                uint32_t earlier_id = name_order_id(order, i);
                int r;

                if (!string_equal(name_order_name(order, i), name_order_name(order, entry)))
                        break;
                if (btf_kind(earlier, earlier_id) != btf_kind(btf, id))
                        continue;
                n_compared++;
                r = same_types(same, earlier, earlier_id, btf, id);
                if (r < 0)
                        return r;
                if (r == SAME_YES)
                        return i;
        }
        return UINT32_MAX;
}

static int add_repeats(struct users *users, const struct name_order *order, const struct stop *stop)
{
        CLEANUP(same_deinit) struct same same = {0};
        uint32_t n_copies = 0;

        for (uint32_t i = 0; i < order->n_entries; i++)
                n_copies += name_order_is_copy(order, i);
        users->repeats = malloc((n_copies + 1U) * sizeof(*users->repeats));
        if (!users->repeats)
                return -ENOMEM;
        for (uint32_t i = 0; i < order->n_entries; i++) {
                int64_t earlier;

                if (!name_order_is_copy(order, i))
                        continue;
                if (stop_requested(stop))
                        return USERS_STOPPED;
                earlier = find_repeated(order, i, &same);
                if (earlier < 0)
                        return (int)earlier;
                if (earlier != UINT32_MAX)
                        users->repeats[users->n_repeats++] = (struct users_repeat){i, (uint32_t)earlier};
        }
        return 0;
}

/* Sorts the pairs by what is used; users of one thing stay in their order. */
static int add_lists(struct users *users, const struct build *build)
{
        uint32_t n_entries = build->order->n_entries;

        users->starts = memory_new_zeroed((size_t)n_entries + 2, sizeof(*users->starts));
        users->lists = memory_new((build->n_pairs + 1U) * sizeof(*users->lists));
        if (!users->starts || !users->lists)
                return -ENOMEM;
        /* Counted two places on, each start is one place on while the lists are filled, and then where it belongs. */
        for (uint32_t i = 0; i < build->n_pairs; i++)
                users->starts[build->pairs[i].used + 2]++;
        for (uint32_t i = 2; i < n_entries + 2; i++)
                users->starts[i] += users->starts[i - 1];
        for (uint32_t i = 0; i < build->n_pairs; i++)
                users->lists[users->starts[build->pairs[i].used + 1]++] = build->pairs[i].user;
        return 0;
}

static int allocate(struct build *build)
{
        const struct name_order *order = build->order;
        size_t n_ids = 0;

        build->bases = calloc(build->n_sources + 1, sizeof(*build->bases));
        if (!build->bases)
                return -ENOMEM;
        for (size_t i = 0; i < build->n_sources; i++) {
                build->bases[i] = n_ids;
                n_ids += order->sources[i]->btf->n_types - order->sources[i]->btf->start_id;
        }
        build->pairs_size = FIRST_PAIRS;
        build->filed = memory_new_zeroed(n_ids + 1, sizeof(*build->filed));
        build->latest = memory_new_zeroed((size_t)order->n_entries + 1, sizeof(*build->latest));
        build->pairs = malloc((size_t)build->pairs_size * sizeof(*build->pairs));
        return build->filed && build->latest && build->pairs ? 0 : -ENOMEM;
}

static void build_deinit(struct build *build)
{
        free(build->bases);
        free(build->filed);
        free(build->latest);
        free(build->pairs);
}

int users_init(struct users *users, const struct name_order *order, size_t n_sources, const struct stop *stop)
{
        CLEANUP(build_deinit) struct build build = {.order = order, .n_sources = n_sources, .stop = stop};
        struct users built = {0};
        int r;

        if (order->n_entries > USERS_MAX_ENTRIES)
                return -ENOMEM;
        r = allocate(&build);
        if (r < 0)
                return r;
        file_entries(&build);
        r = add_users(&build);
        if (r == 0)
                r = add_lists(&built, &build);
        if (r == 0)
                r = add_repeats(&built, order, stop);
        if (r == 0)
                *users = built;
        else
                users_deinit(&built);
        return r;
}

void users_deinit(struct users *users)
{
        free(users->starts);
        free(users->lists);
        free(users->repeats);
        *users = (struct users){0};
}

uint32_t users_repeated(const struct users *users, uint32_t entry)
{
        uint32_t begin = 0, end = users->n_repeats;

        while (begin < end) {
                uint32_t middle = begin + (end - begin) / 2;

                if (users->repeats[middle].entry == entry)
                        return users->repeats[middle].earlier;
                if (users->repeats[middle].entry < entry)
                        begin = middle + 1;
                else
                        end = middle;
        }
        return UINT32_MAX;
}
