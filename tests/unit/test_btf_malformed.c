/*
 * Records that are wrong: each must be refused for the right reason, at the very word that is to blame. What
 * looks odd but is allowed stands beside them.
 */
#include <string.h>

#include "support/fixture.h"
#include "support/unit.h"

/* Loads what was built, in the byte order that it is set to, on a base that may be NULL. */
static int load(const struct btf_builder *b, const struct btf_builder *base, struct btf_error *error)
{
        struct btf_image image = btf_builder_finish(b), base_image = {0};
        struct btf *btf = NULL, *base_btf = NULL;
        int r;

        if (base) {
                base_image = btf_builder_finish(base);
                base_btf = fixture_btf(&base_image);
        }
        r = btf_new(&btf, image.data, image.size, base_btf, error);
        btf_free(btf);
        btf_free(base_btf);
        btf_image_free(&image);
        btf_image_free(&base_image);
        return r;
}

/*
 * Builds the file, checks that it is refused, and where: at word `i_word` of type `id`'s record; in both byte orders.
 * Frees the builders.
 */
static void refuse_on(const char *name, struct btf_builder *b, struct btf_builder *base,
                      enum btf_error_reason reason, uint32_t id, size_t i_word)
{
        uint64_t offset = btf_builder_offset(b, id) + i_word * 4;

        for (int i = 0; i < 2; i++) {
                struct btf_error error = {0};
                int r = load(b, base, &error);

                if (r != 1 || error.reason != reason || error.offset != offset)
                        fail_msg("%s: result %d, %s at %llu (%s), expected %s at %llu", name, r,
                                 btf_error_reason_name(error.reason), (unsigned long long)error.offset,
                                 error.message, btf_error_reason_name(reason), (unsigned long long)offset);
                btf_builder_foreign(b);
                if (base)
                        btf_builder_foreign(base);
        }
        btf_builder_free(b);
        btf_builder_free(base);
}

static void refuse(const char *name, struct btf_builder *b, enum btf_error_reason reason, uint32_t id,
                   size_t i_word)
{
        refuse_on(name, b, /* base= */ NULL, reason, id, i_word);
}

static void accept_on(const char *name, struct btf_builder *b, struct btf_builder *base)
{
        for (int i = 0; i < 2; i++) {
                struct btf_error error = {0};

                if (load(b, base, &error) != 0)
                        fail_msg("%s: %s at %llu (%s), expected to load", name,
                                 btf_error_reason_name(error.reason), (unsigned long long)error.offset,
                                 error.message);
                btf_builder_foreign(b);
                if (base)
                        btf_builder_foreign(base);
        }
        btf_builder_free(b);
        btf_builder_free(base);
}

static void accept(const char *name, struct btf_builder *b)
{
        accept_on(name, b, /* base= */ NULL);
}

/* A builder with an int as type 1. */
static struct btf_builder *with_int(void)
{
        struct btf_builder *b = btf_builder_new();

        btf_builder_int(b, "int", 4, 32, BTF_INT_SIGNED);
        return b;
}

/* The same with the int in a base of its own, if `is_split`; else *ret_base is NULL. */
static struct btf_builder *with_int_in(bool is_split, struct btf_builder **ret_base)
{
        struct btf_builder *b = with_int();

        *ret_base = is_split ? b : NULL;
        return is_split ? btf_builder_new_split(b) : b;
}

/* A record after the int, given by its words. */
struct record_case {
        const char *name;
        uint32_t kind;
        bool kind_flag;
        uint32_t vlen;
        uint32_t size_or_type;
        uint32_t tail[6];
        size_t n_tail;
        enum btf_error_reason reason;
        size_t i_word; /* that is to blame */
};

#define BITFIELD(bit_offset, bits) ((uint32_t)(bits) << 24 | (bit_offset))

