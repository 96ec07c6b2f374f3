#include "programs/network/qr_text.hpp"

#include <gtest/gtest.h>
#include <vector>

#include "ops/errors.hpp"

namespace footbridge::network {
namespace {

// The modules of what is printed, row by row, true for dark; the quiet zone with them.
std::vector<std::vector<bool>> modules(std::string_view printed) {
  std::vector<std::vector<bool>> rows;
  while (!printed.empty()) {
    auto line = printed.substr(0, printed.find('\n'));
    printed.remove_prefix(line.size() + 1);
    EXPECT_TRUE(line.starts_with("\x1b[30;107m") && line.ends_with("\x1b[0m"));
    line = line.substr(9, line.size() - 13);
    std::vector<bool> above, below;
    while (!line.empty()) {
      const auto glyph = line.substr(0, line.front() == ' ' ? 1 : 3);
      line.remove_prefix(glyph.size());
      above.push_back(glyph == "█" || glyph == "▀");
      below.push_back(glyph == "█" || glyph == "▄");
    }
    rows.push_back(above);
    rows.push_back(below);
  }
  return rows;
}

// ISO/IEC 18004 §6.3.3.1: seven by seven, a dark frame, a light one, a dark square of three.
void expect_finder(const std::vector<std::vector<bool>>& rows, std::size_t x, std::size_t y) {
  for (std::size_t i = 0; i < 7; ++i)
    for (std::size_t j = 0; j < 7; ++j) {
      const bool frame = i == 0 || i == 6 || j == 0 || j == 6;
      const bool heart = i >= 2 && i <= 4 && j >= 2 && j <= 4;
      EXPECT_EQ(rows[y + i][x + j], frame || heart) << i << " " << j;
    }
}

TEST(QrText, HasItsThreeFindersAndAQuietZone) {
  const auto rows = modules(qr_text("footbridge1" + std::string(280, 'a')));
  const auto side = rows.front().size() - 8;
  EXPECT_EQ((side - 17) % 4, 0U) << "a size that exists";
  EXPECT_LE(side, 61U) << "in capitals it is small";
  expect_finder(rows, 4, 4);
  expect_finder(rows, 4 + side - 7, 4);
  expect_finder(rows, 4, 4 + side - 7);
  for (std::size_t y = 0; y < rows.size(); ++y)
    for (std::size_t x = 0; x < rows[y].size(); ++x)
      if (x < 4 || y < 4 || x >= 4 + side || y >= 4 + side) EXPECT_FALSE(rows[y][x]);
}

TEST(QrText, RefusesWhatNoCodeHolds) { EXPECT_THROW(qr_text(std::string(5000, 'a')), ops::RunError); }

}  // namespace
}  // namespace footbridge::network
