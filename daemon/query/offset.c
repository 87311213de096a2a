#include "query/offset.h"

#include <stdio.h>

#include "query/copies.h"
#include "query/near.h"

/* A question about one type, while it is being answered. */
struct question {
        const struct source_set *set;
        const struct selector *selector;
        const struct path *path;
        struct plan_scope scope;
};

/* Tells in which definitions there is the path; returns in how many. */
static size_t try_candidates(const struct question *question, struct query_candidate *candidates,
                             size_t n_candidates)
{
        struct plan_scope scope = question->scope;
        size_t n_resolving = 0;

        scope.completes = true;
        scope.names = NULL;
        for (size_t i = 0; i < n_candidates; i++) {
                struct query_error ignored;
                struct plan plan;

                candidates[i].resolves =
                        plan_resolve(&scope, candidates[i].type, question->path, &plan, &ignored) == 0;
                n_resolving += candidates[i].resolves;
        }
        return n_resolving;
}

/* The same of what a component of the path may mean, in a type that is known. */
static size_t try_names(const struct question *question, struct query_type root, size_t i_component,
                        struct query_candidate *candidates, size_t n_candidates)
{
        struct plan_name choice = {.i_component = i_component};
        struct plan_scope scope = question->scope;
        size_t n_resolving = 0;

        scope.completes = true;
        scope.names = NULL;
        scope.choice = &choice;
        for (size_t i = 0; i < n_candidates; i++) {
                struct query_error ignored;
                struct plan plan;

                choice.type = candidates[i].type;
                candidates[i].resolves = plan_resolve(&scope, root, question->path, &plan, &ignored) == 0;
                n_resolving += candidates[i].resolves;
        }
        return n_resolving;
}

/* What a path leads to in a definition, and so far in its copies. */
struct resolving {
        const struct question *question;
        struct query_type root;
        struct plan_name *choice; /* the copies are of what a component means; NULL: of the root */
        int result;
        struct plan *plan;
        struct query_error *error;
};

/*
 * Whether an error says nothing against another definition's answer: it is only declared here; or it is a function, of which
 * the parameters are called otherwise.
 */
static bool says_nothing(const struct query_type *root, int result, const struct query_error *error)
{
        return result == QUERY_INCOMPLETE_TYPE ||
               (result == QUERY_MEMBER_NOT_FOUND && error->i_component == 0 &&
                btf_kind(root->source->btf, root->id) == BTF_KIND_FUNC);
}

/* Where a path ends at what is only declared there, a copy in which it is defined says more, not otherwise. */
static bool leads_there_too(void *context, struct query_type copy)
{
        struct resolving *resolving = context;
        struct plan_scope scope = resolving->question->scope;
        struct query_type root = resolving->choice ? resolving->root : copy;
        struct query_error error;
        struct plan plan;
        int r;

        scope.names = NULL;
        scope.choice = resolving->choice;
        if (resolving->choice)
                resolving->choice->type = copy;
        r = plan_resolve(&scope, root, resolving->question->path, &plan, &error);
        if (r != 0 && says_nothing(&root, r, &error))
                return true;
        if (resolving->result != 0 && says_nothing(&root, resolving->result, resolving->error)) {
                resolving->result = r;
                if (r == 0)
                        *resolving->plan = plan;
                else
                        *resolving->error = error;
                return true;
        }
        return resolving->result == 0 ? r == 0 && plan_equal(resolving->plan, &plan) : r != 0;
}

/* Selects what a component of the path was found to mean. */
static struct selector name_selector(const struct question *question, const struct plan_name *name)
{
        static const char *const tags[] = {
                [BTF_KIND_STRUCT] = "struct x",
                [BTF_KIND_UNION] = "union x",
                [BTF_KIND_ENUM] = "enum x",
        };

        /* copies_visit() looks for what the type is called, and takes from here whether that is a tag. */
        return (struct selector){
                .name = name->is_tag ? tags[name->tag] : "x",
                .source = name->only ? name->only->name : NULL,
                .all_tiers = question->scope.all_tiers,
        };
}

/* The path's names have copies as the root's has. */
static bool names_lead_there_too(struct resolving *resolving, const struct plan_names *names,
                                 const struct plan_name **ret_differing)
{
        const struct question *question = resolving->question;

        for (size_t i = 0; i < names->n_names; i++) {
                struct plan_name choice = names->names[i];
                struct selector selector = name_selector(question, &choice);
                struct looked_up looked_up;

                looked_up.type = choice.type;
                looked_up.rank = choice.rank;
                resolving->choice = &choice;
                *ret_differing = &names->names[i];
                if (!copies_visit(question->set, &selector, &looked_up, leads_there_too, resolving))
                        return false;
        }
        return true;
}

