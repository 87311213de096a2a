/*
 * A walk into every member that the question touches, with a stack of the structs that are open. A struct that ends where the
 * question begins is looked into for what has no size and lies at that end; the last one for a flexible array, which goes on
 * beyond it.
 */
#include "query/at.h"

#include <inttypes.h>

#include "query/composite.h"
#include "query/member.h"
#include "util/strbuf.h"

struct frame {
        struct btf_type type;
        uint64_t begin, end; /* bits from the start of the outermost */
        uint32_t i_member;   /* the next */
        bool is_inside;      /* the question begins before its end */
        bool is_tail;        /* it ends the outermost type, so that its end is open */
        bool has_sized;      /* some member of it that has a size has been found */
        bool has_any;        /* something has been found in it */
        bool is_own; /* the last level is this struct itself, not one that it is an anonymous part of */
        size_t n_levels, path_length; /* of the struct itself */
};

struct walk {
        const struct btf *btf;
        struct at_question question;
        at_visitor *visit;
        void *context;
        struct frame frames[BTF_MAX_EMBEDDING];
        uint32_t n_frames, n_visits;
        bool has_told;  /* of any alternative */
        bool has_ended; /* by the visitor */
        bool is_cut;    /* a path did not fit */
        struct at_level levels[AT_MAX_LEVELS];
        size_t n_levels;
        struct strbuf path;
        char text[AT_PATH_SIZE];
};

static struct frame *top(struct walk *walk)
{
        return &walk->frames[walk->n_frames - 1];
}

static bool touches(const struct walk *walk, uint64_t begin, uint64_t end)
{
        uint64_t from = walk->question.bit_offset, to = from + walk->question.n_bits;

        return begin == end ? begin >= from && begin < to : begin < to && end > from;
}

/* Back to an outer object. */
static void cut(struct walk *walk, size_t n_levels, size_t path_length)
{
        walk->n_levels = n_levels;
        walk->path.length = path_length;
        walk->path.data[path_length] = '\0';
        walk->path.overflow = false;
}

static void add_level(struct walk *walk, uint32_t type, uint64_t bit_offset)
{
        walk->levels[walk->n_levels++] = (struct at_level){
                .path_length = walk->path.length,
                .type = type,
                .bit_offset = bit_offset,
        };
}

static void tell(struct walk *walk, struct at_alternative *alternative)
{
        alternative->path = walk->path.data;
        alternative->levels = walk->levels;
        alternative->n_levels = walk->n_levels;
        walk->has_told = true;
        walk->is_cut = walk->is_cut || walk->path.overflow;
        walk->has_ended = walk->is_cut || !walk->visit(walk->context, alternative);
}

static void tell_member(struct walk *walk)
{
        struct at_alternative alternative = {.kind = AT_MEMBER};

        tell(walk, &alternative);
}

/* The name by which people know a member, that of the first or last one in it if it is anonymous; NULL if none has one. */
static const char *name_of(struct walk *walk, const struct btf_member *member, bool last)
{
        struct btf_type type = btf_strip(walk->btf, member->type);
        struct member_walk inner;
        struct member_place place;
        const char *name = NULL;

        if (member->name[0] != '\0')
                return member->name;
        member_walk_begin(&inner, walk->btf, &type);
        while ((last || !name) && member_walk_next(&inner, &place) == 0)
                name = place.member.name;
        walk->n_visits += inner.n_visits;
        return name;
}

/* As in layout.h, what is unnamed and has no members is no member. */
static bool is_member(const struct btf *btf, const struct btf_member *member)
{
        return member->name[0] != '\0' || btf_kind_is_composite(btf_strip(btf, member->type).kind);
}

/* The members beside the question, in a struct none of whose members that have a size it touches. */
struct neighbours {
        bool has_before, has_behind;
        struct btf_member before, behind;
        uint64_t begin, end; /* of the gap between them */
        uint64_t unit_end, unit_begin;
};

