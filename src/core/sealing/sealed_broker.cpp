#include "core/sealing/sealed_broker.hpp"

#include <utility>

#include "base/assert.hpp"
#include "crypto/primitives.hpp"

namespace footbridge::core {

using crypto::RequestKind;
using crypto::noise::Handshake;
using crypto::noise::Pattern;
using crypto::noise::Role;

namespace {

std::uint64_t seconds(Seconds span) { return static_cast<std::uint64_t>(span.count()); }

// What makes two requests the same one. Of a resumed one it is the ticket, which is good once, whatever is around it;
// of others the envelope's nonce, which what is inside is bound to. The kind keeps the two apart.
Bytes name_of(const crypto::Envelope::Request& request) {
  Bytes name;
  name.reserve(1 + crypto::kAeadNonceBytes);
  name.push_back(static_cast<std::byte>(request.header.kind));
  const bool has_ticket =
      request.header.kind == RequestKind::Resumed && request.message.size() >= crypto::kResumptionTicketBytes;
  append(name, has_ticket ? ByteView(request.message).first(crypto::kAeadNonceBytes) : ByteView(request.header.nonce));
  return name;
}

std::optional<ProxyId> proxy_of(const Handshake& handshake) {
  const auto& key = handshake.peer_static();
  return key ? ProxyId::from(key->view()) : std::nullopt;
}

}  // namespace

SealedBroker::SealedBroker(const crypto::SecretKey& obfuscation_secret, UnixSeconds started, Rng& rng)
    : rng_(rng),
      envelope_(obfuscation_secret),
      started_(started),
      ratchet_(started, rng),
      guard_(rng),
      directory_guard_(rng, kDirectorySlots) {}

Result<OpenedRequest, SealErrc> SealedBroker::open(UnixSeconds now, ByteView body) {
  keys_.forget_old(now);
  ratchet_.advance(now);
  const auto request = envelope_.open_request(body);
  if (!request) return refuse(SealRefusal::Envelope);
  auto name = name_of(*request);
  if (const auto why = judge(now, *request, name)) {
    envelope_.spend_on_refusal(body);  // whoever recorded it must not see by the clock that it was something
    return refuse(*why);
  }
  auto inside = open_inside(*request);
  if (!inside) return refuse(SealRefusal::Inside);
  const bool directory = request->header.kind == RequestKind::Directory;
  auto& guard = directory ? directory_guard_ : guard_;
  if (!guard.remember(request->header.stamp, name))
    return refuse(directory ? SealRefusal::DirectoryFull : SealRefusal::Full);
  ++opened_;
  return OpenedRequest{request->header.kind, inside->proxy, std::move(inside->body),
                       ReplySeal(request->header.nonce, std::move(inside->how)), std::move(name)};
}

std::optional<SealRefusal> SealedBroker::judge(UnixSeconds now, const crypto::Envelope::Request& request,
                                               ByteView name) const {
  const auto stamp = request.header.stamp;
  if (request.header.kind != RequestKind::Resumed) {
    // A ticket is of this process. Everything else may have been taken by the one before, up to kFirstAhead ahead.
    const auto ahead = seconds(kFirstAhead);
    if (count(stamp) > count(now) && count(stamp) - count(now) > ahead) return SealRefusal::Stale;
    if (count(stamp) < count(started_) || count(stamp) - count(started_) <= ahead) return SealRefusal::Stale;
  }
  const auto& guard = request.header.kind == RequestKind::Directory ? directory_guard_ : guard_;
  switch (guard.look(now, stamp, name)) {
    case ReplayGuard::Verdict::Fresh: return std::nullopt;
    case ReplayGuard::Verdict::Stale: return SealRefusal::Stale;
    case ReplayGuard::Verdict::Replayed: return SealRefusal::Replayed;
  }
  FB_ASSERT(false);
}

std::optional<SealedBroker::Inside> SealedBroker::open_inside(const crypto::Envelope::Request& request) const {
  switch (request.header.kind) {
    case RequestKind::Directory: return Inside{std::nullopt, request.message, std::monostate{}};
    case RequestKind::Client:
    case RequestKind::Proxy: return open_handshake(request);
    case RequestKind::Resumed: return open_resumed(request);
  }
  FB_ASSERT(false);
}

std::optional<SealedBroker::Inside> SealedBroker::open_handshake(const crypto::Envelope::Request& request) const {
  const auto pattern = request.header.kind == RequestKind::Proxy ? Pattern::IK : Pattern::NK;
  const auto prologue = crypto::binding(request.header);
  for (const auto& key : keys_.usable()) {
    Handshake handshake(pattern, Role::Responder, prologue, {key, std::nullopt});
    auto body = handshake.read(request.message);
    if (!body) continue;
    const auto proxy = proxy_of(handshake);
    return Inside{proxy, std::move(*body), std::move(handshake)};
  }
  return std::nullopt;
}

std::optional<SealedBroker::Inside> SealedBroker::open_resumed(const crypto::Envelope::Request& request) const {
  const ByteView message = request.message;
  if (message.size() < crypto::kResumptionTicketBytes) return std::nullopt;
  auto ticket = ratchet_.open(message.first(crypto::kResumptionTicketBytes));
  if (!ticket) return std::nullopt;
  const auto keys = crypto::exchange_keys(ticket->keys, crypto::binding(request.header));
  auto body = crypto::open_once(keys.request, message.subspan(crypto::kResumptionTicketBytes));
  if (!body) return std::nullopt;
  return Inside{ticket->proxy, std::move(*body),
                ReplySeal::Resumed{keys.response, {ticket->proxy, keys.next, ticket->begun}}};
}

Bytes SealedBroker::seal(UnixSeconds now, ReplySeal reply, ByteView body) {
  FB_ASSERT(body.size() <= kMaxSealedBodyBytes);
  ratchet_.advance(now);
  Bytes message;
  if (auto* handshake = std::get_if<Handshake>(&reply.how_))
    message = seal_handshake(now, *handshake, body);
  else if (const auto* resumed = std::get_if<ReplySeal::Resumed>(&reply.how_))
    message = seal_resumed(now, *resumed, body);
  else
    message = to_bytes(body);
  return envelope_.seal_response(reply.request_, message, rng_);
}

// Noise's second message, and behind it the ticket as the first message of the transport.
Bytes SealedBroker::seal_handshake(UnixSeconds now, Handshake& handshake, ByteView body) {
  const auto proxy = proxy_of(handshake);
  auto message = handshake.write(body, rng_);
  FB_ASSERT(message.ok());  // a key that agrees on nothing was refused when the first message was read
  auto transport = handshake.split();
  const auto keys = transport.derive(kResumptionLabel);
  auto ticket = ratchet_.seal({proxy, {keys.receiving, keys.sending}, now}, rng_);
  append(*message, transport.write(ticket));
  return std::move(*message);
}

Bytes SealedBroker::seal_resumed(UnixSeconds now, const ReplySeal::Resumed& resumed, ByteView body) {
  const auto begun = resumed.next.begun;
  const bool renewed = count(now) < count(begun) || count(now) - count(begun) < seconds(kMostRenewals);
  Bytes plain{static_cast<std::byte>(renewed)};
  plain.reserve(1 + crypto::kResumptionTicketBytes + body.size());
  if (renewed) append(plain, ratchet_.seal(resumed.next, rng_));
  append(plain, body);
  return crypto::seal_once(resumed.response, plain);
}

SealErrc SealedBroker::refuse(SealRefusal why) {
  ++refused_[static_cast<std::size_t>(why)];
  return SealErrc::Refused;
}

std::string_view name(SealRefusal refusal) {
  switch (refusal) {
    case SealRefusal::Envelope: return "envelope";
    case SealRefusal::Stale: return "stale";
    case SealRefusal::Replayed: return "replayed";
    case SealRefusal::Inside: return "inside";
    case SealRefusal::Full: return "full";
    case SealRefusal::DirectoryFull: return "directory-full";
  }
  FB_ASSERT(false);
}

}  // namespace footbridge::core
