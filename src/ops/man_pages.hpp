// Manual pages in roff, from the option tables: footbridge-NAME(1) and footbridge-NAME.toml(5), and the overview
// footbridge(1). The same table gives the same bytes everywhere.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ops/option_table.hpp"

namespace footbridge::ops {

std::string command_page(const OptionTable& table);
std::string file_page(const OptionTable& table);
// `commands` are names with their summaries, in the order of the page.
std::string overview_page(std::string_view summary, const std::vector<std::pair<std::string, std::string>>& commands);

}  // namespace footbridge::ops
