#include "programs/doctor/machine.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <system_error>
#include <unistd.h>

#include "core/egress/address_policy.hpp"
#include "io/default_route.hpp"
#include "io/own_addresses.hpp"

namespace footbridge::doctor {
namespace {

namespace fs = std::filesystem;
using core::Finding;

// Of a block for documentation: routed like all the world, used by nobody.
const IpAddress kFar = IpAddress::v4(0xC0000201);
constexpr std::size_t kMostFiles = 1'000;  // of a state directory: more than it ever has

bool has_public_v6() {
  try {
    const auto own = io::own_addresses();
    return std::ranges::any_of(own, [](const IpAddress& address) {
      return !address.is_v4() && core::registry_verdict(address) == core::AddressVerdict::Allowed;
    });
  } catch (const std::system_error&) {
    return false;  // the system does not say for a moment
  }
}

// A file is for its owner alone; a folder may be seen, as the one above ours is made by the system's own rules.
void take(const struct stat& found, uid_t owner, core::StateFacts& facts) {
  constexpr mode_t kWrite = S_IWGRP | S_IWOTH;
  constexpr mode_t kAny = S_IRWXG | S_IRWXO;
  if (S_ISREG(found.st_mode)) facts.others = facts.others || (found.st_mode & kAny) != 0;
  if (S_ISDIR(found.st_mode)) facts.others = facts.others || (found.st_mode & kWrite) != 0;
  facts.foreign = facts.foreign || core::is_foreign(found.st_uid, owner, ::geteuid());
}

bool is_closed(const fs::path& path, const struct stat& found) {
  return ::access(path.c_str(), S_ISDIR(found.st_mode) ? R_OK | X_OK : R_OK) != 0 && errno == EACCES;
}

// A file system without a size of its own is never full.
bool is_full(const fs::path& path) {
  struct statvfs found {};
  return ::statvfs(path.c_str(), &found) == 0 && found.f_blocks > 0 && found.f_bavail == 0;
}

}  // namespace

Finding look_at_route() {
  const auto v4 = io::source_towards(kFar);
  return v4 || has_public_v6() ? Finding::RouteFine : Finding::RouteNone;
}

Finding look_at_ipv6() { return has_public_v6() ? Finding::Ipv6Here : Finding::Ipv6None; }

core::StateFacts look_at_state(const std::optional<fs::path>& directory, bool spoiled) {
  core::StateFacts facts{.named = directory.has_value(), .spoiled = spoiled};
  if (!directory) return facts;
  // A service's directory may be reached by a link of root's.
  struct stat top {};
  if (::stat(directory->c_str(), &top) != 0) {
    facts.closed = errno == EACCES;
    return facts;
  }
  if (!S_ISDIR(top.st_mode)) return facts;
  facts.exists = true;
  facts.closed = is_closed(*directory, top);
  facts.of_another = ::geteuid() == 0 && top.st_uid != 0;
  facts.writable = ::access(directory->c_str(), W_OK | X_OK) == 0 && !is_full(*directory);
  take(top, top.st_uid, facts);
  std::size_t seen = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator at(*directory, fs::directory_options::skip_permission_denied, error), end;
       !error && at != end && seen < kMostFiles; at.increment(error), ++seen) {
    struct stat found {};
    if (::lstat(at->path().c_str(), &found) != 0) continue;
    take(found, top.st_uid, facts);
    facts.closed = facts.closed || is_closed(at->path(), found);
  }
  return facts;
}

std::uint64_t most_descriptors() {
  rlimit limit{};
  return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_max : 0;
}

std::vector<core::Observation> look_at_variables(const Endpoint& local_proxy) {
  std::vector<core::Observation> out;
  const auto text = [](const char* name) {
    const auto* value = std::getenv(name);
    return std::string_view(value == nullptr ? "" : value);
  };
  for (const auto* name : {"all_proxy", "ALL_PROXY", "http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY"})
    if (const auto finding = core::judge_proxy_variable(text(name), local_proxy)) out.push_back({*finding, 0, 0, name});
  const bool any = !out.empty();
  for (const auto* name : {"no_proxy", "NO_PROXY"})
    if (const auto finding = core::judge_no_proxy(text(name)); finding && any) out.push_back({*finding, 0, 0, name});
  if (out.empty()) out.push_back({Finding::ProgramsUnset});
  return out;
}

}  // namespace footbridge::doctor
