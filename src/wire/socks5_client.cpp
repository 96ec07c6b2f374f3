#include "wire/socks5_client.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "base/byte_writer.hpp"
#include "base/overloaded.hpp"

namespace footbridge::wire {
namespace {

constexpr std::uint8_t kVersion = 5;
constexpr std::uint8_t kCredentialsVersion = 1;  // RFC 1929
constexpr std::uint8_t kNoAuthentication = 0;
constexpr std::uint8_t kUserAndPassword = 2;
constexpr std::uint8_t kNoMethod = 0xff;
constexpr std::uint8_t kConnect = 1;
constexpr std::uint8_t kUdpAssociate = 3;
constexpr std::uint8_t kAddressV4 = 1;
constexpr std::uint8_t kAddressName = 3;
constexpr std::uint8_t kAddressV6 = 4;

std::optional<Socks5ClientErrc> refusal(std::uint8_t code) {
  switch (static_cast<SocksReply>(code)) {
    case SocksReply::Granted: return std::nullopt;
    case SocksReply::GeneralFailure: return Socks5ClientErrc::Failed;
    case SocksReply::NotAllowed: return Socks5ClientErrc::NotAllowed;
    case SocksReply::NetworkUnreachable: return Socks5ClientErrc::NetworkUnreachable;
    case SocksReply::HostUnreachable: return Socks5ClientErrc::HostUnreachable;
    case SocksReply::Refused: return Socks5ClientErrc::Refused;
    case SocksReply::TimedOut: return Socks5ClientErrc::TimedOut;
    case SocksReply::CommandNotSupported: return Socks5ClientErrc::CommandNotSupported;
    case SocksReply::AddressTypeNotSupported: return Socks5ClientErrc::AddressTypeNotSupported;
    case SocksReply::ArgumentsTooLong:  // these are about transports, which nobody asked for
    case SocksReply::ArgumentsTooSlow:
    case SocksReply::ArgumentsUnreadable:
    case SocksReply::ArgumentsUnusable: break;
  }
  return Socks5ClientErrc::Failed;
}

}  // namespace

std::string_view name(Socks5ClientErrc error) {
  switch (error) {
    case Socks5ClientErrc::NotSocks5: return "not-socks5";
    case Socks5ClientErrc::WantsCredentials: return "wants-credentials";
    case Socks5ClientErrc::WrongCredentials: return "wrong-credentials";
    case Socks5ClientErrc::Failed: return "failed";
    case Socks5ClientErrc::NotAllowed: return "not-allowed";
    case Socks5ClientErrc::NetworkUnreachable: return "network-unreachable";
    case Socks5ClientErrc::HostUnreachable: return "host-unreachable";
    case Socks5ClientErrc::Refused: return "refused";
    case Socks5ClientErrc::TimedOut: return "timed-out";
    case Socks5ClientErrc::CommandNotSupported: return "command-not-supported";
    case Socks5ClientErrc::AddressTypeNotSupported: return "address-type-not-supported";
  }
  FB_ASSERT(false);
}

Socks5Client::Socks5Client(Private<Destination> to, std::optional<Private<ProxyCredentials>> credentials)
    : command_(SocksCommand::Connect), to_(std::move(to)), credentials_(std::move(credentials)) {
  FB_ASSERT(is_destination(to_.reveal_to_socket()));
  greet();
}

Socks5Client::Socks5Client(std::optional<Private<ProxyCredentials>> credentials)
    : command_(SocksCommand::UdpAssociate), credentials_(std::move(credentials)) {
  greet();
}

Result<std::size_t, Socks5ClientErrc> Socks5Client::on_bytes(ByteView in) {
  std::size_t consumed = 0;
  while (state_ != State::Done && state_ != State::Failed) {
    consumed += input_.take(in.subspan(consumed));
    if (!input_.complete()) return consumed;
    step();
  }
  if (error_) return *error_;
  return consumed;
}

Bytes Socks5Client::take_output() { return std::exchange(output_, Bytes()); }

// What was wanted is here: either it decides, or it tells how much more is needed.
void Socks5Client::step() {
  switch (state_) {
    case State::Greeting: return on_method();
    case State::Credentials: return on_verdict();
    case State::Request: return on_reply();
    case State::Done:
    case State::Failed: break;
  }
  FB_ASSERT(false);
}

void Socks5Client::enter(State state, std::size_t wanted) {
  state_ = state;
  input_.begin(wanted);
}

void Socks5Client::fail(Socks5ClientErrc error) {
  error_ = error;
  enter(State::Failed, 0);
}

void Socks5Client::greet() {
  ByteWriter writer(output_);
  writer.u8(kVersion).u8(credentials_ ? 2 : 1).u8(kNoAuthentication);
  if (credentials_) writer.u8(kUserAndPassword);
}

void Socks5Client::ask() {
  enter(State::Request, 2);
  ByteWriter writer(output_);
  if (command_ == SocksCommand::UdpAssociate) {
    writer.u8(kVersion).u8(kUdpAssociate).u8(0).u8(kAddressV4).u32(0).u16(0);
    return;
  }
  const auto& [host, port] = to_.reveal_to_socket();
  writer.u8(kVersion).u8(kConnect).u8(0);
  std::visit(Overloaded{[&](const std::string& text) {
                          writer.u8(kAddressName).u8(static_cast<std::uint8_t>(text.size())).bytes(as_bytes(text));
                        },
                        [&](const IpAddress& address) {
                          writer.u8(address.is_v4() ? kAddressV4 : kAddressV6).bytes(address.view());
                        }},
             host);
  writer.u16(port);
}

void Socks5Client::on_method() {
  if (input_.u8(0) != kVersion) return fail(Socks5ClientErrc::NotSocks5);
  const auto method = input_.u8(1);
  if (method == kNoAuthentication) return ask();
  if (method == kNoMethod)
    return fail(credentials_ ? Socks5ClientErrc::WrongCredentials : Socks5ClientErrc::WantsCredentials);
  if (method != kUserAndPassword || !credentials_) return fail(Socks5ClientErrc::NotSocks5);
  enter(State::Credentials, 2);
  const auto& [user, password] = credentials_->reveal_to_socket();
  ByteWriter writer(output_);
  writer.u8(kCredentialsVersion).u8(static_cast<std::uint8_t>(user.size())).bytes(as_bytes(user));
  writer.u8(static_cast<std::uint8_t>(password.size())).bytes(as_bytes(password));
}

void Socks5Client::on_verdict() {
  if (input_.u8(0) != kCredentialsVersion) return fail(Socks5ClientErrc::NotSocks5);
  if (input_.u8(1) != 0) return fail(Socks5ClientErrc::WrongCredentials);
  ask();
}

void Socks5Client::on_reply() {
  if (input_.u8(0) != kVersion) return fail(Socks5ClientErrc::NotSocks5);
  // Some proxies end a refusal here, or fill its rest with anything.
  if (const auto why = refusal(input_.u8(1))) return fail(*why);
  if (input_.lacks(5)) return;
  const auto type = input_.u8(3);
  const std::size_t host_bytes = type == kAddressV4     ? 4
                                 : type == kAddressV6   ? 16
                                 : type == kAddressName ? 1U + input_.u8(4)
                                                        : 0;
  if (host_bytes == 0) return fail(Socks5ClientErrc::NotSocks5);
  if (input_.lacks(4 + host_bytes + 2)) return;
  bound_port_ = input_.u16(4 + host_bytes);
  if (command_ == SocksCommand::UdpAssociate && bound_port_ == 0) return fail(Socks5ClientErrc::NotSocks5);
  enter(State::Done, 0);
}

}  // namespace footbridge::wire
