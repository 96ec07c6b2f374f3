// What help, reference page, example file and manual pages say of an option in the same words and order.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "ops/option_table.hpp"

namespace footbridge::ops {

// What it does, with bounds, default and "repeatable" in parentheses.
std::string help_of(const Option& option);

// Calls `each` for every option, section by section in the order of first appearance.
template <class OnSection, class Each>
void by_section(const OptionTable& table, OnSection on_section, Each each) {
  std::vector<std::string> sections;
  for (const auto& option : table.options())
    if (std::find(sections.begin(), sections.end(), option.section) == sections.end())
      sections.push_back(option.section);
  for (const auto& section : sections) {
    on_section(section);
    for (std::size_t i = 0; i < table.options().size(); ++i)
      if (table.options()[i].section == section) each(table.options()[i], i);
  }
}

}  // namespace footbridge::ops
