#include "wire/socks5.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "base/assert.hpp"
#include "base/byte_writer.hpp"

namespace footbridge::wire {
namespace {

constexpr std::uint8_t kVersion5 = 5;
constexpr std::uint8_t kVersion4 = 4;
constexpr std::uint8_t kNoAuthentication = 0x00;
constexpr std::uint8_t kCredentials = 0x02;
constexpr std::uint8_t kParameterBlock = 0x09;  // IANA: "JSON Parameter Block"
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
// The best of what is offered. Who has arguments offers "none" as well: a transport that took it would never hear them.
constexpr std::array<std::uint8_t, 2> kMethodsForApplications{kNoAuthentication, kCredentials};
constexpr std::array<std::uint8_t, 3> kMethodsForTransport{kParameterBlock, kCredentials, kNoAuthentication};
constexpr std::string_view kNoPassword("\0", 1);  // RFC 1929 asks for one byte at least

std::uint8_t choose_method(ByteView offered, std::span<const std::uint8_t> preferred) {
  const auto chosen = std::find_if(preferred.begin(), preferred.end(), [&](std::uint8_t method) {
    return std::find(offered.begin(), offered.end(), std::byte{method}) != offered.end();
  });
  return chosen == preferred.end() ? kNoAcceptableMethod : *chosen;
}

SocksReply reply_of(PtArgumentsErrc error) {
  switch (error) {
    case PtArgumentsErrc::TooLong: return SocksReply::ArgumentsTooLong;
    case PtArgumentsErrc::NoEqualsSign:
    case PtArgumentsErrc::UnfinishedEscape:
    case PtArgumentsErrc::NotJson: return SocksReply::ArgumentsUnreadable;
    case PtArgumentsErrc::TooMany:
    case PtArgumentsErrc::BadKey:
    case PtArgumentsErrc::BadValue:
    case PtArgumentsErrc::RepeatedKey:
    case PtArgumentsErrc::NotStrings: return SocksReply::ArgumentsUnusable;
  }
  FB_ASSERT(false);
}

bool is_about_arguments(SocksReply code) { return code >= SocksReply::ArgumentsTooLong; }

bool is_visible_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

}  // namespace

Result<std::size_t, SocksErrc> SocksServer::on_bytes(ByteView in) {
  std::size_t consumed = 0;
  while (in_handshake()) {
    consumed += input_.take(in.subspan(consumed));
    if (!input_.complete()) return consumed;
    step();
  }
  if (error_) return *error_;
  return consumed;
}

void SocksServer::on_deadline() {
  if (!in_handshake()) return;
  if (state_ == State::ParameterBlock) return refuse(SocksReply::ArgumentsTooSlow, SocksErrc::TooSlow);
  fail(SocksErrc::TooSlow);
}

Bytes SocksServer::take_output() { return std::exchange(output_, Bytes()); }

// What was wanted is here: either it decides, or it tells how much more is needed.
void SocksServer::step() {
  switch (state_) {
    case State::Greeting: return on_greeting();
    case State::Credentials: return on_credentials();
    case State::ParameterBlock: return on_parameter_block();
    case State::Request: return version_ == kVersion5 ? on_request5() : on_request4();
    case State::AwaitingReply:
    case State::Done:
    case State::Failed: break;
  }
  FB_ASSERT(false);
}

bool SocksServer::in_handshake() const {
  return state_ != State::AwaitingReply && state_ != State::Done && state_ != State::Failed;
}

void SocksServer::enter(State state, std::size_t wanted) {
  state_ = state;
  input_.begin(wanted);
}

void SocksServer::on_greeting() {
  version_ = input_.u8(0);
  if (version_ == kVersion4) {
    state_ = State::Request;  // the request has begun already
    return input_.want(8);
  }
  if (version_ != kVersion5) return fail(SocksErrc::BadVersion);
  const std::size_t methods = input_.u8(1);
  if (input_.lacks(2 + methods)) return;
  const auto offered = input_.view().subspan(2);
  method_ = use_ == SocksUse::Transport ? choose_method(offered, kMethodsForTransport)
                                        : choose_method(offered, kMethodsForApplications);
  ByteWriter(output_).u8(kVersion5).u8(method_);
  if (method_ == kNoAcceptableMethod) return fail(SocksErrc::NoAcceptableMethod);
  if (method_ == kCredentials) return enter(State::Credentials, 2);
  if (method_ == kParameterBlock) return enter(State::ParameterBlock, 4);
  enter(State::Request, 5);
}

void SocksServer::on_credentials() {
  if (input_.u8(0) != kCredentialsVersion) return fail(SocksErrc::BadVersion);
  const std::size_t user_bytes = input_.u8(1);
  if (input_.lacks(3 + user_bytes)) return;
  const std::size_t password_bytes = input_.u8(2 + user_bytes);
  if (input_.lacks(3 + user_bytes + password_bytes)) return;
  ByteWriter(output_).u8(kCredentialsVersion).u8(0);
  if (use_ == SocksUse::Transport) {
    const auto text = as_text(input_.view());
    const auto password = text.substr(3 + user_bytes);
    auto joined = std::string(text.substr(2, user_bytes));
    if (password != kNoPassword) joined += password;
    take_arguments(parse_pt_arguments(joined));
  }
  enter(State::Request, 5);
}

void SocksServer::on_parameter_block() {
  const std::size_t bytes = input_.u32(0);
  if (bytes > kMaxPtJsonBytes) {
    arguments_error_ = PtArgumentsErrc::TooLong;
    return refuse(SocksReply::ArgumentsTooLong, SocksErrc::BadArguments);
  }
  if (input_.lacks(4 + bytes)) return;
  take_arguments(parse_pt_json_arguments(as_text(input_.view()).substr(4)));
  enter(State::Request, 5);
}

void SocksServer::on_request5() {
  if (input_.u8(0) != kVersion5) return fail(SocksErrc::BadVersion);
  const auto type = input_.u8(3);
  const std::size_t host_bytes = type == kAddressV4     ? 4
                                 : type == kAddressV6   ? 16
                                 : type == kAddressName ? 1U + input_.u8(4)
                                                        : 0;
  if (host_bytes == 0) return refuse(SocksReply::AddressTypeNotSupported, SocksErrc::AddressTypeNotSupported);
  if (input_.lacks(4 + host_bytes + 2)) return;
  // Judged after the whole request was read: closing over unread bytes would reset the connection and lose the reply.
  const auto command = input_.u8(1);
  const bool udp = command == kUdpAssociate && use_ == SocksUse::Applications;
  if (command != kConnect && !udp) return refuse(SocksReply::CommandNotSupported, SocksErrc::CommandNotSupported);
  command_ = udp ? SocksCommand::UdpAssociate : SocksCommand::Connect;
  const auto port = input_.u16(4 + host_bytes);
  if (type == kAddressName) return accept_name(as_text(input_.view().subspan(5, host_bytes - 1)), port);
  if (type == kAddressV4) return accept(Private(IpAddress::v4(input_.u32(4))), port);
  std::array<std::uint8_t, 16> v6{};
  const auto sent = input_.view().subspan(4, v6.size());
  std::transform(sent.begin(), sent.end(), v6.begin(), [](std::byte b) { return std::to_integer<std::uint8_t>(b); });
  accept(Private(IpAddress::v6(v6)), port);
}

void SocksServer::on_request4() {
  const auto most_user_id_bytes = use_ == SocksUse::Transport ? kMaxPtArgumentBytes : kMaxUserIdBytes;
  const auto text = as_text(input_.view());
  const auto user_end = text.find('\0', 8);
  if (user_end == std::string_view::npos) {
    if (input_.size() > 8 + most_user_id_bytes) return fail(SocksErrc::TooLong);
    return input_.want(input_.size() + 1);
  }
  const auto address = input_.u32(4);
  const bool is_4a = address != 0 && address <= 0xff;  // 0.0.0.x: a name follows
  const auto host_at = user_end + 1;
  const auto host_end = is_4a ? text.find('\0', host_at) : user_end;
  if (host_end == std::string_view::npos) {
    if (input_.size() - host_at > kMaxHostBytes) return fail(SocksErrc::TooLong);
    return input_.want(input_.size() + 1);
  }
  if (input_.u8(1) != kConnect) return refuse(SocksReply::CommandNotSupported, SocksErrc::CommandNotSupported);
  if (use_ == SocksUse::Transport) take_arguments(parse_pt_arguments(text.substr(8, user_end - 8)));
  const auto port = input_.u16(2);
  if (is_4a) return accept_name(text.substr(host_at, host_end - host_at), port);
  accept(Private(IpAddress::v4(address)), port);
}

void SocksServer::take_arguments(Result<PtArguments, PtArgumentsErrc> parsed) {
  if (parsed)
    arguments_ = std::move(*parsed);
  else
    arguments_error_ = parsed.error();
}

void SocksServer::accept_name(std::string_view host, std::uint16_t port) {
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (const auto literal = IpAddress::parse(bracketed ? host.substr(1, host.size() - 2) : host))
    return accept(Private(*literal), port);
  if (host.empty() || host.size() > kMaxHostBytes || !is_visible_ascii(host))
    return refuse(SocksReply::GeneralFailure, SocksErrc::BadHost);
  accept(Private(std::string(host)), port);
}

void SocksServer::accept(SocksHost host, std::uint16_t port) {
  if (arguments_error_) return refuse(reply_of(*arguments_error_), SocksErrc::BadArguments);
  request_ = SocksRequest{command_, std::move(host), port, std::move(arguments_)};
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
    const auto said = is_about_arguments(code) && method_ != kParameterBlock ? SocksReply::GeneralFailure : code;
    writer.u8(kVersion5).u8(static_cast<std::uint8_t>(said)).u8(0);
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