static const struct record_case record_cases[] = {
        {"kind 0", 0, false, 0, 0, {0}, 0, BTF_ERROR_UNKNOWN_KIND, 1},
        {"kind 20", 20, false, 0, 0, {0}, 0, BTF_ERROR_UNKNOWN_KIND, 1},
        {"kind 127", 127, false, 0, 0, {0}, 0, BTF_ERROR_UNKNOWN_KIND, 1},

        {"vlen of a struct", BTF_KIND_STRUCT, false, 0xffffff, 8, {0}, 6, BTF_ERROR_BAD_RECORD, 0},
        {"vlen of a union", BTF_KIND_UNION, false, 0xffffff, 8, {0}, 6, BTF_ERROR_BAD_RECORD, 0},
        {"vlen of an enum", BTF_KIND_ENUM, false, 0xffffff, 4, {0}, 6, BTF_ERROR_BAD_RECORD, 0},
        {"vlen of a proto", BTF_KIND_FUNC_PROTO, false, 0xffffff, 0, {0}, 6, BTF_ERROR_BAD_RECORD, 0},
        {"vlen of a datasec", BTF_KIND_DATASEC, false, 0xffffff, 8, {0}, 6, BTF_ERROR_BAD_RECORD, 0},
        {"vlen of an enum64", BTF_KIND_ENUM64, false, 0xffffff, 8, {0}, 6, BTF_ERROR_BAD_RECORD, 0},
        {"vlen of an int", BTF_KIND_INT, false, 0xffffff, 1, {0}, 1, BTF_ERROR_BAD_VALUE, 1},
        {"vlen of a ptr", BTF_KIND_PTR, false, 0xffffff, 1, {0}, 0, BTF_ERROR_BAD_VALUE, 1},
        {"vlen of an array", BTF_KIND_ARRAY, false, 0xffffff, 1, {0}, 3, BTF_ERROR_BAD_VALUE, 1},
        {"vlen of a fwd", BTF_KIND_FWD, false, 0xffffff, 1, {0}, 0, BTF_ERROR_BAD_VALUE, 1},
        {"vlen of a typedef", BTF_KIND_TYPEDEF, false, 0xffffff, 1, {0}, 0, BTF_ERROR_BAD_VALUE, 1},
        {"vlen of a volatile", BTF_KIND_VOLATILE, false, 0xffffff, 1, {0}, 0, BTF_ERROR_BAD_VALUE, 1},
        {"vlen of a const", BTF_KIND_CONST, false, 0xffffff, 1, {0}, 0, BTF_ERROR_BAD_VALUE, 1},
        {"vlen of a restrict", BTF_KIND_RESTRICT, false, 0xffffff, 1, {0}, 0, BTF_ERROR_BAD_VALUE, 1},
        {"vlen of a func", BTF_KIND_FUNC, false, 0xffffff, 1, {0}, 0, BTF_ERROR_BAD_VALUE, 1},
        {"vlen of a var", BTF_KIND_VAR, false, 0xffffff, 1, {0}, 1, BTF_ERROR_BAD_VALUE, 1},
        {"vlen of a float", BTF_KIND_FLOAT, false, 0xffffff, 1, {0}, 0, BTF_ERROR_BAD_VALUE, 1},
        {"vlen of a decl_tag", BTF_KIND_DECL_TAG, false, 0xffffff, 1, {0}, 1, BTF_ERROR_BAD_VALUE, 1},
        {"vlen of a type_tag", BTF_KIND_TYPE_TAG, false, 0xffffff, 1, {0}, 0, BTF_ERROR_BAD_VALUE, 1},
        {"linkage 3 of a func", BTF_KIND_FUNC, false, 3, 1, {0}, 0, BTF_ERROR_BAD_VALUE, 1},
        {"linkage 3 of a var", BTF_KIND_VAR, false, 0, 1, {3}, 1, BTF_ERROR_BAD_VALUE, 3},
        {"linkage 2^32 - 1 of a var", BTF_KIND_VAR, false, 0, 1, {~0U}, 1, BTF_ERROR_BAD_VALUE, 3},
        {"one member too many", BTF_KIND_STRUCT, false, 2, 8, {0, 1, 0}, 3, BTF_ERROR_BAD_RECORD, 0},
        {"an int without tail", BTF_KIND_INT, false, 0, 4, {0}, 0, BTF_ERROR_BAD_RECORD, 0},
        {"an array without nelems", BTF_KIND_ARRAY, false, 0, 0, {1, 1}, 2, BTF_ERROR_BAD_RECORD, 0},

        {"member's name", BTF_KIND_STRUCT, false, 1, 4, {0x1000, 1, 0}, 3, BTF_ERROR_BAD_NAME, 3},
        {"second member's name",
         BTF_KIND_STRUCT,
         false,
         2,
         4,
         {0, 1, 0, ~0U, 1, 0},
         6,
         BTF_ERROR_BAD_NAME,
         6},
        {"enumerator's name", BTF_KIND_ENUM, false, 2, 4, {0, 0, 0x1000, 0}, 4, BTF_ERROR_BAD_NAME, 5},
        {"enumerator64's name", BTF_KIND_ENUM64, false, 2, 8, {0, 0, 0, ~0U, 0, 0}, 6, BTF_ERROR_BAD_NAME, 6},
        {"param's name", BTF_KIND_FUNC_PROTO, false, 2, 0, {0, 1, 0x1000, 1}, 4, BTF_ERROR_BAD_NAME, 5},

        {"int of 0 bytes", BTF_KIND_INT, false, 0, 0, {32}, 1, BTF_ERROR_BAD_SIZE, 2},
        {"int of 17 bytes", BTF_KIND_INT, false, 0, 17, {32}, 1, BTF_ERROR_BAD_SIZE, 2},
        {"int of 0 bits", BTF_KIND_INT, false, 0, 4, {0}, 1, BTF_ERROR_BAD_ENCODING, 3},
        {"int of 33 bits in 4 bytes", BTF_KIND_INT, false, 0, 4, {33}, 1, BTF_ERROR_BAD_ENCODING, 3},
        {"int's bits beyond its end",
         BTF_KIND_INT,
         false,
         0,
         4,
         {28 << 16 | 5},
         1,
         BTF_ERROR_BAD_ENCODING,
         3},
        {"enum of 3 bytes", BTF_KIND_ENUM, false, 0, 3, {0}, 0, BTF_ERROR_BAD_SIZE, 2},
        {"enum of 0 bytes", BTF_KIND_ENUM, false, 0, 0, {0}, 0, BTF_ERROR_BAD_SIZE, 2},
        {"enum of 16 bytes", BTF_KIND_ENUM, false, 0, 16, {0}, 0, BTF_ERROR_BAD_SIZE, 2},
        {"enum64 of 3 bytes", BTF_KIND_ENUM64, false, 0, 3, {0}, 0, BTF_ERROR_BAD_SIZE, 2},

        {"member beyond its struct", BTF_KIND_STRUCT, false, 1, 4, {0, 1, 40}, 3, BTF_ERROR_BAD_MEMBER, 5},
        {"member at 2^32 - 8", BTF_KIND_STRUCT, false, 1, 4, {0, 1, ~7U}, 3, BTF_ERROR_BAD_MEMBER, 5},
        {"member with kind_flag beyond", BTF_KIND_STRUCT, true, 1, 4, {0, 1, 40}, 3, BTF_ERROR_BAD_MEMBER, 5},
        {"bitfield beyond its struct",
         BTF_KIND_STRUCT,
         true,
         1,
         4,
         {0, 1, BITFIELD(30, 3)},
         3,
         BTF_ERROR_BAD_MEMBER,
         5},
        {"bitfield wider than its int",
         BTF_KIND_STRUCT,
         true,
         1,
         8,
         {0, 1, BITFIELD(0, 33)},
         3,
         BTF_ERROR_BAD_MEMBER,
         5},
        {"no bitfield but between bytes", BTF_KIND_STRUCT, true, 1, 8, {0, 1, 3}, 3, BTF_ERROR_BAD_MEMBER, 5},
        {"old member between bytes", BTF_KIND_STRUCT, false, 1, 8, {0, 1, 3}, 3, BTF_ERROR_BAD_MEMBER, 5},
        {"union member at an offset", BTF_KIND_UNION, false, 1, 4, {0, 1, 8}, 3, BTF_ERROR_BAD_MEMBER, 5},
        {"union bitfield at an offset",
         BTF_KIND_UNION,
         true,
         1,
         4,
         {0, 1, BITFIELD(1, 3)},
         3,
         BTF_ERROR_BAD_MEMBER,
         5},

        {"func without proto", BTF_KIND_FUNC, false, 1, 1, {0}, 0, BTF_ERROR_BAD_REFERENCE, 2},
        {"datasec entry that is no var",
         BTF_KIND_DATASEC,
         false,
         1,
         4,
         {1, 0, 4},
         3,
         BTF_ERROR_BAD_REFERENCE,
         3},
        {"tag on an int", BTF_KIND_DECL_TAG, false, 0, 1, {~0U}, 1, BTF_ERROR_BAD_REFERENCE, 2},
        {"tag on component -2", BTF_KIND_DECL_TAG, false, 0, 1, {~1U}, 1, BTF_ERROR_BAD_VALUE, 3},
        {"const of itself", BTF_KIND_CONST, false, 0, 2, {0}, 0, BTF_ERROR_LOOP, 2},
        {"typedef of itself", BTF_KIND_TYPEDEF, false, 0, 2, {0}, 0, BTF_ERROR_LOOP, 2},
        {"pointer to itself", BTF_KIND_PTR, false, 0, 2, {0}, 0, BTF_ERROR_LOOP, 2},
        {"array of itself", BTF_KIND_ARRAY, false, 0, 0, {2, 1, 3}, 3, BTF_ERROR_LOOP, 3},
        {"proto that returns itself", BTF_KIND_FUNC_PROTO, false, 0, 2, {0}, 0, BTF_ERROR_LOOP, 2},
        {"proto that takes itself", BTF_KIND_FUNC_PROTO, false, 1, 0, {0, 2}, 2, BTF_ERROR_LOOP, 4},
        {"struct that holds itself", BTF_KIND_STRUCT, false, 1, 8, {0, 2, 0}, 3, BTF_ERROR_LOOP, 4},
        {"union that holds itself", BTF_KIND_UNION, false, 1, 8, {0, 2, 0}, 3, BTF_ERROR_LOOP, 4},
};

