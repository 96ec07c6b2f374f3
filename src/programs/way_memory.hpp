// WayMemory: which ways to brokers helped in which whereabouts, kept across restarts: a client that was blocked here
// yesterday begins today with what worked here then. Whereabouts are the network that the machine is attached to; what
// helped in one is never used in another, which may block other ways, and watch who takes them. A way that failed is
// dropped from them as soon as another helps there: while none does, failures speak of the machine's own network (no
// signal, a login page), not of the way. What has not helped for kWayLife is forgotten.
//
// In the state directory, file kWayOrderFile, 0600: a secret, and below it a line for each way in each whereabouts,
// what helped last first: 16 hexadecimal digits, a hash of the secret, the whereabouts, the broker and the front, and
// the day (UTC) of the last help. So the file names nobody, and does not tell which lines, or how many, belong
// together. Who has the file can ask it whether a certain way helped in a certain network.
//
// Bounds: kMaxRemembered lines; the oldest go. Errors: none; what cannot be read is forgotten, and what cannot be
// written is said once ("state-not-kept"). Threads: the one that uses it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/id.hpp"
#include "base/private.hpp"
#include "base/time.hpp"
#include "crypto/secret_key.hpp"
#include "transport/http/route.hpp"

namespace footbridge {

inline constexpr std::size_t kMaxRemembered = 128;  // FRT-B7: a few ways in each of many networks
inline constexpr Seconds kWayLife{14 * 24 * 3600};  // FRT-T8: where one is each week one is known again

// As this installation alone names them.
using Whereabouts = Id<struct WhereaboutsTag, 16>;

class WayMemory {
 public:
  // What tells the network that this machine is attached to from others; nullopt: it cannot be told.
  using Where = std::function<std::optional<Private<std::string>>()>;

  // `directory`: nullopt: nothing outlives the process.
  WayMemory(std::optional<std::filesystem::path> directory, Rng& rng, Where where);

  // nullopt: they cannot be told; nothing is used there and nothing kept of it.
  std::optional<Whereabouts> here() const;
  // Numbers of those of `ways` that helped there, the last one first.
  std::vector<std::size_t> helpers(UnixSeconds now, const Whereabouts& here, std::span<const http::Route> ways) const;
  // The way of number `way` helped there just now; those of numbers `failed` did not work.
  void helped(UnixSeconds now, const Whereabouts& here, std::span<const http::Route> ways, std::size_t way,
              std::span<const std::size_t> failed);

 private:
  struct Line {
    std::string mark;
    std::uint64_t day = 0;  // since 1970
    friend bool operator==(const Line&, const Line&) = default;
  };
  std::string mark_of(const Whereabouts& here, const http::Route& way) const;
  void read();
  void write();

  std::optional<std::filesystem::path> file_;
  Where where_;
  crypto::SecretKey secret_;
  std::vector<Line> lines_;
  bool complained_ = false;
};

}  // namespace footbridge
