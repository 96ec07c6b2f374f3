// Child: one of the network's programs as a process of its own, started from this very binary.
//
// It runs in its own process group, so that Ctrl-C reaches only the demo, which then ends its children in order; and it
// is told to stop when the demo dies in any way. Its log goes to a file. It says that it is ready the way it would say
// so to systemd (sd_notify).
// Ownership: stop() before destruction ends it politely; the destructor ends it at once. Threads: the I/O thread.
#pragma once

#include <boost/asio/local/datagram_protocol.hpp>
#include <filesystem>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

#include "base/time.hpp"
#include "io/asio.hpp"

namespace footbridge::demo {

struct ProcessUse {
  double cpu_seconds = 0;  // user and system, since its start
  double peak_mb = 0;      // greatest resident memory so far, 10^6 bytes
};

class Child {
 public:
  // Throws ops::RunError when it cannot be started. `name` names its files in `directory`.
  Child(asio::any_io_executor executor, std::string name, const std::filesystem::path& directory,
        std::vector<std::string> arguments);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  const std::string& name() const { return name_; }
  // Returns when it is ready; throws ops::RunError with the end of its log when it ends or takes longer.
  asio::awaitable<void> ready(Duration limit);
  // The port it listens on, as its status said; 0 before.
  std::uint16_t port() const { return port_; }
  const std::filesystem::path& admin_socket() const { return admin_; }

  bool alive();
  ProcessUse use() const;
  // SIGTERM, and SIGKILL when `grace` is over. Returns when it is gone.
  asio::awaitable<void> stop(Duration grace);

 private:
  asio::awaitable<void> read_notifications();
  std::string end_of_log() const;

  asio::any_io_executor executor_;
  std::string name_;
  std::filesystem::path log_;
  std::filesystem::path admin_;
  std::filesystem::path notify_path_;
  asio::local::datagram_protocol::socket notify_;
  pid_t pid_ = -1;
  std::optional<int> exit_status_;
  std::uint16_t port_ = 0;
  bool ready_ = false;
};

}  // namespace footbridge::demo
