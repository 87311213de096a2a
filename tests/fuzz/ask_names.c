/*
 * What a name means, against a look at every type there is.
 */
#include "btf/base_type.h"
#include "fuzz/asker.h"
#include "index/same.h"
#include "query/copies.h"
#include "query/lookup.h"
#include "query/value.h"

/* More definitions than this that may all be meant are not compared with one another. */
#define MAX_COMPARED 48U

static bool is_meant(const struct search *search, const struct asked *asked, struct query_type type)
{
        struct btf_type record = btf_type(type.source->btf, type.id);
        const char *name = btf_name(type.source->btf, &record);

        return record.kind != BTF_KIND_DECL_TAG && record.kind != BTF_KIND_TYPE_TAG && asked->length > 0 &&
               strlen(name) == asked->length && strncmp(name, asked->name, asked->length) == 0 &&
               search_fits(search, asked, type);
}

/* The best rank that a source has for what is asked, or `best` if that is better. */
static int find_rank(const struct search *search, const struct asked *asked, const struct source *source,
                     int best)
{
        struct query_type type = {source, source->base ? source->btf->start_id : 1};

        for (; type.id < source->btf->n_types; type.id++) {
                if (is_meant(search, asked, type) && search_rank(asked, type) < best)
                        best = search_rank(asked, type);
        }
        return best;
}

/* Adds the source's types that are of the rank that was found, or of a better one. */
static void add_meant(struct meant *meant, const struct search *search, const struct asked *asked,
                      const struct source *source)
{
        struct query_type type = {source, source->base ? source->btf->start_id : 1};

        for (; type.id < source->btf->n_types; type.id++) {
                if (!is_meant(search, asked, type) || search_rank(asked, type) > meant->rank)
                        continue;
                meant->types = realloc(meant->types, (meant->n_types + 1) * sizeof(*meant->types));
                fuzz_check(meant->types != NULL);
                meant->types[meant->n_types++] = type;
        }
}

struct meant meant_find(const struct source_set *set, const struct selector *selector)
{
        const struct source *only = selector->source ? source_set_find(set, selector->source) : NULL;
        const struct source *first = only ? only : set->sources[0];
        struct search search = {.set = set, .selector = selector, .only = only, .narrowed = true};
        struct asked asked = asked_from(selector->name);
        struct meant meant = {.rank = find_rank(&search, &asked, first, SEARCH_WORST_RANK)};
        bool is_answered = only || meant.rank < SEARCH_WORST_RANK;

        for (size_t i = 1; i < set->n_sources && !is_answered; i++)
                meant.rank = find_rank(&search, &asked, set->sources[i], meant.rank);
        add_meant(&meant, &search, &asked, first);
        for (size_t i = 1; i < set->n_sources && !only && (!is_answered || selector->all_tiers); i++)
                add_meant(&meant, &search, &asked, set->sources[i]);
        return meant;
}

void meant_deinit(struct meant *meant)
{
        free(meant->types);
}

static bool says_the_same(struct query_type a, struct query_type b)
{
        struct btf_type type_a = btf_type(a.source->btf, a.id), type_b = btf_type(b.source->btf, b.id);
        bool are_forward = btf_is_forward(a.source->btf, &type_a) && btf_is_forward(b.source->btf, &type_b);
        struct same same = {0};
        int r = same_types(&same, a.source->btf, a.id, b.source->btf, b.id);

        /* Two variables are never one. */
        if (type_a.kind == BTF_KIND_VAR)
                r = a.source == b.source && a.id == b.id ? SAME_YES : SAME_NO;
        fuzz_check(r >= 0);
        same_deinit(&same);
        return r == SAME_YES && (are_forward || type_a.kind == type_b.kind);
}

/* Members of what type.get shows of `a`: in `b` they must be read alike. Where that is only declared, it says less. */
static bool has_same_members(struct query_type a, struct query_type b)
{
        const struct btf *btf_a = a.source->btf, *btf_b = b.source->btf;
        struct btf_type base_a = btf_strip(btf_a, a.id), base_b = btf_strip(btf_b, b.id);

        if (!btf_kind_is_composite(base_a.kind) || base_b.kind == BTF_KIND_FWD)
                return true;
        if (base_a.vlen != base_b.vlen)
                return false;
        for (uint32_t i = 0; i < base_a.vlen; i++) {
                struct value value_a = value_of(btf_a, btf_member(btf_a, &base_a, i).type);
                struct value value_b = value_of(btf_b, btf_member(btf_b, &base_b, i).type);

                if (!value_agrees(&value_a, &value_b))
                        return false;
        }
        return true;
}