/* Fills the error for a name in the path of which copies differ. */
static int name_differs(const struct question *question, const struct plan_name *name,
                        struct query_error *error)
{
        const struct path_component *component = &question->path->components[name->i_component];
        const struct btf *btf = name->type.source->btf;
        struct selector selector = name_selector(question, name);
        struct looked_up looked_up;

        looked_up.type = name->type;
        looked_up.rank = name->rank;
        copies_differ(question->set, &selector, &looked_up, error);
        error->name = btf_name_of(btf, name->type.id);
        snprintf(error->message, sizeof(error->message),
                 "'%.96s' has %zu definitions that are alike but point to different types", error->name,
                 error->n_definitions);
        error->component = component->text;
        error->component_length = component->length;
        error->position = component->position;
        error->i_component = name->i_component;
        return QUERY_AMBIGUOUS_NAME;
}

/* Whether all that the path tells a tracer lies in the root itself, where copies are the same. */
static bool stays_inside(const struct plan *plan)
{
        bool starts_inside = plan->start != PLAN_ARGUMENT || plan->argument.by_value;

        return plan->n_steps == (starts_inside ? 1 : 0) && plan->value.base.kind != BTF_KIND_PTR;
}

/*
 * Resolves the path in a type by name. Definitions that say the same may still differ in what they point to: behind a
 * pointer a name is enough. So a path that follows one must lead to the same in all of them. (Two drivers' `struct
 * pinctrl` may be alike, and each point to its own `struct pad`.) Nor does a pointer at the path's end tell how far its
 * index steps.
 */
static int resolve(struct question *question, const struct looked_up *looked_up, struct plan *ret,
                   struct query_error *error)
{
        struct resolving resolving = {
                .question = question, .root = looked_up->type, .plan = ret, .error = error};
        const struct plan_name *differing;
        struct plan_names names;

        names.n_names = 0;
        question->scope.names = &names;
        resolving.result = plan_resolve(&question->scope, looked_up->type, question->path, ret, error);
        if (resolving.result == 0 && stays_inside(ret))
                return 0;
        if (!copies_visit(question->set, question->selector, looked_up, leads_there_too, &resolving)) {
                copies_differ(question->set, question->selector, looked_up, error);
                try_candidates(question, error->candidates, error->n_candidates);
                return QUERY_AMBIGUOUS_NAME;
        }
        if (!names_lead_there_too(&resolving, &names, &differing))
                return name_differs(question, differing, error);
        return resolving.result;
}

/* What is near a member's or parameter's name that is not there. */
static void add_near_members(struct query_error *error)
{
        const struct btf *btf = error->in.source->btf;
        struct btf_type type = btf_strip(btf, error->in.id);

        if (type.kind == BTF_KIND_FUNC)
                near_parameters(error, btf, &type, error->component, error->component_length);
        else
                near_members(error, btf, &type, error->component, error->component_length);
}

/* What is near a type's name in the path. */
static void add_near_types(const struct question *question, struct query_error *error)
{
        char name[PATH_MAX_TYPE_NAME + 1];
        struct asked asked;

        if (error->component_length > PATH_MAX_TYPE_NAME)
                return;
        memcpy(name, error->component, error->component_length);
        name[error->component_length] = '\0';
        asked = asked_from(name);
        near_types(error, question->set, /* only= */ NULL, asked.name, asked.length, /* kind= */ NULL);
}

static int bad_path(const char *path_text, const struct path *path, const struct path_error *path_error,
                    struct query_error *error)
{
        query_error_set(error, QUERY_BAD_PATH, "byte %zu of the path: expected %s", path_error->position,
                        path_error->expected);
        error->component = path_text + path_error->position;
        error->component_length = strlen(error->component);
        error->position = path_error->position;
        error->i_component = path->n_components;
        return QUERY_BAD_PATH;
}

static void append_message(struct query_error *error, const char *text)
{
        size_t length = strlen(error->message);

        snprintf(error->message + length, sizeof(error->message) - length, "%s", text);
}

/* What a lookup that failed has found tells whether the path is there. */
static void try_listed(const struct question *question, struct query_error *error)
{
        if (error->n_candidates > 0 && try_candidates(question, error->candidates, error->n_candidates) == 0)
                append_message(error, "; none listed has that path");
}

