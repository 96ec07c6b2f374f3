// How fields of a protobuf message are read into values, for parsers of this folder. Each read_x answers false when a
// bound is broken, before anything is copied; repeated fields are counted before their element is copied.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "wire/protobuf.hpp"

namespace footbridge::wire {

// Calls on_field(reader, field) for each; false: it was not protobuf, or on_field refused one.
template <class OnField>
bool each_field(ProtoReader reader, const OnField& on_field) {
  while (const auto field = reader.next())
    if (!on_field(reader, *field)) return false;
  return reader.ok();
}

template <class IdType>
inline bool read_id(const ProtoField& field, IdType& out) {
  const auto bytes = field.bytes_between(IdType::kBytes, IdType::kBytes);
  if (bytes) out = *IdType::from(*bytes);
  return bytes.has_value();
}

template <class IdType>
inline bool read_id(const ProtoField& field, std::optional<IdType>& out) {
  return read_id(field, out.emplace());
}

template <class IdType>
inline bool read_ids(const ProtoField& field, std::size_t most, std::vector<IdType>& out) {
  IdType id;
  if (out.size() >= most || !read_id(field, id)) return false;
  out.push_back(id);
  return true;
}

template <class Integer>
inline bool read_integer(const ProtoField& field, std::uint64_t most, Integer& out) {
  const auto value = field.unsigned_up_to(most);
  if (value) out = static_cast<Integer>(*value);
  return value.has_value();
}

// For what nothing can be made of unless it is known: an enumerator from 1 to `last`.
template <class Enum>
inline bool read_known(const ProtoField& field, Enum last, Enum& out) {
  std::uint64_t value = 0;
  if (!read_integer(field, static_cast<std::uint64_t>(last), value) || value == 0) return false;
  out = static_cast<Enum>(value);
  return true;
}

inline bool read_bytes(const ProtoField& field, std::size_t least, std::size_t most, Bytes& out) {
  const auto bytes = field.bytes_between(least, most);
  if (bytes) out = to_bytes(*bytes);
  return bytes.has_value();
}

inline bool read_bool(const ProtoField& field, bool& out) {
  if (field.type != ProtoType::Varint) return false;
  out = field.integer != 0;
  return true;
}

}  // namespace footbridge::wire
