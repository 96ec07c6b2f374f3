#include "wire/session_control.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "base/byte_reader.hpp"
#include "base/byte_writer.hpp"
#include "base/overloaded.hpp"
#include "wire/session_frames.hpp"

namespace footbridge::wire {
namespace {

constexpr std::uint8_t kHelloType = 0x01;
constexpr std::uint8_t kOkType = 0x02;
constexpr std::uint8_t kJoinType = 0x03;
constexpr std::uint8_t kByeType = 0x04;
constexpr std::uint8_t kRefusedType = 0x05;

using ControlResult = Result<Control, ControlErrc>;

// Reads field after field; after one that did not fit, ok() is false and the values are worth nothing.
class Fields {
 public:
  explicit Fields(ByteView body) : in_(body) {}
  bool ok() const { return ok_; }

  std::uint64_t varint() { return take(in_.varint()); }
  template <class T>
  T id() {
    const auto raw = take(in_.bytes(T::kBytes));
    return T::from(raw).value_or(T{});
  }
  Private<SessionToken> token() {
    const auto raw = take(in_.bytes(kTokenBytes));
    SessionToken token{};
    std::ranges::copy(raw, token.begin());
    return Private<SessionToken>(token);
  }
  Private<Bytes> admission() {
    const auto length = varint();
    if (length > kMaxControlAdmissionBytes) ok_ = false;
    if (!ok_) return {};
    return Private<Bytes>(to_bytes(take(in_.bytes(static_cast<std::size_t>(length)))));
  }
  VersionRange versions() {
    VersionRange range{varint(), varint()};
    if (range.oldest == 0 || range.oldest > range.newest) ok_ = false;
    return range;
  }
  SessionLimits limits() {
    SessionLimits limits{varint(), varint(), varint()};
    if (limits.stream_window_bytes > kMaxOffset || limits.session_window_bytes > kMaxOffset) ok_ = false;
    return limits;
  }

