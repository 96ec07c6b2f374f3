#include "core/doctor/finding.hpp"

#include <gtest/gtest.h>
#include <set>
#include <string>

namespace footbridge::core {
namespace {

TEST(Finding, HasWordsAndWhereSomethingIsToBeDoneARemedy) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < kFindings; ++i) {
    const auto text = words(static_cast<Finding>(i));
    EXPECT_FALSE(text.says.empty()) << text.name;
    EXPECT_FALSE(text.says.ends_with('.')) << text.name;
    if (text.level != Level::Ok) {
      EXPECT_FALSE(text.advice.empty()) << text.name;
    }
    names.insert(text.name);
  }
  EXPECT_EQ(names.size(), kFindings) << "each has a name of its own";
}

TEST(Finding, EachCheckCanGoWellAndHasANameAndATitle) {
  std::set<Check> fine;
  for (std::size_t i = 0; i < kFindings; ++i)
    if (const auto text = words(static_cast<Finding>(i)); text.level == Level::Ok) fine.insert(text.check);
  std::set<std::string_view> names, titles;
  for (std::size_t i = 0; i < kChecks; ++i) {
    const auto check = static_cast<Check>(i);
    EXPECT_TRUE(fine.contains(check)) << name(check);
    names.insert(name(check));
    titles.insert(title(check));
  }
  EXPECT_EQ(names.size(), kChecks);
  EXPECT_EQ(titles.size(), kChecks);
}

TEST(Finding, SpeaksOfAddressTranslationAsStatusAndLogDo) {
  EXPECT_EQ(words(Finding::NatStrict).says, "few can be met: only those who are open themselves");
  EXPECT_EQ(words(Finding::NatFirewall).advice, "let UDP in from everywhere in this machine's or network's firewall");
}

}  // namespace
}  // namespace footbridge::core
