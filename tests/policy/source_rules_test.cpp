// The real tree keeps every rule of rules.hpp.
#include <gtest/gtest.h>
#include <iostream>

#include "rules.hpp"

namespace footbridge::policy {
namespace {

const SourceTree& here() {
  static const SourceTree tree = load_tree(FB_SOURCE_DIR);
  return tree;
}

using Rule = Violations (*)(const SourceTree&);

void expect_kept(Rule rule) {
  const auto violations = rule(here());
  EXPECT_TRUE(violations.empty()) << to_text(violations);
}

TEST(SourceTree, IsThere) {
  ASSERT_GT(here().size(), 20U);
  EXPECT_TRUE(here().contains("src/base/result.hpp"));
  EXPECT_TRUE(here().contains("cmake/Footbridge.cmake"));
}

TEST(SourceTree, IncludesOnlyDownwards) { expect_kept(include_law); }
TEST(SourceTree, KeepsThePureLayersPure) { expect_kept(pure_layers); }
TEST(SourceTree, HasNoFileTooLongToRead) {
  expect_kept(file_sizes);
  std::cout << "median of a source file: " << median_source_lines(here()) << " lines\n";
}
TEST(SourceTree, OpensEveryHeaderWithItsContract) { expect_kept(header_contracts); }
TEST(SourceTree, NamesTheOwnersOfWhatIsShared) { expect_kept(ownership); }
TEST(SourceTree, HasOnlyHonestTests) { expect_kept(honest_tests); }
TEST(SourceTree, LooksOnlyAtItsOwnProc) { expect_kept(own_proc); }
TEST(SourceTree, SpeaksItsOwnWords) { expect_kept(glossary); }
TEST(SourceTree, LeavesNothingOpen) { expect_kept(finished_work); }
TEST(SourceTree, NamesNoPlaceOfOneMachine) { expect_kept(no_foreign_places); }
TEST(SourceTree, FetchesNothingWhenItIsBuilt) { expect_kept(closed_build); }
TEST(SourceTree, LocksPackagesWithoutNamingARegistry) {
  EXPECT_TRUE(here().contains("web/package-lock.json"));
  expect_kept(lock_files);
}
TEST(SourceTree, RegistersEveryFuzzTarget) { expect_kept(fuzz_targets); }
TEST(SourceTree, FuzzesEveryParser) { expect_kept(fuzz_table); }
TEST(SourceTree, CarriesItsLicence) { expect_kept(licence); }
TEST(SourceTree, HasGuidesThatPointAtCodeThatExists) { expect_kept(guide_references); }
TEST(SourceTree, HasSpecificationsThatAgreeWithTheCode) {
  expect_kept(spec_tables);
  std::cout << "constants compared with their specification: " << spec_rows_compared(here()) << "\n";
}

}  // namespace
}  // namespace footbridge::policy