static void bad_records_are_refused(void **state)
{
        (void)state;
        for (size_t i = 0; i < 2 * ARRAY_LENGTH(record_cases); i++) {
                const struct record_case *c = &record_cases[i / 2];
                struct btf_builder *base;
                struct btf_builder *b = with_int_in(i % 2 == 1, &base);
                uint32_t id = btf_builder_record(b, "", c->kind, c->kind_flag, c->vlen, c->size_or_type);

                for (size_t j = 0; j < c->n_tail; j++)
                        btf_builder_word(b, c->tail[j]);
                refuse_on(c->name, b, base, c->reason, id, c->i_word);
        }
}

/* Every word that holds an id, by the kind it stands in. */
struct place {
        const char *name;
        enum btf_kind kind;
        uint32_t vlen;
        size_t n_tail;
        size_t i_word; /* where the id stands: 2 is size_or_type, 3 the first word of the tail */
        bool void_allowed;
        bool wants_type; /* any type may stand there, but no func, var, datasec or decl_tag */
};

static const struct place places[] = {
        {"ptr", BTF_KIND_PTR, 0, 0, 2, true, true},
        {"typedef", BTF_KIND_TYPEDEF, 0, 0, 2, true, true},
        {"volatile", BTF_KIND_VOLATILE, 0, 0, 2, true, true},
        {"const", BTF_KIND_CONST, 0, 0, 2, true, true},
        {"restrict", BTF_KIND_RESTRICT, 0, 0, 2, true, true},
        {"type_tag", BTF_KIND_TYPE_TAG, 0, 0, 2, true, true},
        {"func", BTF_KIND_FUNC, 0, 0, 2, false, false},
        {"var", BTF_KIND_VAR, 0, 1, 2, false, true},
        {"decl_tag", BTF_KIND_DECL_TAG, 0, 1, 2, false, false},
        {"array's element", BTF_KIND_ARRAY, 0, 3, 3, false, true},
        {"array's index", BTF_KIND_ARRAY, 0, 3, 4, false, false},
        {"struct member", BTF_KIND_STRUCT, 1, 3, 4, false, true},
        {"second struct member", BTF_KIND_STRUCT, 2, 6, 7, false, true},
        {"union member", BTF_KIND_UNION, 1, 3, 4, false, true},
        {"return type", BTF_KIND_FUNC_PROTO, 0, 0, 2, true, true},
        {"param", BTF_KIND_FUNC_PROTO, 1, 2, 4, true, true},
        {"second param", BTF_KIND_FUNC_PROTO, 2, 4, 6, true, true},
        {"datasec entry", BTF_KIND_DATASEC, 1, 3, 3, false, false},
};

