// Options of `footbridge join`. The invite itself is never one: others can read a command line.
#pragma once

#include <optional>

#include "ops/option_table.hpp"
#include "ops/values.hpp"

namespace footbridge::join {

struct JoinOptions {
  std::optional<ops::FilePath> file;
  std::optional<ops::FilePath> directory;
  bool yes = false;
  bool list = false;
  std::optional<std::string> forget;
  std::optional<ops::FilePath> state_dir;
};

ops::OptionTable option_table(JoinOptions& options);

}  // namespace footbridge::join
