// WayMemory: which ways to brokers helped last, kept across restarts: a client that was blocked yesterday begins today
// with what worked then. In the state directory, file "way-order", 0600: a line of 16 hexadecimal digits for each way,
// the best first, which is a hash of broker and front, so that the file alone says no names.
//
// Bounds: kMaxRemembered ways, of all networks together. Errors: none; what cannot be read is forgotten, and what
// cannot be written is said once ("state-not-kept"). Threads: the one that uses it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "transport/http/route.hpp"

namespace footbridge {

inline constexpr std::size_t kMaxRemembered = 128;  // two networks of kMaxWays

class WayMemory {
 public:
  // nullopt: nothing is kept.
  explicit WayMemory(std::optional<std::filesystem::path> directory);

  // Numbers of those of `ways` that are remembered, the best first.
  std::vector<std::size_t> order_of(const std::vector<http::Route>& ways) const;
  // `order`: numbers of `ways`, the best first. Others that are remembered follow.
  void remember(const std::vector<http::Route>& ways, const std::vector<std::size_t>& order);

 private:
  std::optional<std::filesystem::path> file_;
  std::vector<std::string> marks_;
  bool complained_ = false;
};

}  // namespace footbridge
