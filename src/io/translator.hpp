// Translator: the way of one link's datagrams as an address translator of a given kind would lead them, on this
// machine's own address. With it a link finds out whom its other end can meet (spec 13 §11).
//
//   as moderate   one port for everybody; lets in whom it has sent to, by address and port
//   as strict     another port for each destination, the same filter: the port that a STUN server sees, which the
//                 link's description names, is one from which no other end is ever sent anything
//
// IPv4 only, as NAT classes are: over IPv6 any two ends meet. What is to go elsewhere is lost.
// Bounds: kMaxTranslated destinations; what is for more of them is lost. Errors: over at once where the system gives no
// socket. Threads: one at a time. Ownership: owns its descriptors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <sys/socket.h>
#include <vector>

#include "base/address.hpp"
#include "base/private.hpp"
#include "io/datagrams.hpp"
#include "io/descriptor.hpp"
#include "io/detour.hpp"
#include "io/local_addresses.hpp"

namespace footbridge::io {

enum class TranslatorKind : std::uint8_t { Moderate, Strict };

class Translator final : public Detour, private DatagramRuns {
 public:
  // NAT-B12: a link has 17 far ends at most (webrtc::kMaxStandIns), and its STUN server is one of them.
  static constexpr std::size_t kMaxTranslated = 32;

  // `stun_server`: who tells the link its outside address; without one its description names no address.
  Translator(TranslatorKind kind, LocalAddresses local, std::optional<Private<Endpoint>> stun_server);
  ~Translator() override;
  Translator(const Translator&) = delete;
  Translator& operator=(const Translator&) = delete;

  void start(DetourEvents& events) override;
  int descriptor() const override { return ready_.get(); }
  void work() override;
  void send_run(const wire::Destination& to, ByteView run, std::size_t segment_bytes) override;
  void allow_fragments(bool allowed) override;
  std::optional<Private<wire::Destination>> stun_server() const override;

 private:
  // One outside port, and to whom something was sent from it.
  struct Port {
    Descriptor socket;
    std::vector<Private<Endpoint>> asked;
    bool has_asked(const Endpoint& whom) const;
  };

  Port* open_port();
  Port* port_towards(const Endpoint& to);
  bool on_run(const sockaddr_storage& from, ByteView run, std::size_t segment_bytes) override;

  TranslatorKind kind_;
  LocalAddresses local_;
  std::optional<Private<Endpoint>> stun_server_;
  DetourEvents* events_ = nullptr;  // null before start()
  Descriptor ready_;                // an epoll of all ports
  std::deque<Port> ports_;          // stay where they are; as moderate: one, from start() on
  const Port* reading_ = nullptr;   // during work()
  std::size_t destinations_ = 0;
  bool fragments_allowed_ = true;
};

}  // namespace footbridge::io
