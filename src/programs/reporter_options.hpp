// What a daemon is told of netstate: with which file it may report there, and what it calls itself. Without a file it
// tells nobody anything.
#pragma once

#include <optional>
#include <string>

#include "ops/option_table.hpp"
#include "ops/values.hpp"

namespace footbridge {

struct ReporterOptions {
  std::optional<ops::FilePath> file;  // read_reporter_file()
  std::optional<std::string> tag;     // wire::is_tag()
};

void add_reporter_options(ops::OptionTable& table, ReporterOptions& reporter);
void check_reporter(const ReporterOptions& reporter);

}  // namespace footbridge