/* A record as `place` has it, in which every other id is 1, an int. */
static uint32_t add_place(struct btf_builder *b, const struct place *place, uint32_t id_there)
{
        bool has_type = place->kind != BTF_KIND_STRUCT && place->kind != BTF_KIND_UNION;
        uint32_t id = btf_builder_record(b, "", place->kind, false, place->vlen, has_type ? 1 : 64);

        for (size_t i = 0; i < place->n_tail; i++)
                btf_builder_word(b, 0);
        if (place->kind == BTF_KIND_ARRAY) {
                btf_builder_set_word(b, id, 2, 0);
                btf_builder_set_word(b, id, 3, 1);
                btf_builder_set_word(b, id, 4, 1);
        }
        if (btf_kind_is_composite(place->kind)) {
                for (uint32_t i = 0; i < place->vlen; i++)
                        btf_builder_set_word(b, id, 4 + i * 3, 1);
        }
        btf_builder_set_word(b, id, place->i_word, id_there);
        return id;
}

static void ids_beyond_the_last_are_refused(void **state)
{
        (void)state;
        for (size_t i = 0; i < 2 * ARRAY_LENGTH(places); i++) {
                const struct place *place = &places[i / 2];
                struct btf_builder *base;
                struct btf_builder *b = with_int_in(i % 2 == 1, &base);
                uint32_t id = add_place(b, place, 3);

                refuse_on(place->name, b, base, BTF_ERROR_BAD_ID, id, place->i_word);
                b = with_int_in(i % 2 == 1, &base);
                id = add_place(b, place, UINT32_MAX);
                refuse_on(place->name, b, base, BTF_ERROR_BAD_ID, id, place->i_word);
        }
}

