// Network: a whole network on this machine, as five processes with fresh keys in one private directory.
//
//   client ══ WebRTC ══▶ volunteer-1 | volunteer-2 ══ WebSocket ══▶ egress ──▶ the demo's website
//      └──────── HTTP ────────▶ broker ◀──────── HTTP ────────┘
//
// Ownership: stop() before destruction; the directory is removed with the network unless `keep`. Threads: one.
#pragma once

#include <array>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ops/values.hpp"
#include "programs/demo/child.hpp"

namespace footbridge::demo {

inline constexpr std::size_t kVolunteers = 2;
// Slow machines under load start five programs in this.
inline constexpr Seconds kReadyLimit{30};
// After this the client says what is wrong instead of trying on; on one machine a path takes 0.1 s.
inline constexpr Seconds kAnswerLimit{25};
// A child that drains has nobody left to wait for: its peers are stopped before it.
inline constexpr Seconds kStopGrace{3};

class Network {
 public:
  // Makes the directory; throws ops::RunError.
  Network(asio::any_io_executor executor, bool keep);
  ~Network();
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  // Starts everything in order, until the local proxy listens. With `web`, a folder of pages, the broker shows them.
  // Throws ops::RunError.
  asio::awaitable<void> start(std::uint16_t site_port, std::uint16_t proxy_port,
                              const std::optional<ops::FilePath>& web);
  // Ends the volunteers politely, and starts them again.
  asio::awaitable<void> rest_volunteers();
  asio::awaitable<void> wake_volunteers();
  std::string broker_url() const;  // of start() on
  asio::awaitable<void> stop();

  const std::filesystem::path& directory() const { return directory_; }
  Child& client() { return *client_; }
  Child& broker() { return *broker_; }
  Child& egress() { return *egress_; }
  Child& volunteer(std::size_t index) { return *volunteers_[index]; }
  // Name of a program that has ended although nobody stopped it; empty: none.
  std::string fallen();

 private:
  std::string state_of(const std::string& name) const;
  void spawn_volunteers();
  std::unique_ptr<Child> spawn(std::string name, std::vector<std::string> arguments);

  asio::any_io_executor executor_;
  bool keep_;
  std::filesystem::path directory_;
  std::unique_ptr<Child> broker_;
  std::unique_ptr<Child> egress_;
  std::array<std::unique_ptr<Child>, kVolunteers> volunteers_;
  std::unique_ptr<Child> client_;
  std::string relay_;
  bool resting_ = false;
};

}  // namespace footbridge::demo
