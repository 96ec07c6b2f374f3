#include "programs/admin_place.hpp"

#include <cstdlib>
#include <system_error>

#include "observe/log.hpp"
#include "ops/errors.hpp"

namespace footbridge {

namespace fs = std::filesystem;

std::optional<ops::AdminAddress> given_admin_address(const CommonOptions& common) {
  if (common.admin) return common.admin;
  // systemd makes this directory for us alone and removes it afterwards (RuntimeDirectory=).
  const char* directory = std::getenv("RUNTIME_DIRECTORY");
  if (directory == nullptr || *directory != '/') return std::nullopt;
  return ops::AdminAddress{std::string(directory) + "/" + std::string(kRuntimeSocket), {}};
}

std::vector<std::string> state_socket_names(std::string_view program) {
  std::vector<std::string> out{std::string(program) + ".sock"};
  for (std::size_t i = 2; i <= kMostStateSockets; ++i)
    out.push_back(std::string(program) + "-" + std::to_string(i) + ".sock");
  return out;
}

void listen_in_state_directory(asio::any_io_executor executor, const fs::path& directory, std::string_view program,
                               const ops::AdminAnswers& answers, std::optional<ops::Admin>& admin) {
  const auto refused = [](std::string_view why) {
    observe::log(observe::Level::Info, "status-not-shown", observe::kv("why", why));
  };
  std::error_code error;
  if (fs::create_directories(directory, error)) fs::permissions(directory, fs::perms::owner_all, error);
  if (error) return refused(error.message());
  const auto place = fs::absolute(directory, error);
  if (error) return refused(error.message());
  for (const auto& name : state_socket_names(program)) {
    try {
      admin.emplace(executor, ops::AdminAddress{(place / name).string(), {}}, answers);
      return;
    } catch (const ops::RunError&) {  // somebody listens there, or it is no place for a socket: the next one
    }
  }
  refused("no place for a socket in the state directory");
}

}  // namespace footbridge
