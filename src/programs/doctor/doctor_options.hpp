// Options of `footbridge doctor`.
#pragma once

#include <optional>
#include <vector>

#include "core/doctor/judge.hpp"
#include "ops/option_table.hpp"
#include "programs/way_options.hpp"

namespace footbridge::doctor {

struct DoctorOptions {
  core::DoctorRole role = core::DoctorRole::Client;
  bool json = false;
  bool unsafe = false;  // names and addresses may stand in the output
  WayOptions ways;
  bool all_ways = false;  // ask every broker by every way at once, which no client does
  std::vector<Private<ops::HostPort>> stun;
  std::vector<Private<ops::WsUrl>> egress;  // besides those of a joined network
  Endpoint proxy = ops::loopback(1080);     // where the client's local proxy should be
  bool no_port_mapping = false;             // ask nothing of the home router
  bool allow_private = false;               // demo and tests only
  std::optional<ops::FilePath> state_dir;
};

ops::OptionTable option_table(DoctorOptions& options);
void check(const DoctorOptions& options);

}  // namespace footbridge::doctor
