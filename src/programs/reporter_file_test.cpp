// What a daemon reads to be able to report, and what it says of a file that is none.
#include "programs/reporter_file.hpp"

#include <functional>
#include <gtest/gtest.h>

#include "ops/errors.hpp"
#include "ops/key_file.hpp"
#include "ops/scratch_dir.hpp"

namespace footbridge {
namespace {

ReporterFile sample() {
  SeededRng rng(3);
  return {Private(*ops::ValueType<ops::HttpUrl>::parse("https://netstate.example/report")), ops::Pin{rng.array<32>()},
          crypto::Ed25519Seed::random(rng), rng.bytes(150), core::NetstateSalt::random(rng)};
}

Bytes copy(ByteView bytes) { return to_bytes(bytes); }

struct ReporterFileTest : testing::Test {
  ops::ScratchDir folder;
  ops::FilePath file{folder.path("reporter.toml")};
  std::string refusal(const std::string& text) {
    ops::replace_key_file("--out", file, text);
    try {
      static_cast<void>(read_reporter_file("--reporter", file));
    } catch (const ops::UsageError& error) {
      return error.what();
    }
    return "accepted";
  }
};

TEST_F(ReporterFileTest, IsReadAsItWasWritten) {
  const auto written = sample();
  ops::create_key_file("--out", file, reporter_text(written).reveal_to_socket());
  const auto read = read_reporter_file("--reporter", file);
  EXPECT_EQ(read.url.reveal_to_socket().text, "https://netstate.example/report");
  EXPECT_EQ(read.tls_pin, written.tls_pin);
  EXPECT_EQ(copy(read.key.reveal_to_primitive()), copy(written.key.reveal_to_primitive()));
  EXPECT_EQ(read.chain, written.chain);
  EXPECT_EQ(copy(read.names.reveal_to_primitive()), copy(written.names.reveal_to_primitive()));
}

TEST_F(ReporterFileTest, NamesAPlaceThatNobodyReadsOnTheWayTo) {
  const auto is_unread = [](std::string_view url) {
    return is_unread_on_its_way(ops::ValueType<ops::HttpUrl>::parse(url).value());
  };
  EXPECT_TRUE(is_unread("https://netstate.example/report"));
  EXPECT_TRUE(is_unread("http://127.0.0.1:8904/report"));
  EXPECT_TRUE(is_unread("http://[::1]:8904/report"));
  EXPECT_FALSE(is_unread("http://netstate.example/report"));
  EXPECT_FALSE(is_unread("http://192.0.2.1:8904/report"));
}

TEST_F(ReporterFileTest, SaysWhichLineIsWrongAndNotWhatItSays) {
  auto text = reporter_text(sample()).reveal_to_socket();
  EXPECT_EQ(refusal(text), "accepted");
  EXPECT_TRUE(refusal(text + "kye = \"\"\n").find("unknown key kye") != std::string::npos) << refusal(text + "kye=1\n");
  const auto at = text.find("key = \"");
  auto cut = text;
  cut.erase(at + 8, 1);
  EXPECT_EQ(refusal(cut), "--reporter: " + file.path +
                              ": key is missing, or is not what such a file has; make another with: footbridge network "
                              "reporter");
}

}  // namespace
}  // namespace footbridge
