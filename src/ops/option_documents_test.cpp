// What a table says to man(1) and to shells.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>

#include "ops/completions.hpp"
#include "ops/man_pages.hpp"

namespace footbridge::ops {
namespace {

using testing::HasSubstr;
using testing::Not;

enum class Mode : std::uint8_t { Plain, Fancy };

struct Sample {
  std::uint64_t slots = 2;
  bool loud = false;
  std::optional<FilePath> key_file;
  std::vector<std::uint64_t> ports;
  Mode mode = Mode::Plain;

  OptionTable table() {
    OptionTable t("sample", "show every kind of option");
    t.first("First do this:\n.then that");
    t.example("footbridge sample --loud", "makes noise");
    t.add("sample", "slots", slots, "how many, of [these]: it's \\ enough", {{1, 10}}).reloadable();
    t.add("sample", "loud", loud, "make noise");
    t.add("sample", "key_file", key_file, "where the key is");
    t.add("sample", "ports", ports, "which ports");
    t.choose("looks", "mode", mode, {{"plain", Mode::Plain}, {"fancy", Mode::Fancy}}, "how it looks");
    return t;
  }
};

TEST(ManPages, SayOfEachFlagWhatHelpSays) {
  Sample sample;
  const auto page = command_page(sample.table());
  EXPECT_THAT(page, HasSubstr(".SH NAME\nfootbridge\\-sample \\- show every kind of option\n"));
  EXPECT_THAT(
      page,
      HasSubstr(".TP\n\\fB\\-\\-slots\\fR \\fIN\\fR\nHow many, of [these]: it's \\e enough (1 to 10; default 2).\n"));
  EXPECT_THAT(page, HasSubstr(".TP\n\\fB\\-\\-loud\\fR\nMake noise.\n"));
  EXPECT_THAT(page, HasSubstr("\\fBfootbridge sample \\-\\-loud\\fR\nMakes noise.\n"));
}

TEST(ManPages, TakeNoTextForARequest) {
  Sample sample;
  const auto page = command_page(sample.table());
  EXPECT_THAT(page, HasSubstr("First do this:\n\\&.then that\n"));
  EXPECT_THAT(page, Not(HasSubstr("\n.then")));
}

TEST(ManPages, SayOfEachKeyItsValueItsDefaultAndWhatAChangeNeeds) {
  Sample sample;
  const auto page = file_page(sample.table());
  EXPECT_THAT(page, HasSubstr(".SH \"[looks]\"\n.TP\n\\fBmode\\fR = \\fIplain\\fR\nHow it looks.\n"));
  EXPECT_THAT(
      page,
      HasSubstr(
          "Default: 2; taken over on SIGHUP.\n.br\nFlag \\fB\\-\\-slots\\fR, environment \\fBFB_SAMPLE__SLOTS\\fR.\n"));
  EXPECT_THAT(page, HasSubstr("Not set by default; a change needs a restart.\n"));
}

TEST(ManPages, ListTheCommandsAndTheirPages) {
  const auto page = overview_page("reach the internet", {{"connect", "be a client"}, {"egress", "let people out"}});
  EXPECT_THAT(page, HasSubstr("\\fBconnect\\fR\nBe a client.\n"));
  EXPECT_THAT(page, HasSubstr(".BR footbridge\\-connect (1) ,\n.BR footbridge\\-egress (1)\n"));
}

TEST(Completions, OfferFlagsValuesAndFiles) {
  Sample sample;
  const auto bash = completion_branch(Shell::Bash, sample.table());
  EXPECT_THAT(bash, HasSubstr("--mode) COMPREPLY=($(compgen -W 'plain fancy' -- \"$current\")); return ;;"));
  EXPECT_THAT(bash, HasSubstr("--config|--key-file) compopt -o filenames;"));
  EXPECT_THAT(bash, HasSubstr("--slots|--ports) return ;;"));
  EXPECT_THAT(bash, HasSubstr("--help --slots --loud --key-file --ports --mode'"));
  const auto zsh = completion_branch(Shell::Zsh, sample.table());
  EXPECT_THAT(zsh, HasSubstr("'--slots[how many, of \\[these\\]\\: it'\\''s \\\\ enough]:N:'"));
  EXPECT_THAT(zsh, HasSubstr("'--loud[make noise]'"));
  EXPECT_THAT(zsh, HasSubstr("'*--ports[which ports]:N:'"));
  EXPECT_THAT(zsh, HasSubstr("'--mode[how it looks]:value:(plain fancy)'"));
}

}  // namespace
}  // namespace footbridge::ops
