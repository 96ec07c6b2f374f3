// The session protocol's vectors, natively; the same checks run in WebAssembly (session_vectors_wasm.cpp).
#include "session_vectors.hpp"

#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sstream>

namespace footbridge::vectors {
namespace {

std::string content(std::string_view name) {
  std::ifstream in(FB_SOURCE_DIR "/tests/vectors/" + std::string(name) + ".json");
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

TEST(SessionVectors, ReadAndWriteAsTheySay) {
  for (const auto& file : session_files()) {
    const auto outcome = file.check(content(file.name));
    EXPECT_THAT(outcome.failures, testing::IsEmpty()) << file.name;
    EXPECT_GE(outcome.checked, 2 * kLeastVectors) << file.name;
  }
}

TEST(SessionVectors, AreMissedWhenTheyAreNotThere) {
  for (const auto& file : session_files())
    for (const auto* text : {"", "{}", "[]", R"({"valid": [], "invalid": []})"})
      EXPECT_FALSE(file.check(text).failures.empty()) << file.name << ' ' << text;
}

TEST(SessionVectors, OneThatIsWrongIsFound) {
  for (const auto& file : session_files()) {
    auto text = content(file.name);
    const auto at = text.rfind("\"error\": \"");
    ASSERT_NE(at, std::string::npos);
    text.insert(at + 10, "x");
    EXPECT_EQ(file.check(text).failures.size(), 1U) << file.name;
  }
}

}  // namespace
}  // namespace footbridge::vectors
