#include "io/resolver.hpp"

#include <array>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/system_error.hpp>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <map>
#include <mutex>
#include <netdb.h>
#include <netinet/in.h>
#include <optional>
#include <sys/socket.h>
#include <system_error>
#include <thread>
#include <utility>

#include "base/assert.hpp"
#include "io/clock.hpp"

namespace footbridge::io {
namespace {

// Idle workers leave at once when the resolver is destroyed; one that is stuck in a query is not waited for.
constexpr Millis kWorkersLeaveLimit{100};

struct InfoDeleter {
  void operator()(addrinfo* info) const { ::freeaddrinfo(info); }
};

std::optional<IpAddress> address_of(const addrinfo& info) {
  if (info.ai_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, info.ai_addr, sizeof v4);
    return IpAddress::v4(ntohl(v4.sin_addr.s_addr));
  }
  if (info.ai_family != AF_INET6) return std::nullopt;
  sockaddr_in6 v6{};
  std::memcpy(&v6, info.ai_addr, sizeof v6);
  std::array<std::uint8_t, 16> bytes{};
  std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
  return IpAddress::v6(bytes);
}

ResolveErrc errc_of(int code) {
  return code == EAI_NONAME || code == EAI_NODATA ? ResolveErrc::NoSuchName : ResolveErrc::Unanswered;
}

// Blocks for as long as the name servers like. The trailing dot makes the name absolute: no search list.
Resolver::Answer ask_system(std::string name) {
  if (!name.ends_with('.')) name += '.';
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* first = nullptr;
  const int code = ::getaddrinfo(name.c_str(), nullptr, &hints, &first);
  if (code != 0) return errc_of(code);
  const std::unique_ptr<addrinfo, InfoDeleter> list(first);
  std::vector<IpAddress> out;
  for (const auto* info = first; info != nullptr && out.size() < kMaxAddresses; info = info->ai_next)
    if (const auto address = address_of(*info)) out.push_back(*address);
  if (out.empty()) return ResolveErrc::NoSuchName;
  return out;
}

// Only what DNS can mean: getaddrinfo itself would read 0x7f.1 as an address.
bool is_dns_name(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  if (host.empty() || host.size() > 253) return false;
  for (const char c : host)
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
          c == '.'))
      return false;
  const auto last = host.substr(host.rfind('.') + 1);  // npos + 1 is 0
  return !last.empty() && !(last[0] >= '0' && last[0] <= '9');
}

// RFC 6761 §6.3: answered without asking. The hosts file has no absolute names and is therefore never consulted.
bool is_localhost(std::string_view host) { return host == "localhost" || host == "localhost."; }
std::vector<IpAddress> localhost() {
  std::array<std::uint8_t, 16> v6{};
  v6[15] = 1;
  return {IpAddress::v4(0x7f000001), IpAddress::v6(v6)};
}

}  // namespace

std::string_view name(ResolveErrc error) {
  switch (error) {
    case ResolveErrc::BadName: return "bad-name";
    case ResolveErrc::NoSuchName: return "no-such-name";
    case ResolveErrc::Unanswered: return "unanswered";
    case ResolveErrc::TimedOut: return "timed-out";
    case ResolveErrc::Busy: return "busy";
  }
  FB_ASSERT(false);
}

struct SystemResolver::Pool {
  // A coroutine that waits; lives in its frame and is known only to the loop's thread.
  struct Waiter {
    explicit Waiter(asio::any_io_executor executor) : timer(std::move(executor)) {}
    asio::steady_timer timer;
    std::optional<Answer> answer;
  };
  struct Job {
    std::uint64_t id;
    std::string name;
  };

  explicit Pool(asio::any_io_executor given) : executor(std::move(given)) {}
  static void work(std::shared_ptr<Pool> self);  // owners of `self`: the resolver and its workers
  static void deliver(const std::shared_ptr<Pool>& self, std::uint64_t id, Answer answer);
  bool submit(Job job, const std::shared_ptr<Pool>& self);
  void withdraw(std::uint64_t id);

