/*
 * Methods about what a type is used by: type.users.
 */
#include "query/users.h"
#include "rpc/method.h"
#include "rpc/paging.h"
#include "rpc/write_query.h"

/* Returns false after an error. */
static bool make_question(const struct rpc_request *request, const struct looked_up *target,
                          struct users_question *ret)
{
        const struct rpc_params *params = &request->params;
        bool has_relations = params->given & RPC_SET(RELATIONS);
        struct query_error error;

        ret->target = target->type;
        ret->transitive = params->transitive;
        ret->relations = has_relations        ? params->relations
                         : params->transitive ? USE_EMBEDS
                                              : USE_ALL_RELATIONS;
        if (ret->transitive && ret->relations != USE_EMBEDS)
                return rpc_params_refuse(request->reply, "parameter", "relations", /* where= */ NULL,
                                         "none but embeds beside transitive");
        if (users_check(ret->target, &error) == 0)
                return true;
        write_query_error(request->reply, &error, /* has_path= */ false);
        return false;
}

static void write_relations(struct json_writer *out, unsigned int relations)
{
        json_write_key(out, "relations");
        json_write_array_begin(out);
        for (unsigned int relation = 1; relation <= USE_ALL_RELATIONS; relation *= 2) {
                if (relations & relation)
                        json_write_string(out, use_relation_word((enum use_relation)relation));
        }
        json_write_array_end(out);
}

static void write_place(struct json_writer *out, const struct user *user, const struct user_place *place)
{
        json_write_object_begin(out);
        json_write_string_member(out, "relation", use_relation_word(place->relation));
        if (place->path)
                json_write_string_member(out, "path", place->path);
        if (place->relation == USE_TAKES)
                json_write_uint_member(out, "param", place->i_param);
        write_type_name(out, "type", user->place_source->btf, place->type);
        json_write_object_end(out);
}

static void write_user(struct json_writer *out, const struct user *user)
{
        json_write_object_begin(out);
        write_definition(out, user->type);
        write_relations(out, user->relations);
        json_write_uint_member(out, "uses", user->n_uses);
        if (user->depth > 0)
                json_write_uint_member(out, "depth", user->depth);
        json_write_key(out, "places");
        json_write_array_begin(out);
        for (size_t i = 0; i < user->n_places; i++)
                write_place(out, user, &user->places[i]);
        json_write_array_end(out);
        json_write_object_end(out);
}

/* Ends early when it is time to give up, after which there is no reply to finish. */
static void write_users(const struct rpc_request *request, const struct users_question *question,
                        struct users_page *found)
{
        struct json_writer *out = request->reply->out;

        json_write_key(out, "users");
        json_write_array_begin(out);
        for (size_t i = 0; i < found->list.n_entries && out->error == 0 && !stop_requested(request->stop);
             i++) {
                struct user user;
                int r = users_describe(question, found, found->list.entries[i], &user);

                if (r < 0)
                        out->error = r;
                else
                        write_user(out, &user);
        }
        json_write_array_end(out);
}

static void write_result(const struct rpc_request *request, const struct users_question *question,
                         const struct looked_up *target, const struct page *page, struct users_page *found)
{
        struct json_writer *out = request->reply->out;

        json_write_object_begin(out);
        json_write_uint_member(out, "generation", request->snapshot->generation);
        write_definition(out, target->type);
        if (found->has_count)
                json_write_uint_member(out, "count", found->count);
        write_users(request, question, found);
        write_cursor(out, page, found->order, &found->list);
        write_also(out, &target->also, /* has_path= */ false);
        json_write_object_end(out);
}

void method_type_users(struct rpc_request *request)
{
        struct users_question question;
        struct looked_up target;
        struct query_error error;
        struct users_page found;
        struct page page;
        int r;

        r = lookup(request->set, &request->params.selector, &target, &error);
        if (r == 0 &&
            (!make_question(request, &target, &question) || !rpc_page_begin(request, "type.users", &page)))
                return;
        if (r == 0)
                r = users_list(request->set, &question, &page, request->stop, &found, &error);
        if (r > 0)
                write_query_error(request->reply, &error, /* has_path= */ false);
        if (r < 0)
                request->reply->out->error = r;
        if (r != 0)
                return;
        reply_result_begin(request->reply);
        write_result(request, &question, &target, &page, &found);
        if (request->reply->out->error == 0 && stop_requested(request->stop))
                reply_deadline(request->reply);
        else
                reply_result_end(request->reply);
        users_page_deinit(&found);
}