static void void_stands_only_where_c_has_it(void **state)
{
        (void)state;
        for (size_t i = 0; i < 2 * ARRAY_LENGTH(places); i++) {
                const struct place *place = &places[i / 2];
                struct btf_builder *base;
                struct btf_builder *b = with_int_in(i % 2 == 1, &base);
                uint32_t id = add_place(b, place, 0);

                if (place->void_allowed)
                        accept_on(place->name, b, base);
                else
                        refuse_on(place->name, b, base, BTF_ERROR_BAD_REFERENCE, id, place->i_word);
        }
}

static void what_is_no_type_is_refused_as_one(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_LENGTH(places); i++) {
                uint32_t first_no_type = 3; /* func, var, datasec, decl_tag */

                for (uint32_t no_type = first_no_type; no_type < first_no_type + 4; no_type++) {
                        struct btf_builder *b = with_int();
                        uint32_t proto = btf_builder_func_proto(b, 0), func, var, id;

                        func = btf_builder_func(b, "f", proto, 1);
                        var = btf_builder_var(b, "v", 1, 1);
                        btf_builder_datasec(b, ".data", 4);
                        btf_builder_secinfo(b, var, 0, 4);
                        btf_builder_decl_tag(b, "tag", func, -1);
                        id = add_place(b, &places[i], no_type);
                        if (places[i].wants_type)
                                refuse(places[i].name, b, BTF_ERROR_BAD_REFERENCE, id, places[i].i_word);
                        else
                                btf_builder_free(b);
                }
        }
}

