#include "programs/demo/child.hpp"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/steady_timer.hpp>
#include <charconv>
#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

#include "io/with_deadline.hpp"
#include "ops/errors.hpp"

namespace footbridge::demo {
namespace {

constexpr Millis kLook{20};                 // how often a process that should come or go is looked at
constexpr std::size_t kLogTailBytes = 600;  // of a child's log, when it could not start

// Holds back all signals while it lives. A Ctrl-C that reached the fork before its exec would run our handler there,
// which writes into the pipe that this process reads: it would hear two signals, and the second one ends it at once.
class SignalsHeldBack {
 public:
  SignalsHeldBack() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsHeldBack() { let_go(); }
  SignalsHeldBack(const SignalsHeldBack&) = delete;
  SignalsHeldBack& operator=(const SignalsHeldBack&) = delete;
  void let_go() const { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

// A program of this name may have run before.
asio::local::datagram_protocol::endpoint fresh_endpoint(const std::filesystem::path& path) {
  std::error_code ignored;
  std::filesystem::remove(path, ignored);
  return asio::local::datagram_protocol::endpoint(path.string());
}

// Between fork and exec: only what is safe there. Never returns.
[[noreturn]] void become(const std::vector<char*>& arguments, const char* log, const char* notify, pid_t parent,
                         const SignalsHeldBack& held_back) {
  ::setpgid(0, 0);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) ::signal(number, SIG_DFL);
  held_back.let_go();
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) ::_exit(1);
  const int out = ::open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (out >= 0) {
    ::dup2(out, STDOUT_FILENO);
    ::dup2(out, STDERR_FILENO);
  }
  ::setenv("NOTIFY_SOCKET", notify, 1);
  ::execv("/proc/self/exe", arguments.data());
  ::_exit(127);
}

}  // namespace

Child::Child(asio::any_io_executor executor, std::string name, const std::filesystem::path& directory,
             std::vector<std::string> arguments)
    : executor_(executor),
      name_(std::move(name)),
      log_(directory / (name_ + ".log")),
      admin_(directory / (name_ + ".admin")),
      notify_path_(directory / (name_ + ".notify")),
      notify_(executor, fresh_endpoint(notify_path_)) {
  arguments.insert(arguments.begin(), "footbridge");
  arguments.insert(arguments.end(), {"--admin", admin_.string()});
  std::vector<char*> raw;
  for (auto& argument : arguments) raw.push_back(argument.data());
  raw.push_back(nullptr);
  const auto log = log_.string();
  const auto notify = notify_path_.string();
  const auto parent = ::getpid();
  const SignalsHeldBack held_back;
  pid_ = ::fork();
  if (pid_ == 0) become(raw, log.c_str(), notify.c_str(), parent, held_back);
  if (pid_ < 0) throw ops::RunError("cannot start the " + name_ + ": no more processes; end some and try again");
}

Child::~Child() {
  if (!alive()) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

bool Child::alive() {
  if (pid_ < 0 || exit_status_) return false;
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) == pid_) exit_status_ = status;
  return !exit_status_;
}

asio::awaitable<void> Child::read_notifications() {
  std::array<char, 1024> buffer{};
  while (!ready_) {
    const auto [error, count] = co_await notify_.async_receive(asio::buffer(buffer), io::no_throw);
    if (error) co_return;
    const std::string_view text(buffer.data(), count);
    constexpr std::string_view kPort = "STATUS=port ";
    if (const auto at = text.find(kPort); at != text.npos)
      std::from_chars(text.data() + at + kPort.size(), text.data() + text.size(), port_);
    ready_ = text.find("READY=1") != text.npos;
  }
}

asio::awaitable<void> Child::ready(Duration limit) {
  const auto give_up = io::now() + limit;
  while (!ready_) {
    if (!alive()) throw ops::RunError("the " + name_ + " ended at once; its log says:\n" + end_of_log());
    if (io::now() > give_up) throw ops::RunError("the " + name_ + " did not get ready; its log says:\n" + end_of_log());
    co_await io::with_deadline(kLook, read_notifications());
  }
}

asio::awaitable<void> Child::stop(Duration grace) {
  if (!alive()) co_return;
  ::kill(pid_, SIGTERM);
  const auto give_up = io::now() + grace;
  asio::steady_timer look(executor_);
  while (alive()) {
    if (io::now() > give_up) ::kill(pid_, SIGKILL);
    look.expires_after(kLook);
    co_await look.async_wait(io::no_throw);
  }
}

ProcessUse Child::use() const {
  ProcessUse out;
  const auto proc = std::filesystem::path("/proc") / std::to_string(pid_);
  std::ifstream stat(proc / "stat");
  std::string line;
  std::getline(stat, line);
  // proc(5): after the command in brackets come the fields from 3 on; 14 and 15 are user and system ticks.
  if (const auto bracket = line.rfind(')'); bracket != line.npos) {
    std::istringstream fields(line.substr(bracket + 1));
    std::string skipped;
    double user = 0;
    double system = 0;
    for (int field = 3; field < 14; ++field) fields >> skipped;
    fields >> user >> system;
    out.cpu_seconds = (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
  }
  std::ifstream status(proc / "status");
  while (std::getline(status, line))
    if (line.starts_with("VmHWM:")) out.peak_mb = std::stod(line.substr(6)) * 1024 / 1e6;
  return out;
}

std::string Child::end_of_log() const {
  std::ifstream file(log_, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), {});
  if (text.empty()) return "nothing (is there room left in " + log_.parent_path().string() + "?)";
  return text.size() > kLogTailBytes ? text.substr(text.size() - kLogTailBytes) : text;
}

}  // namespace footbridge::demo
