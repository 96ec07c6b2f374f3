// Resolver: a host name becomes addresses, asynchronously, with a deadline and without the host's search list.
// A port: programs pass SystemResolver; tests pass answers that change between two queries.
//
// Bounds: a name ≤ 253 bytes, an answer ≤ kMaxAddresses, SystemResolver ≤ kResolverThreads queries at work and
// ≤ kMaxQueuedQueries waiting. Cancelling the coroutine ends the wait at once (operation_aborted); the worker's
// late answer is dropped. Threads: resolve() on the executor's one thread; workers never touch anything else.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "base/private.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "io/asio.hpp"

namespace footbridge::io {

inline constexpr std::size_t kMaxAddresses = 8;        // as many as a connect races
inline constexpr std::size_t kResolverThreads = 8;     // one unanswered name server blocks a thread for 5–10 s
inline constexpr std::size_t kMaxQueuedQueries = 256;  // one session's streams
inline constexpr Millis kResolveLimit{5'000};          // one time-out of the system's stub resolver

enum class ResolveErrc : std::uint8_t {
  BadName = 1,  // not a DNS name: never sent anywhere
  NoSuchName,   // answered: there is none, or no address
  Unanswered,   // the name servers did not answer or failed; another try may work
  TimedOut,     // our deadline passed
  Busy,         // too many queries wait; refuse the stream
};
std::string_view name(ResolveErrc error);

class Resolver {
 public:
  using Answer = Result<std::vector<IpAddress>, ResolveErrc>;
  virtual ~Resolver() = default;
  // `host` is a DNS name, with or without the trailing dot; never an address literal.
  virtual asio::awaitable<Answer> resolve(Private<std::string> host, Duration limit) = 0;
};

// getaddrinfo on a few worker threads, always with an absolute name: neither search list nor hosts file answer;
// "localhost" is known without asking. Destroy it on the executor's thread, before the io_context.
class SystemResolver final : public Resolver {
 public:
  explicit SystemResolver(asio::any_io_executor executor);
  ~SystemResolver() override;
  asio::awaitable<Answer> resolve(Private<std::string> host, Duration limit) override;

 private:
  struct Pool;
  std::shared_ptr<Pool> pool_;  // owners: this object and each worker, which may be stuck in a query for seconds
};

}  // namespace footbridge::io
