#include "wire/socks5.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "base/byte_writer.hpp"

namespace footbridge::wire {
namespace {

constexpr std::uint8_t kVersion5 = 5;
constexpr std::uint8_t kVersion4 = 4;
constexpr std::uint8_t kNoAuthentication = 0x00;
constexpr std::uint8_t kCredentials = 0x02;
constexpr std::uint8_t kNoAcceptableMethod = 0xff;
constexpr std::uint8_t kCredentialsVersion = 1;  // RFC 1929
constexpr std::uint8_t kConnect = 1;
constexpr std::uint8_t kUdpAssociate = 3;
constexpr std::uint8_t kAddressV4 = 1;
constexpr std::uint8_t kAddressName = 3;
constexpr std::uint8_t kAddressV6 = 4;
constexpr std::uint8_t kGranted4 = 0x5a;
constexpr std::uint8_t kRejected4 = 0x5b;
constexpr std::size_t kMaxHostBytes = 254;  // 253 and the trailing dot
constexpr std::size_t kMaxUserIdBytes = 255;

std::uint8_t u8_at(ByteView in, std::size_t at) { return std::to_integer<std::uint8_t>(in[at]); }
std::uint16_t u16_at(ByteView in, std::size_t at) {
  return static_cast<std::uint16_t>(u8_at(in, at) << 8 | u8_at(in, at + 1));
}
std::uint32_t u32_at(ByteView in, std::size_t at) {
  return static_cast<std::uint32_t>(u16_at(in, at)) << 16 | u16_at(in, at + 2);
}

bool is_visible_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

}  // namespace

Result<std::size_t, SocksErrc> SocksServer::on_bytes(ByteView in) {
  std::size_t consumed = 0;
  while (state_ == State::Greeting || state_ == State::Credentials || state_ == State::Request) {
    const auto missing = wanted_ > input_.size() ? wanted_ - input_.size() : 0;
    const auto taken = std::min(missing, in.size() - consumed);
    append(input_, in.subspan(consumed, taken));
    consumed += taken;
    if (input_.size() < wanted_) return consumed;
    step();
  }
  if (error_) return *error_;
  return consumed;
}

Bytes SocksServer::take_output() { return std::exchange(output_, Bytes()); }

// wanted_ bytes are here: either they decide, or they tell how many are needed.
void SocksServer::step() {
  switch (state_) {
    case State::Greeting: return on_greeting();
    case State::Credentials: return on_credentials();
    case State::Request: return version_ == kVersion5 ? on_request5() : on_request4();
    case State::AwaitingReply:
    case State::Done:
    case State::Failed: break;
  }
  FB_ASSERT(false);
}

bool SocksServer::lacks(std::size_t bytes) {
  FB_ASSERT(bytes <= kMaxSocksInputBytes);
  wanted_ = std::max(wanted_, bytes);
  return input_.size() < bytes;
}

void SocksServer::enter(State state, std::size_t wanted) {
  state_ = state;
  wanted_ = wanted;
  input_.clear();
}

void SocksServer::on_greeting() {
  version_ = u8_at(input_, 0);
  if (version_ == kVersion4) {
    state_ = State::Request;  // the request has begun already
    wanted_ = 8;
    return;
  }
  if (version_ != kVersion5) return fail(SocksErrc::BadVersion);
  const std::size_t methods = u8_at(input_, 1);
  if (lacks(2 + methods)) return;
  const auto offered = ByteView(input_).subspan(2);
  const auto offers = [&](std::uint8_t method) {
    return std::find(offered.begin(), offered.end(), std::byte{method}) != offered.end();
  };
  const auto chosen = offers(kNoAuthentication) ? kNoAuthentication
                      : offers(kCredentials)    ? kCredentials
                                                : kNoAcceptableMethod;
  ByteWriter(output_).u8(kVersion5).u8(chosen);
  if (chosen == kNoAcceptableMethod) return fail(SocksErrc::NoAcceptableMethod);
  if (chosen == kCredentials) return enter(State::Credentials, 2);
  enter(State::Request, 5);
}

void SocksServer::on_credentials() {
  if (u8_at(input_, 0) != kCredentialsVersion) return fail(SocksErrc::BadVersion);
  const std::size_t user_bytes = u8_at(input_, 1);
  if (lacks(3 + user_bytes)) return;
  const std::size_t password_bytes = u8_at(input_, 2 + user_bytes);
  if (lacks(3 + user_bytes + password_bytes)) return;
  ByteWriter(output_).u8(kCredentialsVersion).u8(0);
  enter(State::Request, 5);
}

void SocksServer::on_request5() {
  if (u8_at(input_, 0) != kVersion5) return fail(SocksErrc::BadVersion);
  const auto type = u8_at(input_, 3);
  const std::size_t host_bytes = type == kAddressV4     ? 4
                                 : type == kAddressV6   ? 16
                                 : type == kAddressName ? 1U + u8_at(input_, 4)
                                                        : 0;
  if (host_bytes == 0) return refuse(SocksReply::AddressTypeNotSupported, SocksErrc::AddressTypeNotSupported);
  if (lacks(4 + host_bytes + 2)) return;
  // Judged after the whole request was read: closing over unread bytes would reset the connection and lose the reply.
  const auto command = u8_at(input_, 1);
  if (command != kConnect && command != kUdpAssociate)
    return refuse(SocksReply::CommandNotSupported, SocksErrc::CommandNotSupported);
  command_ = command == kConnect ? SocksCommand::Connect : SocksCommand::UdpAssociate;
  const auto port = u16_at(input_, 4 + host_bytes);
  if (type == kAddressName) return accept_name(as_text(ByteView(input_).subspan(5, host_bytes - 1)), port);
  if (type == kAddressV4) return accept(IpAddress::v4(u32_at(input_, 4)), port);
  std::array<std::uint8_t, 16> v6{};
  std::transform(input_.begin() + 4, input_.begin() + 20, v6.begin(),
                 [](std::byte b) { return std::to_integer<std::uint8_t>(b); });
  accept(IpAddress::v6(v6), port);
}

void SocksServer::on_request4() {
  const auto text = as_text(input_);
  const auto user_end = text.find('\0', 8);
  if (user_end == std::string_view::npos) {
    if (input_.size() > 8 + kMaxUserIdBytes) return fail(SocksErrc::TooLong);
    wanted_ = input_.size() + 1;
    return;
  }
  const auto address = u32_at(input_, 4);
  const bool is_4a = address != 0 && address <= 0xff;  // 0.0.0.x: a name follows
  const auto host_at = user_end + 1;
  const auto host_end = is_4a ? text.find('\0', host_at) : user_end;
  if (host_end == std::string_view::npos) {
    if (input_.size() - host_at > kMaxHostBytes) return fail(SocksErrc::TooLong);
    wanted_ = input_.size() + 1;
    return;
  }
  if (u8_at(input_, 1) != kConnect) return refuse(SocksReply::CommandNotSupported, SocksErrc::CommandNotSupported);
  const auto port = u16_at(input_, 2);
  if (is_4a) return accept_name(text.substr(host_at, host_end - host_at), port);
  accept(IpAddress::v4(address), port);
}

void SocksServer::accept_name(std::string_view host, std::uint16_t port) {
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (const auto literal = IpAddress::parse(bracketed ? host.substr(1, host.size() - 2) : host))
    return accept(*literal, port);
  if (host.empty() || host.size() > kMaxHostBytes || !is_visible_ascii(host))
    return refuse(SocksReply::GeneralFailure, SocksErrc::BadHost);
  request_ = SocksRequest{command_, Private(std::string(host)), port};
  enter(State::AwaitingReply, 0);
}

void SocksServer::accept(const IpAddress& address, std::uint16_t port) {
  request_ = SocksRequest{command_, Private(address), port};
  enter(State::AwaitingReply, 0);
}

void SocksServer::fail(SocksErrc error) {
  error_ = error;
  enter(State::Failed, 0);
}

void SocksServer::refuse(SocksReply code, SocksErrc error) {
  push_reply(code);
  fail(error);
}

void SocksServer::reply(SocksReply code, const std::optional<Endpoint>& bound) {
  FB_ASSERT(state_ == State::AwaitingReply);
  push_reply(code, bound);
  state_ = State::Done;
}

void SocksServer::push_reply(SocksReply code, const std::optional<Endpoint>& bound) {
  ByteWriter writer(output_);
  if (version_ == kVersion4) {
    writer.u8(0).u8(code == SocksReply::Granted ? kGranted4 : kRejected4).u16(0).u32(0);
  } else {
    // Where nothing is bound for the application, all zeros: the address of a connection is the egress's.
    const auto at = bound.value_or(Endpoint{IpAddress::v4(0), 0});
    writer.u8(kVersion5).u8(static_cast<std::uint8_t>(code)).u8(0);
    writer.u8(at.address.is_v4() ? kAddressV4 : kAddressV6).bytes(at.address.view()).u16(at.port);
  }
}

LocalProtocol sniff_local_protocol(std::byte first) {
  const auto byte = std::to_integer<unsigned>(first);
  if (byte == kVersion5) return LocalProtocol::Socks5;
  if (byte == kVersion4) return LocalProtocol::Socks4;
  return byte >= 'A' && byte <= 'Z' ? LocalProtocol::Http : LocalProtocol::Unknown;
}

}  // namespace footbridge::wire
