// Options of `footbridge status` and `footbridge health`.
#pragma once

#include <optional>

#include "ops/option_table.hpp"
#include "ops/values.hpp"

namespace footbridge::status {

// Where to look for programs that run.
struct Places {
  std::optional<ops::AdminAddress> admin;
  std::optional<ops::FilePath> state_dir;
};

struct StatusOptions {
  Places places;
  bool json = false;
};
struct HealthOptions {
  Places places;
};

ops::OptionTable option_table(StatusOptions& options);
ops::OptionTable option_table(HealthOptions& options);

}  // namespace footbridge::status
