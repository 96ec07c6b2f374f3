#include "ops/sd_notify.hpp"

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace footbridge::ops {

ServiceManager::ServiceManager(const char* socket_path) : path_(socket_path == nullptr ? "" : socket_path) {}

ServiceManager ServiceManager::from_environment() { return ServiceManager(std::getenv("NOTIFY_SOCKET")); }

void ServiceManager::ready(std::string_view status) const { send("READY=1\nSTATUS=" + std::string(status)); }
void ServiceManager::reloading(TimePoint now) const {
  const auto microseconds = std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch());
  send("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(microseconds.count()));
}
void ServiceManager::reloaded() const { send("READY=1"); }
void ServiceManager::stopping(std::string_view status, Millis within) const {
  send("STOPPING=1\nSTATUS=" + std::string(status) +
       "\nEXTEND_TIMEOUT_USEC=" + std::to_string(std::chrono::microseconds(within).count()));
}
void ServiceManager::status(std::string_view text) const { send("STATUS=" + std::string(text)); }
void ServiceManager::watchdog() const { send("WATCHDOG=1"); }

void ServiceManager::send(const std::string& message) const {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if ((!path_.starts_with('/') && !path_.starts_with('@')) || path_.size() >= sizeof address.sun_path) return;
  std::memcpy(address.sun_path, path_.data(), path_.size());
  if (path_.starts_with('@')) address.sun_path[0] = '\0';  // abstract: a leading zero, and the length ends the name
  const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (socket < 0) return;
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path_.size());
  static_cast<void>(::sendto(socket, message.data(), message.size(), MSG_NOSIGNAL,
                             reinterpret_cast<const sockaddr*>(&address), length));
  ::close(socket);
}

std::optional<Millis> ServiceManager::watchdog_interval() {
  const auto number = [](const char* name) -> std::optional<std::uint64_t> {
    const char* text = std::getenv(name);
    if (text == nullptr) return std::nullopt;
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text, text + std::strlen(text), value);
    if (error != std::errc{} || *end != '\0') return std::nullopt;
    return value;
  };
  const auto microseconds = number("WATCHDOG_USEC");
  const auto process = number("WATCHDOG_PID");
  if (!microseconds || *microseconds < 2'000 || *microseconds > UINT64_C(86'400'000'000)) return std::nullopt;
  if (process && *process != static_cast<std::uint64_t>(::getpid())) return std::nullopt;
  return Millis(static_cast<Millis::rep>(*microseconds / 2'000));
}

}  // namespace footbridge::ops
