// What `footbridge doctor` learns of this machine without asking anybody: the way out, IPv6, files, descriptors, the
// variables that programs read, a Tor relay. Threads: any; it reads files and the environment.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "core/doctor/diagnosis.hpp"
#include "core/doctor/judge.hpp"

namespace footbridge::doctor {

core::Finding look_at_route();
core::Finding look_at_ipv6();
core::StateFacts look_at_state(const std::optional<std::filesystem::path>& directory, bool spoiled);
std::uint64_t most_descriptors();
// One for each variable that names a proxy, or one for none.
std::vector<core::Observation> look_at_variables(const Endpoint& local_proxy);

}  // namespace footbridge::doctor