static struct neighbours neighbours_of(const struct walk *walk, const struct frame *frame)
{
        struct neighbours found = {
                .begin = frame->begin,
                .end = frame->end,
                .unit_end = frame->begin,
                .unit_begin = frame->end,
        };
        uint64_t from = walk->question.bit_offset, last_begin = 0;

        for (uint32_t i = 0; i < frame->type.vlen; i++) {
                struct btf_member member = btf_member(walk->btf, &frame->type, i);
                struct extent extent = extent_of(walk->btf, &member, frame->begin);

                if (!is_member(walk->btf, &member))
                        continue;
                if (extent.end <= from) {
                        if (found.has_before && (extent.end < found.begin ||
                                                 (extent.end == found.begin && extent.begin < last_begin)))
                                continue;
                        found.has_before = true;
                        found.before = member;
                        found.begin = extent.end;
                        found.unit_end = extent.unit_end;
                        last_begin = extent.begin;
                } else if (extent.begin > from && (!found.has_behind || extent.begin < found.end)) {
                        found.has_behind = true;
                        found.behind = member;
                        found.end = extent.begin;
                        found.unit_begin = extent.unit_begin;
                }
        }
        return found;
}

/* Tells that no member of the innermost struct that has a size is there. */
static void tell_gap(struct walk *walk, const struct frame *frame)
{
        struct neighbours beside = neighbours_of(walk, frame);
        struct gap_piece pieces[GAP_MAX_PIECES];
        size_t n_pieces = gap_pieces(beside.begin, beside.end, beside.unit_end, beside.unit_begin, pieces);
        struct at_alternative alternative = {.kind = beside.has_behind ? AT_HOLE : AT_PADDING};

        walk->n_visits += frame->type.vlen;
        for (size_t i = 0; i < n_pieces; i++) {
                if (i == 0 || walk->question.bit_offset >= pieces[i].bit_offset)
                        alternative.gap = pieces[i];
        }
        if (beside.has_before)
                alternative.after = name_of(walk, &beside.before, /* last= */ true);
        if (beside.has_behind)
                alternative.before = name_of(walk, &beside.behind, /* last= */ false);
        tell(walk, &alternative);
}

/* Opens a struct or union. Its depth is bounded by validation. */
static void enter(struct walk *walk, const struct btf_type *type, uint64_t begin, bool is_tail, bool is_own)
{
        uint64_t end = begin + (uint64_t)type->size_or_type * 8;

        walk->frames[walk->n_frames++] = (struct frame){
                .type = *type,
                .begin = begin,
                .end = end,
                .is_inside = walk->question.bit_offset < end,
                .is_tail = is_tail,
                .is_own = is_own,
                .n_levels = walk->n_levels,
                .path_length = walk->path.length,
        };
}

static void leave(struct walk *walk)
{
        struct frame frame = *top(walk);

        cut(walk, frame.n_levels, frame.path_length);
        if (frame.is_inside && !frame.has_sized)
                tell_gap(walk, &frame);
        else if (frame.begin == frame.end && !frame.has_any && frame.is_own &&
                 touches(walk, frame.begin, frame.end))
                tell_member(walk);
        else if (!frame.has_any)
                return (void)walk->n_frames--;
        walk->n_frames--;
        if (walk->n_frames > 0)
                top(walk)->has_any = true;
}

/*
 * Goes into arrays, to the element that is asked for, as far as there is one. Returns the type of the innermost object and
 * where it begins.
 */
static struct btf_type enter_elements(struct walk *walk, uint32_t id, bool is_flexible, uint64_t *bit_offset)
{
        struct btf_type base = btf_strip(walk->btf, id);

        while (base.kind == BTF_KIND_ARRAY) {
                struct btf_array array = btf_array(walk->btf, &base);
                uint64_t bytes = 0, n;

                if (btf_type_size(walk->btf, array.type, &bytes) != 0 || bytes == 0 ||
                    (array.nelems == 0 && !is_flexible))
                        return base;
                n = (walk->question.bit_offset - *bit_offset) / (bytes * 8);
                strbuf_printf(&walk->path, "[%" PRIu64 "]", n);
                *bit_offset += n * bytes * 8;
                add_level(walk, array.type, *bit_offset);
                base = btf_strip(walk->btf, array.type);
                is_flexible = false;
        }
        return base;
}

