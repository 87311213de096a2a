/*
 * What query/ answers, as JSON: the only place that knows both.
 */
#pragma once

#include "query/error.h"
#include "query/offset.h"
#include "query/prototype.h"
#include "query/value.h"
#include "rpc/reply.h"

/* `"key":"struct list_head *"`: the type's name, as C writes it. */
void write_type_name(struct json_writer *out, const char *key, const struct btf *btf, uint32_t id);

/* `"key":"int vfs_open(const struct path *path, struct file *file)"`. */
void write_prototype_text(struct json_writer *out, const char *key, const struct prototype *prototype);

/* How to interpret an int's or enum's bytes; nothing for other kinds. */
void write_encoding(struct json_writer *out, enum value_encoding encoding);

/* `"bitfield":{...}`: where its bits are and how to load them. */
void write_bitfield(struct json_writer *out, const struct value_bitfield *bitfield);

/* The members that say what lies at a place: type, kind, size, encoding, elements, pointee, bitfield. */
void write_value(struct json_writer *out, const struct btf *btf, const struct value *value, bool is_flexible);

/* The members that say which definition it is and select it: source, kind, id, instance; and its name and size if it has them. */
void write_definition(struct json_writer *out, struct query_type definition);
/* The members that say where a bitfield's bits are, and how to load them. */
void write_bitfield(struct json_writer *out, const struct value_bitfield *bitfield);

/* The value of an ENUM's or ENUM64's i-th enumerator: as a number where one can travel, and as text. */
void write_enumerator_value(struct json_writer *out, const struct btf *btf, const struct btf_type *type,
                            uint32_t i_value);

/* All enumerators of an ENUM or ENUM64: `values`. */
void write_values(struct json_writer *out, const struct btf *btf, const struct btf_type *type);

/* Of a func or var; nothing if BTF knows no such linkage. */
void write_linkage_name(struct json_writer *out, uint32_t linkage);

/* Different definitions of the name beside the one that answers; nothing if there is none. */
void write_also(struct json_writer *out, const struct found *also, bool has_path);

/* The word by which programs know a reason: "name-not-found". */
const char *query_reason_word(enum query_reason reason);

/* The whole error reply. `has_path` says whether candidates were tried against a path. */
void write_query_error(struct reply *reply, const struct query_error *error, bool has_path);
/* The same up to its end, reply_error_end(): the caller may add members to its data. */
void write_query_error_begin(struct reply *reply, const struct query_error *error, bool has_path);
