#include "ops/options.hpp"

#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "ops/errors.hpp"
#include "ops/scratch_dir.hpp"
#include "ops/toml_file.hpp"

namespace footbridge::ops {
namespace {

enum class Mode : std::uint8_t { Plain, Fancy };

// A program with one option of each shape.
struct Sample {
  std::uint64_t slots = 2;
  Millis wait{10'000};
  bool loud = false;
  std::vector<Private<HostPort>> stun;
  std::optional<Private<HttpUrl>> broker;
  std::optional<FilePath> key_file;
  Mode mode = Mode::Plain;

  OptionTable table() {
    OptionTable t("sample", "show every kind of option");
    t.first("First do this.").example("footbridge sample --loud", "makes noise");
    t.add("sample", "slots", slots, "how many", {{1, 10}}).reloadable();
    t.add("sample", "wait", wait, "how long", {{Millis(1'000), Millis(3'600'000)}});
    t.add("sample", "loud", loud, "make noise");
    t.add("net", "stun", stun, "whom to ask");
    t.add("net", "broker", broker, "who matches");
    t.add("sample", "key_file", key_file, "where the key is").secret();
    t.choose("sample", "mode", mode, {{"plain", Mode::Plain}, {"fancy", Mode::Fancy}}, "how it looks").named("look");
    return t;
  }
};

using Texts = std::vector<std::string>;

LoadedOptions load(Sample& sample, const Texts& arguments, const Environment& environment = {}) {
  auto table = sample.table();
  return load_options(table, arguments, environment);
}

std::string refusal(const Texts& arguments, const Environment& environment = {}) {
  Sample sample;
  try {
    load(sample, arguments, environment);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(Options, OfAParentWinOverFlagsByTheirName) {
  Sample sample;
  auto table = sample.table();
  const NamedOptions named{"parent",
                           {{"slots", Private<std::string>("5")}, {"stun", Private<std::string>("a.b:1,c.d:2")}}};
  const auto loaded = load_options(table, Texts{"--slots", "4"}, {}, named);
  EXPECT_EQ(sample.slots, 5U);
  EXPECT_EQ(sample.stun.size(), 2U) << "a list has commas";
  EXPECT_EQ(loaded.origins[0], "parent");
}

TEST(Options, OfAParentAreRefusedByTheirName) {
  const auto refusal_of = [](const char* name, const char* value) -> std::string {
    Sample sample;
    auto table = sample.table();
    try {
      load_options(table, Texts(), {}, {"parent", {{name, Private<std::string>(value)}}});
    } catch (const UsageError& error) {
      return error.what();
    }
    return "accepted";
  };
  EXPECT_EQ(refusal_of("slot", "1"), "parent: unknown option slot; did you mean slots?");
  EXPECT_TRUE(refusal_of("slots", "x").starts_with("parent: slots: "));
  EXPECT_EQ(refusal_of("broker", "secret.example").find("secret"), std::string::npos);
}

TEST(Options, TakeFlagsOverEnvironmentOverFileOverDefault) {
  const ScratchDir scratch;
  const auto file = scratch.write("sample.toml", "[sample]\nslots = 3\nwait = \"3s\"\nloud = true\n");
  Sample sample;
  const auto loaded =
      load(sample, {"--config", file, "--slots", "5"}, {{"FB_SAMPLE__SLOTS", "4"}, {"FB_SAMPLE__WAIT", "4s"}});
  EXPECT_EQ(sample.slots, 5U);
  EXPECT_EQ(sample.wait, Millis(4'000));
  EXPECT_TRUE(sample.loud);
  EXPECT_EQ(sample.mode, Mode::Plain);
  EXPECT_EQ(loaded.origins[0], "flag --slots");
  EXPECT_EQ(loaded.origins[1], "environment FB_SAMPLE__WAIT");
  EXPECT_EQ(loaded.origins[2], file + ":4:1");
  EXPECT_EQ(loaded.origins[6], "default");
}

TEST(Options, ReplaceAListAsAWhole) {
  const ScratchDir scratch;
  const auto file = scratch.write("sample.toml", "[net]\nstun = [\"a.example:1\", \"b.example:2\"]\n");
  Sample sample;
  load(sample, {"--config", file});
  ASSERT_EQ(sample.stun.size(), 2U);
  load(sample, {"--config", file}, {{"FB_NET__STUN", "c.example:3"}});
  ASSERT_EQ(sample.stun.size(), 1U);
  EXPECT_EQ(sample.stun[0].reveal_to_socket().host, "c.example");
  load(sample, {"--stun", "d.example:4", "--stun=e.example:5"}, {{"FB_NET__STUN", "c.example:3"}});
  ASSERT_EQ(sample.stun.size(), 2U);
  EXPECT_EQ(sample.stun[1].reveal_to_socket().port, 5);
}

TEST(Options, LetASwitchBeTurnedOffAgain) {
  Sample sample;
  load(sample, {"--loud=false"}, {{"FB_SAMPLE__LOUD", "true"}});
  EXPECT_FALSE(sample.loud);
  load(sample, {"--loud"});
  EXPECT_TRUE(sample.loud);
}

TEST(OptionErrors, NameTheFlagAndTheRemedy) {
  EXPECT_EQ(refusal({"--slot", "3"}), "unknown flag --slot; did you mean --slots?");
  EXPECT_EQ(refusal({"--lodu"}), "unknown flag --lodu; did you mean --loud?");
  EXPECT_EQ(refusal({"--slot=3"}), "unknown flag --slot; did you mean --slots?");
  EXPECT_EQ(refusal({"--utterly-wrong"}), "unknown flag --utterly-wrong; see footbridge sample --help");
  EXPECT_EQ(refusal({"-x"}), "unknown flag -x; see footbridge sample --help");
  EXPECT_EQ(refusal({"three"}),
            "a word that is neither an option nor its value; options begin with --, see footbridge sample --help");
  EXPECT_EQ(refusal({"--a\nb\x1b[2J"}), "unknown flag --a?b?[2J; see footbridge sample --help")
      << "one line, and no orders";
  EXPECT_EQ(refusal({"--slots"}), "--slots needs a value: a whole number, 1 to 10, for example --slots 2");
  EXPECT_EQ(refusal({"--slots", "--loud"}), "--slots needs a value: a whole number, 1 to 10, for example --slots 2");
  EXPECT_EQ(refusal({"--config"}), "--config needs a value: the path of a TOML file");
  EXPECT_EQ(refusal({"--slots", "2", "--slots", "3"}), "--slots is given twice; give it once");
  EXPECT_EQ(refusal({"--slots", "two"}),
            "--slots: \"two\" is not a whole number; it needs a whole number, 1 to 10, for example 2");
  EXPECT_EQ(refusal({"--slots", "11"}),
            "--slots: \"11\" is too large; it needs a whole number, 1 to 10, for example 2");
  EXPECT_EQ(refusal({"--slots", "0"}), "--slots: \"0\" is too small; it needs a whole number, 1 to 10, for example 2");
  EXPECT_EQ(
      refusal({"--wait", "10"}),
      "--wait: \"10\" is a number without a unit; it needs a duration with its unit (ms, s, m, h, d), 1s to 1h, for "
      "example 10s");
  EXPECT_EQ(refusal({"--look", "nice"}),
            "--look: \"nice\" is not one of plain|fancy; it needs one of plain|fancy, for example plain");
  EXPECT_EQ(refusal({"--loud=perhaps"}).substr(0, 8), "--loud: ");
}

TEST(OptionErrors, NeverRepeatWhatMayBeAnAddress) {
  const auto text = refusal({"--broker", "ftp://192.0.2.1/"});
  EXPECT_EQ(text,
            "--broker: the value is not an http:// or https:// URL; it needs an http:// or https:// URL, for example "
            "http://127.0.0.1:8900");
  EXPECT_EQ(refusal({"--stun", "secret.example"}).find("secret"), std::string::npos);
}

TEST(OptionErrors, NameTheEnvironmentVariable) {
  EXPECT_EQ(refusal({}, {{"FB_SAMPLE__SLOTS", "x"}}).substr(0, 18), "FB_SAMPLE__SLOTS: ");
  EXPECT_EQ(refusal({}, {{"FB_SAMPLE__SLOT", "1"}}),
            "unknown environment variable FB_SAMPLE__SLOT; did you mean FB_SAMPLE__SLOTS?");
  EXPECT_EQ(refusal({}, {{"FB_OTHER__SLOT", "1"}}), "accepted") << "another program's section";
  EXPECT_EQ(refusal({}, {{"FB_FUZZ_SECONDS", "1"}}), "accepted");
}

TEST(OptionErrors, NameThePlaceInTheFile) {
  const ScratchDir scratch;
  const auto in_file = [&](std::string_view text) {
    const auto file = scratch.write("s.toml", text);
    const auto why = refusal({"--config", file});
    return why.starts_with(file) ? why.substr(file.size()) : why;
  };
  EXPECT_EQ(in_file("[sample]\n  slot = 3\n"), ":2:3: unknown key sample.slot; did you mean sample.slots?");
  EXPECT_EQ(in_file("slots = 3\n"), ":1:1: unknown key slots");
  EXPECT_EQ(in_file("[smaple]\nslots = 3\n"), ":2:1: unknown key smaple.slots; did you mean sample.slots?");
  EXPECT_EQ(
      in_file("[sample]\nwait = 10\n"),
      ":2:1: sample.wait: \"10\" is a number without a unit; it needs a duration with its unit (ms, s, m, h, d), 1s to "
      "1h, for example 10s");
  EXPECT_EQ(in_file("[sample]\nslots = [1]\n"), ":2:1: sample.slots takes one value, not a list");
  EXPECT_EQ(in_file("[sample]\nslots = 1.5\n").substr(0, 48), ":2:9: sample.slots has a value of a kind that no");
  EXPECT_EQ(in_file("[sample\n").substr(0, 15), ":1:8: not TOML:");
  for (const auto odd : {"\n\u0444 = 1", "\nschl\u00fcssel = 1", "\nk = \u00e9", "\nk = 1 \u00a0", "# \u0444\n\u0444"})
    EXPECT_EQ(in_file(odd).substr(0, 3), ":2:") << odd;
  for (const auto odd : {"[;", "[\a", "[[", "[.a]", "a.;b", "[a"})
    EXPECT_EQ(in_file(odd).find("not TOML"), 6U) << odd << ": a typing mistake must not abort the library";
  EXPECT_EQ(in_file("[net]\nstun = [[1]]\n").substr(0, 5), ":2:9:");
  EXPECT_EQ(refusal({"--config", scratch.path("absent")}),
            scratch.path("absent") + ": cannot be read: No such file or directory");
  EXPECT_EQ(refusal({"--config", scratch.path("")}), scratch.path("") + ": is not a file that can be read");
  EXPECT_EQ(in_file(std::string(kMaxTomlBytes + 1, '#')),
            ": is larger than 256KiB; this is not a configuration of ours");
}

TEST(Options, PrintWhatIsInForceSoThatItCanBeReadAgain) {
  Sample sample;
  auto table = sample.table();
  const auto loaded = load_options(table, Texts{"--slots", "7", "--stun", "a.example:1", "--key-file", "hidden"}, {});
  const auto text = print_config(table, loaded);
  EXPECT_NE(text.find("slots = 7  # flag --slots\n"), std::string::npos) << text;
  EXPECT_NE(text.find("wait = \"10s\"  # default\n"), std::string::npos) << text;
  EXPECT_NE(text.find("# broker is not set\n"), std::string::npos) << text;
  EXPECT_NE(text.find("key_file = \"<set>\"  # flag --key-file\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("hidden"), std::string::npos);
  const ScratchDir scratch;
  Sample again;
  load(again, {"--config", scratch.write("printed.toml", text)});
  EXPECT_EQ(again.slots, 7U);
  EXPECT_EQ(again.stun, sample.stun);
}

TEST(Options, TakeTextBeyondAsciiFromTheFileAsItIs) {
  const ScratchDir scratch;
  const std::string path = "\u0444 ^ \u00fc^41";
  Sample sample;
  load(sample, {"--config", scratch.write("s.toml", "\ufeff# \u0444\n[sample] # \u0444\nkey_file = '" + path + "'\n")});
  EXPECT_EQ(sample.key_file->path, path);
}

TEST(Options, SayHelpBeforeAnyError) {
  Sample sample;
  EXPECT_EQ(load(sample, {"--help", "--nonsense"}).wanted, Wanted::Help);
  EXPECT_EQ(load(sample, {"-h"}).wanted, Wanted::Help);
  EXPECT_EQ(load(sample, {"--check-config"}).wanted, Wanted::CheckConfig);
  EXPECT_EQ(load(sample, {"--print-config"}).wanted, Wanted::PrintConfig);
}

TEST(Options, TeachInTheirHelp) {
  Sample sample;
  const auto help = help_text(sample.table());
  for (const auto part : {"footbridge sample - show every kind of option", "First do this.", "footbridge sample --loud",
                          "--slots N", "how many (1 to 10; default 2)", "--look plain|fancy", "FB_SAMPLE__SLOTS",
                          "[sample]", "--print-config", "whom to ask (repeatable)"})
    EXPECT_NE(help.find(part), std::string::npos) << part << " is missing in\n" << help;
}

TEST(Options, KnowWhatAReloadChanges) {
  Sample before, after;
  auto before_table = before.table();
  auto after_table = after.table();
  EXPECT_TRUE(changed_options(before_table, after_table).empty());
  load_options(after_table, Texts{"--slots", "9", "--wait", "9s"}, {});
  const auto changed = changed_options(before_table, after_table);
  ASSERT_EQ(changed.size(), 2U);
  EXPECT_EQ(changed[0].name, "sample.slots");
  EXPECT_TRUE(changed[0].reloadable);
  EXPECT_EQ(changed[1].name, "sample.wait");
  EXPECT_FALSE(changed[1].reloadable);
}

TEST(Options, HaveAnExampleFileThatIsValidOnceUncommented) {
  Sample sample;
  auto text = example_file(sample.table());
  std::string live;
  for (std::size_t from = 0; from < text.size();) {
    const auto end = text.find('\n', from);
    auto line = text.substr(from, end - from);
    if (line.starts_with("#") && !line.starts_with("# ")) line.erase(0, 1);
    live += line + "\n";
    from = end + 1;
  }
  const ScratchDir scratch;
  EXPECT_EQ(refusal({"--config", scratch.write("s.toml", live)}), "accepted") << live;
}

}  // namespace
}  // namespace footbridge::ops