/* An integer type by another spelling than the asked one, which only modules have at best. */
static bool is_spelled(const struct selector *selector, const struct meant *meant, struct query_type found)
{
        const char *const *spellings = base_type_spellings(selector->name, strlen(selector->name));
        const char *name = btf_name_of(found.source->btf, found.id);
        bool is_vmlinux = !found.source->base || selector->source;

        return spellings && (is_vmlinux || meant->n_types == 0) &&
               (string_equal(spellings[0], name) || (spellings[1] && string_equal(spellings[1], name)));
}

static void check_found(const struct asker *asker, const struct selector *selector, const struct meant *meant,
                        struct query_type found)
{
        struct query_error error;
        struct looked_up shown;
        bool is_shown = lookup_members(asker->set, selector, &shown, &error) == 0;
        bool is_there = false;

        fuzz_check(found.id >= (found.source->base ? found.source->btf->start_id : 1));
        fuzz_check(!selector->has_kind || btf_kind(found.source->btf, found.id) == selector->kind);
        fuzz_check(!selector->source || string_equal(selector->source, found.source->name));
        for (size_t i = 0; i < meant->n_types; i++)
                is_there = is_there ||
                           (meant->types[i].source == found.source && meant->types[i].id == found.id);
        fuzz_check(is_there || is_spelled(selector, meant, found));
        for (size_t i = 0; is_there && i < meant->n_types && i < MAX_COMPARED; i++) {
                fuzz_check(says_the_same(found, meant->types[i]));
                fuzz_check(!is_shown || has_same_members(found, meant->types[i]));
        }
}

/* Nothing of the name is there, nor of another spelling of an integer type. */
static void check_not_found(const struct asker *asker, const struct selector *selector,
                            const struct meant *meant)
{
        const char *const *spellings = base_type_spellings(selector->name, strlen(selector->name));

        fuzz_check(meant->n_types == 0);
        for (size_t i = 0; spellings && i < BASE_TYPE_MAX_SPELLINGS && spellings[i]; i++) {
                struct selector spelled = *selector;
                struct meant found;

                spelled.name = spellings[i];
                found = meant_find(asker->set, &spelled);
                fuzz_check(found.n_types == 0);
                meant_deinit(&found);
        }
}

static void check_ambiguous(const struct selector *selector, const struct meant *meant,
                            const struct query_error *error)
{
        bool is_answered = meant->n_types > 0 && meant->rank < SEARCH_WORST_RANK &&
                           (!meant->types[0].source->base || selector->source);
        bool is_ambiguous = meant->n_types > MAX_COMPARED;

        fuzz_check(error->n_definitions >= 2 && error->n_candidates >= 2);
        /* It may be another spelling of an integer type that is ambiguous. */
        if (!is_answered && base_type_spellings(selector->name, strlen(selector->name)))
                return;
        for (size_t i = 1; i < meant->n_types && !is_ambiguous; i++)
                is_ambiguous = !says_the_same(meant->types[0], meant->types[i]);
        fuzz_check(is_ambiguous);
}

/* What vmlinux alone says by definitions, no module changes. */
static void check_tiers(const struct asker *asker, const struct selector *selector, int r,
                        struct query_type found)
{
        struct query_error error;
        struct looked_up alone = {0};
        struct meant meant;
        int r_alone;

        if (selector->source)
                return;
        meant = meant_find(asker->vmlinux, selector);
        r_alone = lookup(asker->vmlinux, selector, &alone, &error);
        if (r_alone == 0 && alone.rank < SEARCH_WORST_RANK)
                fuzz_check(r == 0 && found.source == alone.type.source && found.id == alone.type.id);
        if (r_alone == QUERY_AMBIGUOUS_NAME && meant.n_types > 0 && meant.rank < SEARCH_WORST_RANK)
                fuzz_check(r == QUERY_AMBIGUOUS_NAME);
        meant_deinit(&meant);
}

