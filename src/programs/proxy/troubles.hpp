// Troubles: what about this machine or its network is a reason to think again before lending its connection, each said
// once with a remedy, and listed for whoever asks how the volunteer does.
//
// Threads: the I/O thread.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"

namespace footbridge::proxy {

enum class Trouble : std::uint8_t {
  TorHere,     // a relay or bridge at the same address
  Root,        // more rights than it needs
  ClockUnset,  // years behind: hours and allowances are of another day
  NoStun,      // nobody tells our outside address
  TwoNats,     // the router that forwards is behind another one
};
inline constexpr std::size_t kTroubles = 5;
std::string_view name(Trouble trouble);

// What there is to see at the start.
struct Surroundings {
  bool tor_here = false;
  bool root = false;
  UnixSeconds clock{};
  bool has_stun = true;
};
// `root`: of the file system; tests have one of their own.
Surroundings look_around(bool has_stun, const std::filesystem::path& root = "/");
std::vector<Trouble> troubles_of(const Surroundings& here);

class Troubles {
 public:
  // In the log, the first time.
  void tell(Trouble trouble);
  // Those that were told, by name: "tor-here, no-stun"; empty: none.
  std::string text() const;

 private:
  std::array<bool, kTroubles> told_{};
};

}  // namespace footbridge::proxy
