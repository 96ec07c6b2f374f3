// docs/ops/doctor.md has a row for each finding, as the program says it.
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <string>

#include "core/doctor/finding.hpp"

namespace footbridge::core {
namespace {

TEST(DoctorPage, ListsEveryFindingAsItIsSaid) {
  std::ifstream in(FB_SOURCE_DIR "/docs/ops/doctor.md");
  const std::string page(std::istreambuf_iterator<char>(in), {});
  std::string missing;
  for (std::size_t i = 0; i < kFindings; ++i) {
    const auto text = words(static_cast<Finding>(i));
    const auto row = "| `" + std::string(text.name) + "` | " + std::string(name(text.level)) + " | " +
                     std::string(text.says) + " | " + std::string(text.advice) + " |\n";
    if (page.find(row) == std::string::npos) missing += row;
  }
  EXPECT_TRUE(missing.empty()) << "put these rows there:\n" << missing;
}

}  // namespace
}  // namespace footbridge::core
