/*
 * What is listed, by name and by use, page by page, against a look at every type there is.
 */
#include <fnmatch.h>

#include "fuzz/asker.h"

/* Questions about one kernel: each looks at everything once a page. */
#define MAX_QUESTIONS 3U

/* Types of which one in a few has users to ask for. */
#define MAX_USERS 12U

/* Pages that are followed; whoever has a thousand namesakes gets no more of them in ones. */
#define MAX_PAGES 8U

static bool is_listed(const struct btf *btf, uint32_t id, const char *pattern)
{
        enum btf_kind kind = btf_kind(btf, id);
        struct btf_type type = btf_type(btf, id);

        return kind != BTF_KIND_DECL_TAG && kind != BTF_KIND_TYPE_TAG && btf_has_name(btf, &type) &&
               fnmatch(pattern, btf_name(btf, &type), 0) == 0;
}

static size_t count_matches(const struct source *source, const char *pattern)
{
        size_t n = 0;

        for (uint32_t id = source->base ? source->btf->start_id : 1; id < source->btf->n_types; id++)
                n += is_listed(source->btf, id, pattern);
        return n;
}

/* Where an entry stands in the order: the name as it is in the file, as JSON cannot have each. */
static const char *entry_place(const struct asker *asker, const json_t *entry,
                               const struct source **ret_source, json_int_t *ret_id)
{
        *ret_source = source_set_find(asker->set, json_string_value(json_object_get(entry, "source")));
        *ret_id = json_integer_value(json_object_get(entry, "id"));
        fuzz_check(*ret_source != NULL && *ret_id > 0 && *ret_id < (*ret_source)->btf->n_types);
        return btf_name_of((*ret_source)->btf, (uint32_t)*ret_id);
}

static void check_order(const struct asker *asker, const json_t *before, const json_t *entry)
{
        const struct source *source_before, *source;
        json_int_t id_before, id;
        const char *name_before = entry_place(asker, before, &source_before, &id_before);
        const char *name = entry_place(asker, entry, &source, &id);
        int difference = strcmp(name_before, name);

        if (difference == 0 && source_before != source)
                difference = !source_before->base ? -1
                             : !source->base      ? 1
                                                  : strcmp(source_before->name, source->name);
        fuzz_check(difference < 0 || (difference == 0 && source == source_before && id_before < id));
}

/* Follows the pages of a question; returns how many entries they have, or SIZE_MAX if they were too many. */
static size_t follow(struct asker *asker, const char *pattern, const char *source, json_int_t limit)
{
        json_t *page = NULL, *last = NULL;
        size_t n = 0, n_pages = 0;
        json_int_t count = 0;
        bool is_whole;

        do {
                json_t *params =
                        json_pack("{s:s, s:s, s:I}", "name", pattern, "match", "glob", "limit", limit);
                const json_t *result, *types, *entry;
                size_t i;

                if (source)
                        json_object_set_new(params, "source", json_string(source));
                if (page)
                        json_object_set(params, "cursor",
                                        json_object_get(json_object_get(page, "result"), "cursor"));
                json_decref(page);
                page = ask_rpc(asker, "type.find", params);
                if (!page)
                        break;
                result = json_object_get(page, "result");
                fuzz_check(result != NULL);
                types = json_object_get(result, "types");
                if (n_pages == 0)
                        count = json_integer_value(json_object_get(result, "count"));
                fuzz_check((json_int_t)json_array_size(types) <= limit);
                json_array_foreach(types, i, entry)
                {
                        if (last)
                                check_order(asker, last, entry);
                        json_decref(last);
                        last = json_incref((json_t *)(uintptr_t)entry);
                }
                n += json_array_size(types);
                n_pages++;
        } while (json_object_get(json_object_get(page, "result"), "cursor") && n_pages < MAX_PAGES);
        is_whole = page && n_pages < MAX_PAGES;
        fuzz_check(!is_whole || (json_int_t)n == count);
        json_decref(page);
        json_decref(last);
        return is_whole ? n : SIZE_MAX;
}