static void look_at(struct walk *walk, struct frame *frame, const struct btf_member *member)
{
        struct extent extent = extent_of(walk->btf, member, frame->begin);
        struct btf_type base = btf_strip(walk->btf, member->type);
        uint64_t from = walk->question.bit_offset, bit_offset = extent.begin;
        bool is_last = member_is_last(&frame->type, frame->i_member - 1);
        bool is_composite = btf_kind_is_composite(base.kind);
        bool is_flexible = base.kind == BTF_KIND_ARRAY && is_last && btf_array(walk->btf, &base).nelems == 0;
        bool is_tail = frame->is_tail && is_last;
        bool is_touched = touches(walk, extent.begin, extent.end);
        bool has_size = extent.begin < extent.end;

        if (is_flexible && from >= extent.begin && (frame->is_tail || frame->is_inside))
                is_touched = true;
        else if (is_composite && from >= extent.end && (is_tail || from == extent.end))
                is_touched = true; /* perhaps something in it is */
        if (!is_touched || !is_member(walk->btf, member))
                return;
        cut(walk, frame->n_levels, frame->path_length);
        if (member->name[0] != '\0') {
                if (walk->path.length > 0)
                        strbuf_append(&walk->path, ".");
                strbuf_append(&walk->path, member->name);
                add_level(walk, member->type, bit_offset);
                walk->levels[walk->n_levels - 1].bitfield_size = member->bitfield_size;
                walk->levels[walk->n_levels - 1].is_flexible = is_flexible;
        }
        frame->has_sized = frame->has_sized || (has_size && from < extent.end);
        base = enter_elements(walk, member->type, is_flexible, &bit_offset);
        if (btf_kind_is_composite(base.kind)) {
                enter(walk, &base, bit_offset, is_tail && is_composite, member->name[0] != '\0');
                return;
        }
        frame->has_any = true;
        tell_member(walk);
}

static int walk_all(struct walk *walk, struct query_error *error)
{
        while (walk->n_frames > 0 && !walk->has_ended) {
                struct frame *frame = top(walk);
                struct btf_member member;
                int r;

                if (frame->i_member == frame->type.vlen) {
                        leave(walk);
                        continue;
                }
                if (walk->n_visits++ >= MEMBER_MAX_VISITS)
                        return query_error_set(error, QUERY_OVERFLOW, "more than %u members to search",
                                               MEMBER_MAX_VISITS);
                member = btf_member(walk->btf, &frame->type, frame->i_member++);
                r = composite_check_member(walk->btf, &member, error);
                if (r != 0)
                        return r;
                look_at(walk, frame, &member);
        }
        return 0;
}

int at_visit(struct query_type type, struct at_question question, at_visitor *visit, void *context,
             struct query_error *ret_error)
{
        struct walk walk = {
                .btf = type.source->btf,
                .question = question,
                .visit = visit,
                .context = context,
        };
        struct btf_type composite;
        int r;

        r = composite_of(type, &composite, ret_error);
        if (r != 0)
                return r;
        strbuf_init(&walk.path, walk.text, sizeof(walk.text));
        enter(&walk, &composite, 0, /* is_tail= */ true, /* is_own= */ false);
        r = walk_all(&walk, ret_error);
        if (r != 0)
                return r;
        if (walk.is_cut)
                return query_error_set(ret_error, QUERY_OVERFLOW, "a path of more than %u bytes lies there",
                                       AT_PATH_SIZE - 1);
        if (!walk.has_told)
                return query_error_set(ret_error, QUERY_INDEX_OUT_OF_RANGE,
                                       "%s %" PRIu64 " of a type of %" PRIu32 " bytes",
                                       question.n_bits == 1 ? "bit" : "byte",
                                       question.n_bits == 1 ? question.bit_offset : question.bit_offset / 8,
                                       composite.size_or_type);
        return 0;
}