/* The definitions beside the one that answers in which the path leads somewhere. */
static void list_resolving(const struct question *question, struct found *also, struct query_error *error)
{
        size_t n = 0;

        if (try_candidates(question, also->candidates, also->n_candidates) == 0)
                return;
        for (size_t i = 0; i < also->n_candidates; i++) {
                if (also->candidates[i].resolves)
                        also->candidates[n++] = also->candidates[i];
        }
        query_error_list(error, question->selector->name, also->candidates, n);
        append_message(error, "; another definition, in a module, has that path");
}

static int explain(const struct question *question, struct looked_up *looked_up, struct query_error *error)
{
        if (error->reason == QUERY_MEMBER_NOT_FOUND && !question->selector->is_brief)
                add_near_members(error);
        if (error->reason == QUERY_NAME_NOT_FOUND && !question->selector->is_brief)
                add_near_types(question, error);
        if (error->reason == QUERY_AMBIGUOUS_NAME) {
                /* A name in the path, if a component is to blame; else copies, which have been tried already. */
                if (error->component)
                        try_names(question, looked_up->type, error->i_component, error->candidates,
                                  error->n_candidates);
        } else if (looked_up->also.n_definitions > 0 && error->n_definitions == 0) {
                list_resolving(question, &looked_up->also, error);
        }
        return (int)error->reason;
}

int field_offset(const struct source_set *set, const struct selector *selector, const char *path_text,
                 struct plan *ret, struct found *ret_also, struct query_error *ret_error)
{
        struct question question = {
                .set = set,
                .selector = selector,
                .scope = {.set = set, .all_tiers = selector->all_tiers},
        };
        struct looked_up looked_up;
        struct path path;
        struct path_error path_error;
        int r;

        if (path_parse(path_text, &path, &path_error) != 0)
                return bad_path(path_text, &path, &path_error, ret_error);
        question.path = &path;
        r = lookup(set, selector, &looked_up, ret_error);
        if (r != 0) {
                try_listed(&question, ret_error);
                return r;
        }
        if (selector->source)
                question.scope.first = source_set_find(set, selector->source);
        r = resolve(&question, &looked_up, ret, ret_error);
        if (r == QUERY_INCOMPLETE_TYPE) {
                /* Nothing that says the same says more: now by the names of what is only declared. */
                question.scope.completes = true;
                r = resolve(&question, &looked_up, ret, ret_error);
        }
        if (r != 0)
                return explain(&question, &looked_up, ret_error);
        if (looked_up.also.n_candidates > 0)
                try_candidates(&question, looked_up.also.candidates, looked_up.also.n_candidates);
        ret_also->n_definitions = looked_up.also.n_definitions;
        ret_also->n_candidates = looked_up.also.n_candidates;
        memcpy(ret_also->candidates, looked_up.also.candidates,
               looked_up.also.n_candidates * sizeof(looked_up.also.candidates[0]));
        return 0;
}

/* Whether an error only says that this kernel has no such thing. */
static bool passes_on(enum query_reason reason)
{
        switch (reason) {
        case QUERY_NAME_NOT_FOUND:
        case QUERY_MEMBER_NOT_FOUND:
        case QUERY_INDEX_OUT_OF_RANGE:
        case QUERY_INCOMPLETE_TYPE:
        case QUERY_OPAQUE_KIND:
        case QUERY_WRONG_KIND:
                return true;
        case QUERY_AMBIGUOUS_NAME:
        case QUERY_SOURCE_NOT_FOUND:
        case QUERY_BAD_PATH:
        case QUERY_OVERFLOW:
        case QUERY_STALE_ID:
        case QUERY_STALE_CURSOR:
        case QUERY_BTF_UNAVAILABLE:
        case QUERY_DEADLINE:
                return false;
        }
        return false;
}

int field_offset_any(const struct source_set *set, const struct alternative *alternatives,
                     size_t n_alternatives, struct plan *ret, struct found *ret_also,
                     struct query_error *ret_error, struct alternatives_result *ret_result)
{
        struct selector selector;
        int r = 0;

        ret_result->n_failures = 0;
        for (size_t i = 0; i < n_alternatives; i++) {
                struct alternative_failure *failure = &ret_result->failures[i];

                ret_result->which = i;
                selector = alternatives[i].selector;
                selector.is_brief = true;
                r = field_offset(set, &selector, alternatives[i].path, ret, ret_also, ret_error);
                if (r == 0)
                        return 0;
                failure->reason = ret_error->reason;
                memcpy(failure->message, ret_error->message, sizeof(failure->message));
                ret_result->n_failures++;
                if (!passes_on(ret_error->reason))
                        return r;
        }
        /* Once more, for the error as it is shown. */
        ret_result->which = 0;
        return field_offset(set, &alternatives[0].selector, alternatives[0].path, ret, ret_also, ret_error);
}