/* Asks in both scopes: all sources give another answer than the first tier only where that tells of it. */
static void check_scopes(struct asker *asker, struct selector selector)
{
        struct looked_up first = {0}, all = {0};
        struct query_error first_error, all_error;
        struct meant meant = meant_find(asker->set, &selector);
        int r_first, r_all;

        if (meant.n_types == 0 && asker->n_near_left == 0)
                return;
        asker->n_near_left -= meant.n_types == 0;
        r_first = lookup(asker->set, &selector, &first, &first_error);
        if (r_first == 0)
                check_found(asker, &selector, &meant, first.type);
        else if (r_first == QUERY_AMBIGUOUS_NAME)
                check_ambiguous(&selector, &meant, &first_error);
        else
                check_not_found(asker, &selector, &meant);
        if (r_first != QUERY_NAME_NOT_FOUND)
                check_tiers(asker, &selector, r_first, first.type);
        meant_deinit(&meant);

        selector.all_tiers = true;
        r_all = lookup(asker->set, &selector, &all, &all_error);
        if (r_first == 0 && first.also.n_definitions > 0)
                fuzz_check(r_all == QUERY_AMBIGUOUS_NAME);
        else
                fuzz_check(r_all == r_first && all.type.source == first.type.source &&
                           all.type.id == first.type.id);
        meant = meant_find(asker->set, &selector);
        if (r_all == 0)
                check_found(asker, &selector, &meant, all.type);
        else if (r_all == QUERY_AMBIGUOUS_NAME)
                check_ambiguous(&selector, &meant, &all_error);
        meant_deinit(&meant);
}

/* A slip of one byte is told what could have been meant, and that exists. */
static void ask_near(struct asker *asker, const char *name)
{
        struct selector selector = {.name = name};
        struct query_error error, ignored;
        struct looked_up looked_up;
        char slip[64], again[96];
        size_t length = strlen(name);

        if (length >= sizeof(slip) - 1 || asker->n_near_left == 0 ||
            strspn(name, "_abcdefghijklmnopqrstuvwxyz") != length)
                return;
        asker->n_near_left--;
        snprintf(slip, sizeof(slip), "%.*sq", (int)length - (int)asker_random(asker, 2), name);
        selector.name = slip;
        if (lookup(asker->set, &selector, &looked_up, &error) != QUERY_NAME_NOT_FOUND)
                return;
        for (size_t i = 0; i < error.n_near; i++) {
                snprintf(again, sizeof(again), "%s%s", error.near[i].prefix, error.near[i].name);
                selector.name = again;
                if (strlen(error.near[i].name) < sizeof(slip) && !strpbrk(again, "\t"))
                        fuzz_check(lookup(asker->set, &selector, &looked_up, &ignored) !=
                                   QUERY_NAME_NOT_FOUND);
        }
        json_decref(ask_rpc(asker, "type.get", json_pack("{s:s}", "type", slip)));
}

/* A reply that finds nothing takes thousands of probes for near names, so that not everything is asked each time. */
static void ask_protocol(struct asker *asker, const char *name)
{
        static const char *const kinds[] = {"struct", "union", "enum", "typedef",
                                            "func",   "var",   "int",  "fwd"};
        struct source *const *sources = asker->set->sources;
        const char *source = sources[asker_random(asker, (uint32_t)asker->set->n_sources)]->name;
        const char *scope = asker_random(asker, 2) ? "all" : "first";
        json_t *params = NULL;

        json_decref(ask_rpc(asker, "type.get", json_pack("{s:s, s:s}", "type", name, "scope", scope)));
        switch (asker_random(asker, 8)) {
        case 0:
                params = json_pack("{s:s, s:s}", "type", name, "source", source);
                break;
        case 1:
                params = json_pack("{s:s, s:s}", "type", name, "kind",
                                   kinds[asker_random(asker, ARRAY_LENGTH(kinds))]);
                break;
        case 2:
                params = json_pack("{s:s, s:i, s:s}", "type", name, "size", 8, "scope", scope);
                break;
        case 3:
                params = json_pack("{s:s, s:s, s:s}", "type", name, "has", name, "scope", scope);
                break;
        }
        json_decref(ask_rpc(asker, "type.get", params));
}

void ask_name(struct asker *asker, const char *name)
{
        static const char *const prefixes[] = {"", "struct ", "union\t", "enum "};
        static const enum btf_kind kinds[] = {BTF_KIND_FUNC, BTF_KIND_VAR, BTF_KIND_TYPEDEF, BTF_KIND_DATASEC,
                                              BTF_KIND_OPAQUE};
        char asked[256];

        for (size_t i = 0; i < ARRAY_LENGTH(prefixes); i++) {
                snprintf(asked, sizeof(asked), "%s%s", prefixes[i], name);
                check_scopes(asker, (struct selector){.name = asked});
                if (asker_random(asker, 3) > 0)
                        continue;
                check_scopes(asker, (struct selector){.name = asked, .has_size = true, .size = 4});
                check_scopes(asker, (struct selector){.name = asked, .has = "a"});
        }
        for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++)
                check_scopes(asker, (struct selector){.name = name, .has_kind = true, .kind = kinds[i]});
        for (size_t i = 0; i < asker->set->n_sources; i++)
                check_scopes(asker, (struct selector){.name = name, .source = asker->set->sources[i]->name});
        ask_near(asker, name);
        ask_protocol(asker, name);
}
