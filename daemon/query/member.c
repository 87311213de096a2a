#include "query/member.h"

void member_walk_begin(struct member_walk *walk, const struct btf *btf, const struct btf_type *composite)
{
        walk->btf = btf;
        walk->n_levels = 1;
        walk->n_visits = 0;
        walk->levels[0].type = *composite;
        walk->levels[0].bit_offset = 0;
        walk->levels[0].i_member = 0;
}

/* Continues inside an unnamed member, if it is one that has members. Depth is bounded by validation. */
static void descend(struct member_walk *walk, uint32_t id, uint64_t bit_offset)
{
        struct btf_type type = btf_strip(walk->btf, id);

        if (!btf_kind_is_composite(type.kind))
                return;
        walk->levels[walk->n_levels].type = type;
        walk->levels[walk->n_levels].bit_offset = bit_offset;
        walk->levels[walk->n_levels].i_member = 0;
        walk->n_levels++;
}

int member_walk_next(struct member_walk *walk, struct member_place *ret)
{
        while (walk->n_levels > 0) {
                const struct btf_type *holder = &walk->levels[walk->n_levels - 1].type;
                uint64_t base = walk->levels[walk->n_levels - 1].bit_offset;
                uint32_t i = walk->levels[walk->n_levels - 1].i_member++;
                struct btf_member member;

                if (i >= holder->vlen) {
                        walk->n_levels--;
                        continue;
                }
                if (walk->n_visits++ == MEMBER_MAX_VISITS)
                        return MEMBER_TOO_MANY;
                member = btf_member(walk->btf, holder, i);
                if (member.name[0] == '\0') {
                        descend(walk, member.type, base + member.bit_offset);
                        continue;
                }
                *ret = (struct member_place){
                        .member = member,
                        .bit_offset = base + member.bit_offset,
                        .holder = holder->id,
                        .is_last = member_is_last(holder, i),
                };
                return 0;
        }
        return MEMBER_END;
}

/*
 * Passes over members of the innermost level whose names begin otherwise, by nothing but that byte. Half of
 * the time of a question goes into looking at members, of which nearly all are other ones.
 */
static void skip_others(struct member_walk *walk, char first)
{
        const struct btf *btf = walk->btf;
        struct member_level *level = &walk->levels[walk->n_levels - 1];

        while (level->i_member < level->type.vlen && walk->n_visits < MEMBER_MAX_VISITS) {
                char byte = btf_member_name(btf, &level->type, level->i_member)[0];

                if (byte == first || byte == '\0')
                        break;
                level->i_member++;
                walk->n_visits++;
        }
}

int member_find(const struct btf *btf, const struct btf_type *composite, const char *name, size_t length,
                struct member_place *ret)
{
        struct member_walk walk;
        struct member_place place;
        int r;

        member_walk_begin(&walk, btf, composite);
        for (;;) {
                if (walk.n_levels > 0)
                        skip_others(&walk, name[0]);
                r = member_walk_next(&walk, &place);
                if (r != 0)
                        return r;
                if (strncmp(place.member.name, name, length) == 0 && place.member.name[length] == '\0') {
                        *ret = place;
                        return 0;
                }
        }
}