 private:
  template <class T>
  T take(const std::optional<T>& value) {
    if (!value) ok_ = false;
    return value.value_or(T{});
  }
  ByteReader in_;
  bool ok_ = true;
};

template <class Message>
ControlResult checked(const Fields& fields, Message message) {
  if (!fields.ok()) return ControlErrc::Malformed;
  return Control{std::move(message)};
}

template <class Code>
Code known(std::uint64_t code, Code last) {
  return code <= static_cast<std::uint64_t>(last) ? static_cast<Code>(code) : Code{};
}

ControlResult parse_hello(Fields fields) {
  Hello hello;
  hello.versions = fields.versions();
  if (fields.ok() && common_version(hello.versions) == 0) return ControlErrc::UnsupportedVersion;
  hello.capabilities = fields.varint();
  hello.match = fields.id<MatchId>();
  hello.limits = fields.limits();
  hello.admission = fields.admission();
  return checked(fields, std::move(hello));
}

ControlResult parse_join(Fields fields) {
  Join join;
  join.versions = fields.versions();
  if (fields.ok() && common_version(join.versions) == 0) return ControlErrc::UnsupportedVersion;
  join.session = fields.id<SessionId>();
  join.token = fields.token();
  join.match = fields.id<MatchId>();
  join.admission = fields.admission();
  return checked(fields, std::move(join));
}

ControlResult parse_ok(Fields fields) {
  Ok ok;
  ok.version = fields.varint();
  if (fields.ok() && common_version({ok.version, ok.version}) == 0) return ControlErrc::UnsupportedVersion;
  ok.capabilities = fields.varint();
  ok.session = fields.id<SessionId>();
  ok.token = fields.token();
  ok.ttl_seconds = fields.varint();
  ok.limits = fields.limits();
  return checked(fields, std::move(ok));
}

ControlResult parse_refused(Fields fields) {
  Refused refused;
  refused.code = known(fields.varint(), RefusalCode::EgressRestarted);
  refused.retry_after_seconds = fields.varint();
  refused.versions = fields.versions();
  return checked(fields, refused);
}

ControlResult parse_bye(Fields fields) {
  Bye bye;
  bye.code = known(fields.varint(), ByeCode::ProtocolError);
  bye.retry_after_seconds = fields.varint();
  return checked(fields, bye);
}

ControlResult parse_body(std::uint8_t type, ByteView body) {
  if (type >= kFirstIgnorableType && type <= kLastIgnorableType) return Control{IgnorableControl{type}};
  switch (type) {
    case kHelloType: return parse_hello(Fields(body));
    case kOkType: return parse_ok(Fields(body));
    case kJoinType: return parse_join(Fields(body));
    case kByeType: return parse_bye(Fields(body));
    case kRefusedType: return parse_refused(Fields(body));
    default: return ControlErrc::UnknownType;
  }
}

void put_versions(ByteWriter& out, const VersionRange& range) { out.varint(range.newest).varint(range.oldest); }

void put_limits(ByteWriter& out, const SessionLimits& limits) {
  out.varint(limits.stream_window_bytes).varint(limits.session_window_bytes).varint(limits.max_streams);
}

void put_admission(ByteWriter& out, const Private<Bytes>& admission) {
  const auto& bytes = admission.reveal_to_socket();
  FB_ASSERT(bytes.size() <= kMaxControlAdmissionBytes);
  out.varint(bytes.size()).bytes(bytes);
}

std::uint8_t put_body(ByteWriter& out, const Control& message) {
  return std::visit(
      Overloaded{[&](const Hello& hello) {
                   put_versions(out, hello.versions);
                   out.varint(hello.capabilities).bytes(hello.match.view());
                   put_limits(out, hello.limits);
                   put_admission(out, hello.admission);
                   return kHelloType;
                 },
                 [&](const Join& join) {
                   put_versions(out, join.versions);
                   out.bytes(join.session.view()).bytes(join.token.reveal_to_socket()).bytes(join.match.view());
                   put_admission(out, join.admission);
                   return kJoinType;
                 },
                 [&](const Ok& ok) {
                   out.varint(ok.version).varint(ok.capabilities).bytes(ok.session.view());
                   out.bytes(ok.token.reveal_to_socket()).varint(ok.ttl_seconds);
                   put_limits(out, ok.limits);
                   return kOkType;
                 },
                 [&](const Refused& refused) {
                   out.varint(static_cast<std::uint64_t>(refused.code)).varint(refused.retry_after_seconds);
                   put_versions(out, refused.versions);
                   return kRefusedType;
                 },
                 [&](const Bye& bye) {
                   out.varint(static_cast<std::uint64_t>(bye.code)).varint(bye.retry_after_seconds);
                   return kByeType;
                 },
                 [&](const IgnorableControl& ignorable) { return ignorable.type; }},
      message);
}

}  // namespace

std::uint64_t common_version(VersionRange offer) {
  const auto version = std::min(offer.newest, kSessionVersion);
  return version >= std::max(offer.oldest, kOldestSessionVersion) ? version : 0;
}

Result<ParsedControl, ControlErrc> parse_control(ByteView bytes) {
  ByteReader in(bytes);
  const auto type = in.u8();
  const auto length = type ? in.varint() : std::nullopt;
  if (!length) return ControlErrc::Truncated;
  if (*length > kMaxControlBody) return ControlErrc::TooLarge;
  const auto body = in.bytes(static_cast<std::size_t>(*length));
  if (!body) return ControlErrc::Truncated;
  auto message = parse_body(*type, *body);
  if (!message) return message.error();
  return ParsedControl{std::move(*message), bytes.size() - in.remaining()};
}

Bytes encode_control(const Control& message) {
  Bytes body;
  ByteWriter fields(body);
  const auto type = put_body(fields, message);
  FB_ASSERT(body.size() <= kMaxControlBody);
  Bytes out;
  ByteWriter(out).u8(type).varint(body.size()).bytes(body);
  return out;
}

}  // namespace footbridge::wire