  asio::any_io_executor executor;            // valid for workers while !closed
  std::map<std::uint64_t, Waiter*> waiters;  // loop's thread only
  std::uint64_t next_id = 1;                 // loop's thread only

  std::mutex mutex;  // guards everything below
  std::condition_variable changed;
  std::deque<Job> jobs;
  std::size_t workers = 0;
  std::size_t idle = 0;
  bool closed = false;
};

void SystemResolver::Pool::work(std::shared_ptr<Pool> self) {
  std::unique_lock lock(self->mutex);
  for (;;) {
    ++self->idle;
    self->changed.wait(lock, [&] { return self->closed || !self->jobs.empty(); });
    --self->idle;
    if (self->closed) break;
    auto job = std::move(self->jobs.front());
    self->jobs.pop_front();
    lock.unlock();
    auto answer = ask_system(std::move(job.name));
    lock.lock();
    // Under the lock: once `closed` is set, the io_context may be gone.
    if (!self->closed)
      asio::post(self->executor, [self, id = job.id, answer = std::move(answer)] { deliver(self, id, answer); });
  }
  --self->workers;
  self->changed.notify_all();
}

void SystemResolver::Pool::deliver(const std::shared_ptr<Pool>& self, std::uint64_t id, Answer answer) {
  const auto waiter = self->waiters.find(id);
  if (waiter == self->waiters.end()) return;  // gave up meanwhile
  waiter->second->answer = std::move(answer);
  waiter->second->timer.cancel();
}

bool SystemResolver::Pool::submit(Job job, const std::shared_ptr<Pool>& self) {
  const std::lock_guard lock(mutex);
  if (jobs.size() >= kMaxQueuedQueries) return false;
  jobs.push_back(std::move(job));
  if (jobs.size() > idle && workers < kResolverThreads) {
    try {
      std::thread(&Pool::work, self).detach();  // it owns a share of the pool; see the header on why nobody joins it
      ++workers;
    } catch (const std::system_error&) {  // no thread to be had: those that run will take the job, if there are any
      if (workers == 0) return jobs.pop_back(), false;
    }
  }
  changed.notify_one();
  return true;
}

void SystemResolver::Pool::withdraw(std::uint64_t id) {
  waiters.erase(id);
  const std::lock_guard lock(mutex);
  std::erase_if(jobs, [id](const Job& job) { return job.id == id; });
}

SystemResolver::SystemResolver(asio::any_io_executor executor)
    : pool_(std::make_shared<Pool>(std::move(executor))) {}  // owners: see the member

SystemResolver::~SystemResolver() {
  std::unique_lock lock(pool_->mutex);
  pool_->closed = true;
  pool_->jobs.clear();
  pool_->changed.notify_all();
  pool_->changed.wait_for(lock, kWorkersLeaveLimit, [&] { return pool_->workers == 0; });
}

asio::awaitable<Resolver::Answer> SystemResolver::resolve(Private<std::string> host, Duration limit) {
  if (!is_dns_name(host.reveal_to_socket())) co_return ResolveErrc::BadName;
  if (is_localhost(host.reveal_to_socket())) co_return localhost();
  const auto pool = pool_;
  const auto id = pool->next_id++;
  Pool::Waiter waiter(pool->executor);
  waiter.timer.expires_after(std::chrono::duration_cast<asio::steady_timer::duration>(limit));
  pool->waiters.emplace(id, &waiter);
  struct Withdraw {
    Pool& pool;
    std::uint64_t id;
    ~Withdraw() { pool.withdraw(id); }
  } withdraw{*pool, id};
  if (!pool->submit({id, host.reveal_to_socket()}, pool)) co_return ResolveErrc::Busy;
  auto [error] = co_await waiter.timer.async_wait(no_throw);
  if (waiter.answer) co_return std::move(*waiter.answer);
  if (error) throw boost::system::system_error(error);  // cancelled from outside
  co_return ResolveErrc::TimedOut;
}

}  // namespace footbridge::io
