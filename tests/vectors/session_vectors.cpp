#include "session_vectors.hpp"

#include <array>
#include <nlohmann/json.hpp>

#include "base/encoding.hpp"
#include "wire/session_text.hpp"

namespace footbridge::vectors {
namespace {

using namespace footbridge::wire;
using Json = nlohmann::json;

class Checker {
 public:
  explicit Checker(std::string_view text) : all_(Json::parse(text, nullptr, false)) {
    if (all_.is_discarded()) outcome_.failures.emplace_back("is not JSON");
  }

  // Calls check(vector, its bytes) for each of this kind.
  template <class Check>
  void each(const char* kind, Check check) {
    const auto list = all_.is_object() ? all_.value(kind, Json::array()) : Json::array();
    if (list.size() < kLeastVectors) outcome_.failures.push_back(std::string("too few that are ") + kind);
    for (const auto& vector : list) {
      now_ = vector.value("name", std::string());
      ++outcome_.checked;
      const auto bytes = parse_hex(vector.value("hex", std::string("?")));
      if (bytes)
        check(vector, *bytes);
      else
        fail("has no bytes");
    }
  }
  void equal(const std::string& got, const std::string& expected) {
    if (got != expected) fail("is \"" + got + "\", not \"" + expected + "\"");
  }
  void holds(bool condition, const char* otherwise) {
    if (!condition) fail(otherwise);
  }
  Outcome take() { return std::move(outcome_); }

 private:
  void fail(const std::string& what) { outcome_.failures.push_back("\"" + now_ + "\": " + what); }
  Json all_;
  std::string now_;
  Outcome outcome_;
};

std::string field(const Json& vector, const char* key) { return vector.value(key, std::string()); }
bool exact(const Json& vector) { return !vector.value("lenient", false); }

Outcome check_frames(std::string_view json) {
  Checker check(json);
  check.each("valid", [&](const Json& vector, const Bytes& in) {
    const auto expected = vector.value("frames", std::vector<std::string>{"?"});
    const auto got = read_all(in);
    check.holds(got == expected, "reads otherwise");
  });
  check.each("invalid", [&](const Json& vector, const Bytes& in) {
    const auto got = read_all(in);
    check.equal(got.empty() ? "" : got.back(), field(vector, "error"));
  });
  return check.take();
}

// `parse` reads one message, `show` says what it means and how it is written, `key` is where the vector says it.
template <class Parse, class Show>
Outcome check_messages(std::string_view json, const char* key, Parse parse, Show show) {
  Checker check(json);
  check.each("valid", [&](const Json& vector, const Bytes& in) {
    const auto parsed = parse(in);
    if (!parsed) return check.equal(std::string(name(parsed.error())), field(vector, key));
    check.holds(parsed->bytes == in.size(), "is not read to its end");
    const auto [meaning, written] = show(*parsed);
    check.equal(meaning, field(vector, key));
    if (exact(vector)) check.equal(encode_hex(written), encode_hex(in));
    for (std::size_t cut = 0; cut < in.size(); ++cut) {
      const auto part = parse(ByteView(in).first(cut));
      check.holds(!part.ok() && name(part.error()) == "truncated", "is read although it is cut short");
    }
  });
  check.each("invalid", [&](const Json& vector, const Bytes& in) {
    const auto parsed = parse(in);
    check.equal(parsed ? "accepted" : std::string(name(parsed.error())), field(vector, "error"));
  });
  return check.take();
}

Outcome check_records(std::string_view json) {
  return check_messages(json, "record", parse_record, [](const ParsedRecord& parsed) {
    return std::pair(text(parsed.record), encode_record(parsed.record));
  });
}

Outcome check_control(std::string_view json) {
  return check_messages(json, "message", parse_control, [](const ParsedControl& parsed) {
    return std::pair(text(parsed.message), encode_control(parsed.message));
  });
}

struct Header {
  std::string meaning;  // or the error
  Bytes written;
  std::size_t bytes = 0;
};

Header read_header(ByteView in, bool opened) {
  if (opened) {
    const auto parsed = parse_opened(in);
    if (!parsed) return {std::string(name(parsed.error())), {}, 0};
    return {"OPENED " + std::string(name(parsed->header)), encode_opened(parsed->header), parsed->bytes};
  }
  const auto parsed = parse_open(in);
  if (!parsed) return {std::string(name(parsed.error())), {}, 0};
  return {text(parsed->header), encode_open(parsed->header).value_or(Bytes()), parsed->bytes};
}

Outcome check_open(std::string_view json) {
  Checker check(json);
  check.each("valid", [&](const Json& vector, const Bytes& in) {
    const auto expected = field(vector, "header");
    const auto got = read_header(in, expected.starts_with("OPENED"));
    check.equal(got.meaning, expected);
    check.holds(in.size() - got.bytes == vector.value("rest", std::size_t{0}), "takes another number of bytes");
    if (exact(vector)) check.equal(encode_hex(got.written), encode_hex(ByteView(in).first(got.bytes)));
  });
  check.each("invalid", [&](const Json& vector, const Bytes& in) {
    check.equal(read_header(in, field(vector, "kind") == "OPENED").meaning, field(vector, "error"));
  });
  return check.take();
}

Outcome check_flow(std::string_view json) {
  Checker check(json);
  check.each("valid", [&](const Json& vector, const Bytes& in) {
    const auto [meaning, written] = read_flow_body(in);
    check.equal(meaning, field(vector, "body"));
    if (exact(vector)) check.equal(encode_hex(written), encode_hex(in));
  });
  check.each("invalid", [&](const Json& vector, const Bytes& in) {
    check.equal(read_flow_body(in).first, field(vector, "error"));
  });
  return check.take();
}

constexpr std::array<VectorFile, 5> kFiles{{{"session_frames", check_frames},
                                            {"session_records", check_records},
                                            {"session_control", check_control},
                                            {"session_open", check_open},
                                            {"session_flow", check_flow}}};

}  // namespace

std::span<const VectorFile> session_files() { return kFiles; }

}  // namespace footbridge::vectors
