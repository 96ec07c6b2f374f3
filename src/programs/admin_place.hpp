// Where a program's admin listener waits, and where `footbridge status` looks for it: the option, else
// $RUNTIME_DIRECTORY/admin.sock (systemd), else PROGRAM.sock in the state directory, or PROGRAM-2.sock … where others
// of the same kind run there. Threads: any.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ops/admin.hpp"
#include "programs/common_options.hpp"

namespace footbridge {

inline constexpr std::string_view kRuntimeSocket = "admin.sock";
// Programs of one kind in one state directory that have a socket there; a further one goes without.
inline constexpr std::size_t kMostStateSockets = 8;

// nullopt: neither the option nor systemd says where.
std::optional<ops::AdminAddress> given_admin_address(const CommonOptions& common);

// "volunteer.sock", then "volunteer-2.sock" to "volunteer-8.sock".
std::vector<std::string> state_socket_names(std::string_view program);

// Listens on the first of them that nobody has. Nobody asked for it by name, so a place that cannot be used is no
// error: `admin` stays empty, and the log says why. Makes the directory if there is none, mode 0700.
void listen_in_state_directory(asio::any_io_executor executor, const std::filesystem::path& directory,
                               std::string_view program, const ops::AdminAnswers& answers,
                               std::optional<ops::Admin>& admin);

}  // namespace footbridge
