// One end of a Noise handshake, for somebody else's implementation to talk to: noise_peer PATTERN ROLE PROLOGUE MINE
// PEERS, each in hexadecimal or `-` for nothing (MINE is a static secret, PEERS a static public key). Then a command a
// line: write PAYLOAD, read MESSAGE, read_at NUMBER MESSAGE, hash, peer, rekey. Answers with hexadecimal, or `refused`,
// or `ok`. After the last message of the handshake write and read are those of the transport.
#include <iostream>
#include <optional>
#include <sstream>
#include <string>

#include "base/encoding.hpp"
#include "crypto/noise/handshake.hpp"
#include "crypto/system_rng.hpp"

namespace {

using namespace footbridge;
using namespace footbridge::crypto;

Bytes bytes_of(const std::string& hex) { return hex == "-" ? Bytes{} : parse_hex(hex).value(); }

std::string said(const Result<Bytes, noise::NoiseErrc>& result) {
  if (!result) return "refused";
  return result->empty() ? "-" : encode_hex(*result);
}

noise::Pattern pattern_of(const std::string& name) {
  return name == "IK" ? noise::Pattern::IK : name == "NK" ? noise::Pattern::NK : noise::Pattern::XK;
}

class Peer {
 public:
  explicit Peer(noise::Handshake handshake) : handshake_(std::move(handshake)) {}

  std::string answer(std::istream& line) {
    std::string command, first, second;
    line >> command >> first >> second;
    if (command == "write") return said(transport_ ? transport_->write(bytes_of(first)) : shake(true, bytes_of(first)));
    if (command == "read") return said(transport_ ? transport_->read(bytes_of(first)) : shake(false, bytes_of(first)));
    if (command == "read_at") return said(transport_->read_at(std::stoull(first), bytes_of(second)));
    if (command == "hash") return encode_hex(handshake_.hash());
    if (command == "peer") return handshake_.peer_static() ? encode_hex(handshake_.peer_static()->view()) : "-";
    if (command != "rekey") return "what?";
    transport_->rekey_sending();
    transport_->rekey_receiving();
    return "ok";
  }

 private:
  Result<Bytes, noise::NoiseErrc> shake(bool write, const Bytes& bytes) {
    auto out = write ? handshake_.write(bytes, rng_) : handshake_.read(bytes);
    if (handshake_.state() == noise::Handshake::State::Complete) transport_ = handshake_.split();
    return out;
  }

  SystemRng rng_;
  noise::Handshake handshake_;
  std::optional<noise::Transport> transport_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) return 2;
  noise::HandshakeKeys keys;
  if (const auto mine = X25519Secret::from(bytes_of(argv[4]))) keys.mine = X25519KeyPair::from(*mine);
  keys.peers = X25519PublicKey::from(bytes_of(argv[5]));
  const auto role = std::string(argv[2]) == "initiator" ? noise::Role::Initiator : noise::Role::Responder;
  Peer peer(noise::Handshake(pattern_of(argv[1]), role, bytes_of(argv[3]), keys));
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    std::cout << peer.answer(words) << std::endl;
  }
  return 0;
}
