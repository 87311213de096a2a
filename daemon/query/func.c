#include "query/func.h"

#include <inttypes.h>
#include <stdio.h>

#include "query/copies.h"
#include "query/probe.h"

/* A tracepoint's typedef: the prefix and any name that BTF can hold. */
#define TRACEPOINT_NAME_SIZE (sizeof(PROTOTYPE_TRACEPOINT_PREFIX) + BTF_MAX_STRING)

/* What is near among all typedefs becomes what is near among tracepoints. */
static void keep_tracepoints(struct query_error *error)
{
        static const char prefix[] = PROTOTYPE_TRACEPOINT_PREFIX;
        size_t n_kept = 0;

        for (size_t i = 0; i < error->n_near; i++) {
                if (strncmp(error->near[i].name, prefix, sizeof(prefix) - 1) == 0)
                        error->near[n_kept++] =
                                (struct query_near){"", error->near[i].name + sizeof(prefix) - 1};
        }
        error->n_near = n_kept;
}

static int no_tracepoint(const char *tracepoint, struct query_error *error)
{
        struct query_error near = *error;

        query_error_set(error, QUERY_NAME_NOT_FOUND, "no tracepoint '%.96s'", tracepoint);
        memcpy(error->near, near.near, sizeof(near.near));
        error->n_near = near.n_near;
        keep_tracepoints(error);
        error->name = tracepoint;
        return QUERY_NAME_NOT_FOUND;
}

static int look_up_tracepoint(const struct source_set *set, const struct selector *selector,
                              const char *tracepoint, struct looked_up *ret, struct query_error *error)
{
        char name[TRACEPOINT_NAME_SIZE];
        struct selector narrowed = *selector;
        int length = snprintf(name, sizeof(name), "%s%s", PROTOTYPE_TRACEPOINT_PREFIX, tracepoint);
        int r;

        if (length < 0 || (size_t)length >= sizeof(name)) {
                query_error_set(error, QUERY_NAME_NOT_FOUND, "no tracepoint has so long a name");
                return QUERY_NAME_NOT_FOUND;
        }
        narrowed.name = name;
        narrowed.has_kind = true;
        narrowed.kind = BTF_KIND_TYPEDEF;
        r = lookup_members(set, &narrowed, ret, error);
        if (r == QUERY_NAME_NOT_FOUND && !selector->has_id)
                return no_tracepoint(tracepoint, error);
        /* The error borrows the name that was looked up, which is about to go. */
        if (r != 0 && error->name == name)
                error->name = tracepoint;
        return r;
}

/* Whether there is something that a hook or tracepoint of this name is attached to by. */
static bool has_prefixed(const struct source_set *set, const char *prefix, const char *name,
                         enum btf_kind kind)
{
        char whole[TRACEPOINT_NAME_SIZE];
        int length = snprintf(whole, sizeof(whole), "%s%s", prefix, name);

        return length > 0 && (size_t)length < sizeof(whole) && probe_kind(set, whole, kind);
}

/* Says what else is called like the function that is not there. */
static void add_hint(const struct source_set *set, const char *name, struct query_error *error)
{
        size_t length = strlen(error->message);
        char *end = error->message + length;

        if (has_prefixed(set, PROTOTYPE_LSM_PREFIX, name, BTF_KIND_FUNC))
                snprintf(end, sizeof(error->message) - length,
                         ", but an LSM hook: " PROTOTYPE_LSM_PREFIX "%.96s", name);
        else if (has_prefixed(set, PROTOTYPE_TRACEPOINT_PREFIX, name, BTF_KIND_TYPEDEF))
                snprintf(end, sizeof(error->message) - length, ", but a tracepoint of that name");
}

static int look_up_function(const struct source_set *set, const struct selector *selector,
                            struct looked_up *ret, struct query_error *error)
{
        struct selector narrowed = *selector;
        int r;

        narrowed.has_kind = selector->name != NULL;
        narrowed.kind = BTF_KIND_FUNC;
        r = lookup_members(set, &narrowed, ret, error);
        if (r == QUERY_NAME_NOT_FOUND && narrowed.has_kind)
                add_hint(set, selector->name, error);
        return r;
}

int func_get(const struct source_set *set, const struct selector *selector, const char *tracepoint,
             struct prototype *ret, struct found *ret_also, struct query_error *ret_error)
{
        struct looked_up looked_up;
        struct btf_type type;
        int r;

        if (tracepoint)
                r = look_up_tracepoint(set, selector, tracepoint, &looked_up, ret_error);
        else
                r = look_up_function(set, selector, &looked_up, ret_error);
        if (r != 0)
                return r;
        if (!prototype_of(looked_up.type, ret)) {
                type = btf_type(looked_up.type.source->btf, looked_up.type.id);
                return query_error_set(ret_error, QUERY_WRONG_KIND,
                                       "type %" PRIu32 " of %s is a %s, no function or tracepoint", type.id,
                                       looked_up.type.source->name, btf_kind_name(type.kind));
        }
        *ret_also = looked_up.also;
        return 0;
}