static void names_may_begin_anywhere_in_the_strings(void **state)
{
        struct btf_builder *b = with_int(); /* strings: NUL "int" NUL */
        uint32_t id;

        (void)state;
        id = btf_builder_typedef(b, "", 1);
        btf_builder_set_word(b, id, 0, 2); /* "nt" */
        accept("name in the middle of a string", b);

        b = with_int();
        id = btf_builder_typedef(b, "", 1);
        btf_builder_set_word(b, id, 0, 4);
        accept("name at the last NUL", b);

        b = with_int();
        id = btf_builder_typedef(b, "", 1);
        btf_builder_set_word(b, id, 0, 5);
        refuse("name at the strings' end", b, BTF_ERROR_BAD_NAME, id, 0);

        b = with_int();
        id = btf_builder_ptr(b, 1);
        btf_builder_set_word(b, id, 0, UINT32_MAX);
        refuse("name of a ptr", b, BTF_ERROR_BAD_NAME, id, 0);
}

static void odd_but_allowed_records_load(void **state)
{
        struct btf_builder *b = with_int();

        (void)state;
        btf_builder_record(b, "f", BTF_KIND_FWD, false, 0, 1234);
        btf_builder_float(b, "_Float48", 6);
        btf_builder_int(b, "__int128", 16, 128, BTF_INT_SIGNED);
        btf_builder_struct(b, "", 0, false);
        btf_builder_enum(b, "", 1, true);
        accept("ignored words", b);

        /* rustc reorders fields, so offsets may descend; and a member of size 0 may stand at the end. */
        b = with_int();
        btf_builder_struct(b, "rust", 8, false);
        btf_builder_member(b, "a", 1, 32, 0);
        btf_builder_member(b, "b", 1, 0, 0);
        btf_builder_member(b, "end", 3, 64, 0);
        btf_builder_array(b, 1, 1, 0);
        accept("descending offsets", b);

        b = with_int();
        btf_builder_struct(b, "bits", 4, true);
        btf_builder_member(b, "all", 1, 0, 32);
        btf_builder_member(b, "last", 1, 31, 1);
        accept("bitfields up to the end", b);
}

static void decl_tags_point_at_components(void **state)
{
        static const struct {
                uint32_t target; /* 2 struct of two members, 4 func of one param, 5 var, 6 typedef */
                int32_t component;
                bool is_allowed;
        } cases[] = {
                {2, -1, true}, {2, 1, true},  {2, 2, false}, {2, INT32_MAX, false},
                {4, -1, true}, {4, 0, true},  {4, 1, false}, {5, -1, true},
                {5, 0, false}, {6, -1, true}, {6, 0, false},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
                struct btf_builder *b = with_int();
                uint32_t id;

                btf_builder_struct(b, "s", 8, false);
                btf_builder_member(b, "a", 1, 0, 0);
                btf_builder_member(b, "b", 1, 32, 0);
                btf_builder_func_proto(b, 0);
                btf_builder_param(b, "p", 1);
                btf_builder_func(b, "f", 3, 1);
                btf_builder_var(b, "v", 1, 1);
                btf_builder_typedef(b, "t", 1);
                id = btf_builder_decl_tag(b, "tag", cases[i].target, cases[i].component);
                if (cases[i].is_allowed)
                        accept("decl_tag", b);
                else
                        refuse("decl_tag", b, BTF_ERROR_BAD_VALUE, id, 3);
        }
}

/* A section with a var at bytes 4 to 8 and another one. */
static uint32_t add_section(struct btf_builder *b, uint32_t size, uint32_t offset, uint32_t length)
{
        uint32_t var = btf_builder_var(b, "v", 1, 1);
        uint32_t id = btf_builder_datasec(b, ".data", size);

        btf_builder_secinfo(b, var, 4, 4);
        btf_builder_secinfo(b, var, offset, length);
        return id;
}

