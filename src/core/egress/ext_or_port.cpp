#include "core/egress/ext_or_port.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "base/byte_reader.hpp"
#include "base/byte_writer.hpp"
#include "crypto/primitives.hpp"

namespace footbridge::core {
namespace {

constexpr std::byte kSafeCookie{1};
constexpr std::byte kEndOfAuthTypes{0};
constexpr std::byte kBelieved{1};

// Commands, ours and tor's.
constexpr std::uint16_t kDone = 0x0000;
constexpr std::uint16_t kUserAddress = 0x0001;
constexpr std::uint16_t kTransport = 0x0002;
constexpr std::uint16_t kOkay = 0x1000;
constexpr std::uint16_t kDeny = 0x1001;

constexpr std::string_view kServerProves = "ExtORPort authentication server-to-client hash";
constexpr std::string_view kClientProves = "ExtORPort authentication client-to-server hash";

constexpr std::size_t kHashBytes = crypto::kHmacSha256Bytes;
constexpr std::size_t kNonceBytes = 32;
constexpr std::size_t kReplyHeaderBytes = 4;

auto proof(const crypto::SecretKey& cookie, std::string_view who, ByteView client_nonce, ByteView server_nonce) {
  Bytes message = to_bytes(who);
  append(message, client_nonce);
  append(message, server_nonce);
  return crypto::hmac_sha256(cookie.reveal_to_primitive(), message);
}

void write_command(ByteWriter& out, std::uint16_t command, std::string_view body) {
  out.u16(command).u16(static_cast<std::uint16_t>(body.size())).bytes(as_bytes(body));
}

Bytes introduction(const ExtOrIntroduction& who) {
  Bytes bytes;
  ByteWriter out(bytes);
  if (who.user) write_command(out, kUserAddress, who.user->reveal_to_socket().to_text());
  write_command(out, kTransport, who.transport);
  write_command(out, kDone, {});
  return bytes;
}

}  // namespace

std::optional<crypto::SecretKey> parse_auth_cookie(ByteView file) {
  if (file.size() != kAuthCookieFileBytes || as_text(file.first(kAuthCookieHeader.size())) != kAuthCookieHeader)
    return std::nullopt;
  return crypto::SecretKey::from(file.subspan(kAuthCookieHeader.size()));
}

std::string_view name(ExtOrErrc error) {
  switch (error) {
    case ExtOrErrc::TooLong: return "too-long";
    case ExtOrErrc::NoSafeCookie: return "no-safe-cookie";
    case ExtOrErrc::WrongCookie: return "wrong-cookie";
    case ExtOrErrc::NotBelieved: return "not-believed";
    case ExtOrErrc::Denied: return "denied";
  }
  FB_ASSERT(false);
}

ExtOrPort::ExtOrPort(Rng& rng, const crypto::SecretKey& cookie, const ExtOrIntroduction& who)
    : cookie_(cookie), introduction_(introduction(who)), client_nonce_(rng.array<kNonceBytes>()) {
  FB_ASSERT(who.transport.size() <= UINT16_MAX);
}

Status<ExtOrErrc> ExtOrPort::on_bytes(ByteView bytes) {
  if (error_) return *error_;
  append(in_, bytes);
  while (step()) {
  }
  in_.erase(in_.begin(), in_.begin() + static_cast<std::ptrdiff_t>(std::exchange(taken_, 0)));
  if (error_) return *error_;
  return {};
}

Bytes ExtOrPort::take_output() { return std::exchange(out_, {}); }

Bytes ExtOrPort::take_rest() {
  FB_ASSERT(state_ == State::Accepted);
  return std::exchange(in_, {});
}

ByteView ExtOrPort::take(std::size_t count) {
  FB_ASSERT(count <= waiting());
  const auto out = ByteView(in_).subspan(taken_, count);
  taken_ += count;
  return out;
}

bool ExtOrPort::fail(ExtOrErrc why) {
  error_ = why;
  state_ = State::Failed;
  out_.clear();
  return false;
}

// False: there is no more to read, or it would mean nothing.
bool ExtOrPort::step() {
  switch (state_) {
    case State::AwaitingAuthTypes: return on_auth_types();
    case State::AwaitingServerHash: return on_server_hash();
    case State::AwaitingVerdict: return on_verdict();
    case State::AwaitingReply: return on_reply();
    case State::Accepted:
    case State::Failed: return false;
  }
  FB_ASSERT(false);
}

bool ExtOrPort::on_auth_types() {
  const auto seen = ByteView(in_).subspan(taken_, std::min(waiting(), kMaxAuthTypes));
  const auto end = std::find(seen.begin(), seen.end(), kEndOfAuthTypes);
  if (end == seen.end()) return seen.size() == kMaxAuthTypes ? fail(ExtOrErrc::TooLong) : false;
  const auto types = take(static_cast<std::size_t>(end - seen.begin()) + 1);
  if (std::find(types.begin(), types.end(), kSafeCookie) == types.end()) return fail(ExtOrErrc::NoSafeCookie);
  out_.push_back(kSafeCookie);
  append(out_, client_nonce_);
  state_ = State::AwaitingServerHash;
  return true;
}

bool ExtOrPort::on_server_hash() {
  if (waiting() < kHashBytes + kNonceBytes) return false;
  const auto hash = take(kHashBytes);
  const auto server_nonce = take(kNonceBytes);
  if (!equal_in_constant_time(hash, proof(cookie_, kServerProves, client_nonce_, server_nonce)))
    return fail(ExtOrErrc::WrongCookie);
  append(out_, proof(cookie_, kClientProves, client_nonce_, server_nonce));
  state_ = State::AwaitingVerdict;
  return true;
}

bool ExtOrPort::on_verdict() {
  if (waiting() < 1) return false;
  if (take(1).front() != kBelieved) return fail(ExtOrErrc::NotBelieved);
  append(out_, introduction_);
  state_ = State::AwaitingReply;
  return true;
}

// Replies of a later tor are skipped with their bodies: the specification says that they may be.
bool ExtOrPort::on_reply() {
  const auto skip = std::min(body_left_, waiting());
  take(skip);
  body_left_ -= skip;
  if (body_left_ > 0) return false;
  if (okay_) {
    state_ = State::Accepted;
    return false;
  }
  if (waiting() < kReplyHeaderBytes) return false;
  ByteReader header(take(kReplyHeaderBytes));
  const auto command = *header.u16();
  body_left_ = *header.u16();
  if (command == kDeny) return fail(ExtOrErrc::Denied);
  skipped_ += kReplyHeaderBytes + body_left_;
  if (skipped_ > kMaxSkippedReplyBytes) return fail(ExtOrErrc::TooLong);
  okay_ = command == kOkay;
  return true;
}

}  // namespace footbridge::core
