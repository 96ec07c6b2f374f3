#include "crypto/noise/handshake.hpp"

#include <utility>

#include "base/assert.hpp"

namespace footbridge::crypto::noise {
namespace {

constexpr std::size_t kKeyBytes = X25519PublicKey::kBytes;

bool carries_key(Token token) { return token == Token::E || token == Token::S; }

}  // namespace

Handshake::Handshake(Pattern pattern, Role role, ByteView prologue, const HandshakeKeys& keys)
    : shape_(&shape_of(pattern)),
      role_(role),
      state_(role == Role::Initiator ? State::Writing : State::Reading),
      secrets_(Secrets{SymmetricState(shape_->protocol_name), keys.mine, std::nullopt, keys.peers, std::nullopt}),
      peer_static_(keys.peers) {
  FB_ASSERT(keys.mine.has_value() == (!is_initiator() || shape_->initiator_is_known));
  FB_ASSERT(keys.peers.has_value() == is_initiator());
  secrets_->symmetric.mix_hash(prologue);
  secrets_->symmetric.mix_hash(is_initiator() ? keys.peers->view() : keys.mine->public_key.view());
}

Handshake::Handshake(Handshake&& other) noexcept
    : shape_(other.shape_),
      role_(other.role_),
      state_(std::exchange(other.state_, State::Over)),
      next_(std::exchange(other.next_, 0)),
      secrets_(std::exchange(other.secrets_, std::nullopt)),
      peer_static_(std::exchange(other.peer_static_, std::nullopt)),
      hash_(other.hash_) {}

Handshake& Handshake::operator=(Handshake&& other) noexcept {
  shape_ = other.shape_;
  role_ = other.role_;
  state_ = std::exchange(other.state_, State::Over);
  next_ = std::exchange(other.next_, 0);
  secrets_ = std::exchange(other.secrets_, std::nullopt);
  peer_static_ = std::exchange(other.peer_static_, std::nullopt);
  hash_ = other.hash_;
  return *this;
}

std::size_t Handshake::overhead() const {
  FB_ASSERT(state_ == State::Writing || state_ == State::Reading);
  bool sealed = secrets_->symmetric.has_key();
  std::size_t bytes = 0;
  for (const auto token : tokens()) {
    if (token == Token::E) bytes += kKeyBytes;  // never sealed
    if (token == Token::S) bytes += kKeyBytes + (sealed ? kAeadTagBytes : 0);
    if (!carries_key(token)) sealed = true;
  }
  return bytes + (sealed ? kAeadTagBytes : 0);
}

void Handshake::write_key(Token token, Bytes& message, Rng& rng) {
  auto& s = *secrets_;
  if (token == Token::S) return append(message, s.symmetric.encrypt_and_hash(s.mine_static->public_key.view()));
  s.mine_ephemeral = X25519KeyPair::random(rng);
  append(message, s.mine_ephemeral->public_key.view());
  s.symmetric.mix_hash(s.mine_ephemeral->public_key.view());
}

bool Handshake::read_key(Token token, ByteView& rest) {
  auto& s = *secrets_;
  const bool sealed = token == Token::S && s.symmetric.has_key();
  const auto bytes = kKeyBytes + (sealed ? kAeadTagBytes : 0);
  if (rest.size() < bytes) return false;
  const auto field = rest.first(bytes);
  rest = rest.subspan(bytes);
  if (token == Token::S) {
    const auto key = s.symmetric.decrypt_and_hash(field);
    if (!key) return false;
    s.peer_static = X25519PublicKey::from(*key);
  } else {
    s.peer_ephemeral = X25519PublicKey::from(field);
    s.symmetric.mix_hash(field);
  }
  return true;
}

// Mixes in the secret of a pair of keys: the first letter is the initiator's key, the second the responder's.
bool Handshake::agree(Token token) {
  auto& s = *secrets_;
  const bool initiators_ephemeral = token == Token::EE || token == Token::ES;
  const bool responders_ephemeral = token == Token::EE || token == Token::SE;
  const bool mine_ephemeral = is_initiator() ? initiators_ephemeral : responders_ephemeral;
  const bool peers_ephemeral = is_initiator() ? responders_ephemeral : initiators_ephemeral;
  const auto& mine = mine_ephemeral ? s.mine_ephemeral : s.mine_static;
  const auto& peers = peers_ephemeral ? s.peer_ephemeral : s.peer_static;
  FB_ASSERT(mine.has_value() && peers.has_value());  // the pattern's tables see to that
  const auto shared = x25519(mine->secret, *peers);
  if (!shared) return false;
  s.symmetric.mix_key(*shared);
  return true;
}

Result<Bytes, NoiseErrc> Handshake::write(ByteView payload, Rng& rng) {
  FB_ASSERT(state_ == State::Writing && payload.size() <= max_payload());
  Bytes message;
  message.reserve(overhead() + payload.size());
  for (const auto token : tokens()) {
    if (carries_key(token))
      write_key(token, message, rng);
    else if (!agree(token))
      return fail();
  }
  append(message, secrets_->symmetric.encrypt_and_hash(payload));
  advance();
  return message;
}

Result<Bytes, NoiseErrc> Handshake::read(ByteView message) {
  FB_ASSERT(state_ == State::Reading);
  if (message.size() > kMaxMessageBytes) return fail();
  auto rest = message;
  for (const auto token : tokens())
    if (carries_key(token) ? !read_key(token, rest) : !agree(token)) return fail();
  auto payload = secrets_->symmetric.decrypt_and_hash(rest);
  if (!payload) return fail();
  // Only now: a static key is the peer's when the secret that needs its other half has opened something.
  peer_static_ = secrets_->peer_static;
  advance();
  return std::move(*payload);
}

void Handshake::advance() {
  ++next_;
  if (next_ == shape_->messages.size()) {
    hash_ = secrets_->symmetric.hash();
    state_ = State::Complete;
  } else {
    state_ = state_ == State::Writing ? State::Reading : State::Writing;
  }
}

NoiseErrc Handshake::fail() {
  state_ = State::Failed;
  secrets_.reset();
  peer_static_.reset();
  return NoiseErrc::Refused;
}

const HandshakeHash& Handshake::hash() const {
  FB_ASSERT(state_ == State::Complete || state_ == State::Over);
  FB_ASSERT(next_ == shape_->messages.size());  // it was not moved from
  return hash_;
}

Transport Handshake::split() {
  FB_ASSERT(state_ == State::Complete);
  auto [initiators, responders] = secrets_->symmetric.split();
  state_ = State::Over;
  secrets_.reset();
  return is_initiator() ? Transport(std::move(initiators), std::move(responders))
                        : Transport(std::move(responders), std::move(initiators));
}

}  // namespace footbridge::crypto::noise