static void variables_follow_one_another_in_their_section(void **state)
{
        static const struct {
                uint32_t size, offset, length;
                size_t i_word; /* that is to blame; 0 for none */
        } cases[] = {
                {16, 8, 8, 0},
                {16, 16, 0, 0},
                {16, 7, 4, 7},           /* overlaps the first one */
                {16, 4, 4, 7},           /* is the first one's place */
                {16, 0, 4, 7},           /* comes before it */
                {16, 9, 8, 8},           /* ends behind the section */
                {16, 17, 0, 8},          /* lies behind it */
                {16, UINT32_MAX, 17, 8}, /* ends at byte 16 of the next 2^32 */
                {16, 8, UINT32_MAX, 8},
                {0, 0, 4, 0}, /* not linked yet */
                {0, UINT32_MAX, UINT32_MAX, 0},
        };

        (void)state;
        for (size_t i = 0; i < 2 * ARRAY_LENGTH(cases); i++) {
                struct btf_builder *base;
                struct btf_builder *b = with_int_in(i % 2 == 1, &base);
                uint32_t id = add_section(b, cases[i / 2].size, cases[i / 2].offset, cases[i / 2].length);

                if (cases[i / 2].i_word == 0)
                        accept_on("section", b, base);
                else
                        refuse_on("section", b, base, BTF_ERROR_BAD_MEMBER, id, cases[i / 2].i_word);
        }
}

/* A tag may stand before the func whose prototype it needs, and that func may be a lie. */
static void a_tag_before_a_bad_func_is_safe(void **state)
{
        struct btf_builder *b = with_int();

        (void)state;
        btf_builder_decl_tag(b, "tag", 3, 0);
        btf_builder_func(b, "f", 1, 1);
        refuse("func behind its tag", b, BTF_ERROR_BAD_REFERENCE, 3, 2);
}

static void bitfields_are_integers_that_hold_them(void **state)
{
        struct btf_builder *b = with_int();
        uint32_t id;

        (void)state;
        btf_builder_struct(b, "inner", 4, false); /* 2 */
        btf_builder_member(b, "x", 1, 0, 0);
        id = btf_builder_struct(b, "outer", 8, true);
        btf_builder_member(b, "s", 2, 0, 3);
        refuse("bitfield of a struct", b, BTF_ERROR_BAD_MEMBER, id, 5);

        b = with_int();
        btf_builder_ptr(b, 1);
        id = btf_builder_struct(b, "outer", 16, true);
        btf_builder_member(b, "i", 1, 0, 3);
        btf_builder_member(b, "p", 2, 64, 3);
        refuse("bitfield of a pointer", b, BTF_ERROR_BAD_MEMBER, id, 8);

        b = with_int();
        btf_builder_enum(b, "e", 1, false);
        btf_builder_typedef(b, "e_t", 2);
        id = btf_builder_struct(b, "outer", 8, true);
        btf_builder_member(b, "e", 3, 0, 9);
        refuse("bitfield wider than its enum", b, BTF_ERROR_BAD_MEMBER, id, 5);
}

/*
 * An old bitfield's extent is known only from its INT. It must end inside the struct as a new one must, or
 * else its load would leave the object.
 */
static void legacy_bitfields_end_inside_their_struct(void **state)
{
        struct btf_builder *b = with_int();
        uint32_t id;

        (void)state;
        btf_builder_int_at(b, "part", 4, 4, 0, 0);
        id = btf_builder_struct(b, "old", 1, false);
        btf_builder_member(b, "a", 2, 6, 0);
        refuse("old bitfield beyond its struct", b, BTF_ERROR_BAD_MEMBER, id, 5);

        b = with_int();
        btf_builder_int_at(b, "part", 4, 4, 24, 0);
        id = btf_builder_struct(b, "old", 2, false);
        btf_builder_member(b, "a", 2, 0, 0);
        refuse("old bitfield beyond its struct by the int's offset", b, BTF_ERROR_BAD_MEMBER, id, 5);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(bad_records_are_refused),
                cmocka_unit_test(ids_beyond_the_last_are_refused),
                cmocka_unit_test(void_stands_only_where_c_has_it),
                cmocka_unit_test(what_is_no_type_is_refused_as_one),
                cmocka_unit_test(names_may_begin_anywhere_in_the_strings),
                cmocka_unit_test(odd_but_allowed_records_load),
                cmocka_unit_test(decl_tags_point_at_components),
                cmocka_unit_test(variables_follow_one_another_in_their_section),
                cmocka_unit_test(a_tag_before_a_bad_func_is_safe),
                cmocka_unit_test(bitfields_are_integers_that_hold_them),
                cmocka_unit_test(legacy_bitfields_end_inside_their_struct),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