/* A pattern that some name of the source matches, if the name is one that a pattern can have. */
static void choose_pattern(struct asker *asker, const struct source *source, char *ret, size_t size)
{
        uint32_t first = source->base ? source->btf->start_id : 1;
        uint32_t n_types = source->btf->n_types - first;
        const char *name = "a";

        if (n_types > 0) {
                struct btf_type type = btf_type(source->btf, first + asker_random(asker, n_types));

                name = btf_name(source->btf, &type);
        }
        if (strlen(name) > 32 ||
            strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789 ") != strlen(name))
                name = "a";
        switch (asker_random(asker, 4)) {
        case 0:
                snprintf(ret, size, "%s", name[0] ? name : "?");
                break;
        case 1:
                snprintf(ret, size, "*%s*", name);
                break;
        case 2:
                snprintf(ret, size, "[!%c]*", name[0] ? name[0] : 'x');
                break;
        default:
                snprintf(ret, size, "*");
                break;
        }
}

/* What a member of a struct is made of, through arrays and typedefs; 0 if that has no name or no users of its own. */
static uint32_t made_of(const struct btf *btf, uint32_t id)
{
        struct btf_type type = btf_strip(btf, id);

        while (type.kind == BTF_KIND_ARRAY)
                type = btf_strip(btf, btf_array(btf, &type).type);
        return (btf_kind_is_composite(type.kind) || type.kind == BTF_KIND_INT) && btf_has_name(btf, &type)
                       ? type.id
                       : 0;
}

/* Whether one of the users on a page is called like a type. */
static bool is_among(const struct asker *asker, const json_t *reply, const char *name)
{
        const json_t *user;
        size_t i;

        json_array_foreach(json_object_get(json_object_get(reply, "result"), "users"), i, user)
        {
                const struct source *source;
                json_int_t id;

                if (string_equal(entry_place(asker, user, &source, &id), name))
                        return true;
        }
        return false;
}

/* Who has a member made of a type, or says the same as who has, must be among those that use it. */
static void ask_users(struct asker *asker, const struct source *source, const struct btf_type *composite)
{
        const char *name = btf_name(source->btf, composite);
        uint32_t i_member = asker_random(asker, composite->vlen);
        uint32_t id = made_of(source->btf, btf_member(source->btf, composite, i_member).type);
        size_t n_pages = 0;
        json_t *reply = NULL;
        bool is_found = false;

        if (id == 0)
                return;
        do {
                json_t *params = json_pack("{s:s, s:I, s:I, s:i, s:[s]}", "source", source->name, "id",
                                           (json_int_t)id, "instance", (json_int_t)source->instance, "limit",
                                           1000, "relations", "embeds");

                if (reply)
                        json_object_set(params, "cursor",
                                        json_object_get(json_object_get(reply, "result"), "cursor"));
                json_decref(reply);
                reply = ask_rpc(asker, "type.users", params);
                fuzz_check(json_object_get(reply, "result") != NULL);
                is_found = is_found || is_among(asker, reply, name);
        } while (json_object_get(json_object_get(reply, "result"), "cursor") && ++n_pages < MAX_PAGES);
        fuzz_check(is_found || n_pages == MAX_PAGES);
        json_decref(reply);
        json_decref(ask_rpc(asker, "type.users",
                            json_pack("{s:s, s:I, s:I, s:b}", "source", source->name, "id", (json_int_t)id,
                                      "instance", (json_int_t)source->instance, "transitive", true)));
}

/* Some named structs with members, chosen at random. */
static void ask_some_users(struct asker *asker)
{
        for (uint32_t i = 0; i < MAX_USERS; i++) {
                const struct source *source =
                        asker->set->sources[asker_random(asker, (uint32_t)asker->set->n_sources)];
                uint32_t first = source->base ? source->btf->start_id : 1;
                struct btf_type type;

                if (source->btf->n_types == first)
                        continue;
                type = btf_type(source->btf, first + asker_random(asker, source->btf->n_types - first));
                if (btf_kind_is_composite(type.kind) && type.vlen > 0 && btf_has_name(source->btf, &type))
                        ask_users(asker, source, &type);
        }
}

void ask_lists(struct asker *asker)
{
        for (uint32_t i = 0; i < MAX_QUESTIONS; i++) {
                const struct source *source =
                        asker->set->sources[asker_random(asker, (uint32_t)asker->set->n_sources)];
                json_int_t limit = asker_random(asker, 2) ? 1000 : 1 + asker_random(asker, 4);
                char pattern[64];
                size_t n;

                choose_pattern(asker, source, pattern, sizeof(pattern));
                n = follow(asker, pattern, source->name, limit);
                fuzz_check(n == SIZE_MAX || n == count_matches(source, pattern));
                n = follow(asker, pattern, /* source= */ NULL, limit);
                /* Whatever a source has, it or what says the same is listed. */
                fuzz_check(n > 0 || count_matches(source, pattern) == 0);
        }
        ask_some_users(asker);
}
