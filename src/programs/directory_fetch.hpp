// DirectoryFetch: keeps the directory of a joined network fresh. It asks the brokers that it knows, one after the
// other, on the connections of a RendezvousLine, until one has a directory that passes the rules; who has none is
// passed over, and who has what we have is not believed alone that there is nothing newer. When it asks is
// core::DirectoryRefresh's decision. What the person has to know is logged: "directory-missing", "directory-late",
// "directory-refused", "directory-taken".
//
// Ownership: source, line and rng outlive it; close() before the line is closed. Threads: the executor's one thread.
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "base/rng.hpp"
#include "core/network/directory_refresh.hpp"
#include "io/task_scope.hpp"
#include "io/wakeup.hpp"
#include "programs/network_source.hpp"
#include "programs/rendezvous_line.hpp"

namespace footbridge {

// NET-T15: for one broker to answer; then the next is asked.
inline constexpr Seconds kDirectoryLimit{20};

class DirectoryFetch {
 public:
  // `on_view` is called in a turn of its own when source.view() has changed since the start, whoever asked: another
  // directory, or none serves any more.
  DirectoryFetch(asio::any_io_executor executor, NetworkSource& source, RendezvousLine& line, Rng& rng,
                 std::function<void(TimePoint now)> on_view);

  // The line stamps by the source's clock from now on, and a directory is asked for when the line takes ours for
  // outdated.
  void start();
  // Something was met that the directory does not know: there may be a newer one.
  void wish(TimePoint now);
  asio::awaitable<void> close();

 private:
  asio::awaitable<void> run();
  asio::awaitable<void> ask();
  void tell_missing(std::string_view why);

  NetworkSource& source_;
  RendezvousLine& line_;
  core::DirectoryRefresh refresh_;
  std::function<void(TimePoint now)> on_view_;
  NetworkSource::State told_;  // as on_view_ was told last
  bool told_late_ = false;     // each is told once, until there is another directory
  bool told_missing_ = false;
  io::Wakeup look_;
  io::TaskScope scope_;
};

// Asks until a directory serves: not at all where one is kept. False: the caller was cancelled before.
asio::awaitable<bool> first_directory(asio::any_io_executor executor, NetworkSource& source, io::Dialer& dialer,
                                      io::TlsClient& trust, Rng& rng);

}  // namespace footbridge
