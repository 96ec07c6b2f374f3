// The calls of a whole day of a volunteer, as they are recorded in tests/vectors/volunteer_calls.json, which
// web/packages/core replays in WebAssembly: the same calls, the same randomness, the same answers.
// FB_UPDATE_VECTORS=1 writes the recording anew.
#include "web/volunteer_calls.hpp"

#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/byte_reader.hpp"
#include "base/byte_writer.hpp"
#include "base/encoding.hpp"
#include "core/browser/browser_broker.hpp"
#include "core/proxy/slot_activity.hpp"

namespace footbridge::web {
namespace {

constexpr const char* kFile = FB_SOURCE_DIR "/tests/vectors/volunteer_calls.json";
constexpr std::uint64_t kSeed = 20'26;
constexpr std::uint32_t kZone = 3600;

struct Seen {  // one record
  Record what{};
  std::optional<core::SlotRef> at;
  std::uint64_t number = 0;  // of a post, or a time
  Bytes blob;
};

std::vector<Seen> records_of(ByteView answer) {
  std::vector<Seen> out;
  ByteReader in(answer);
  const auto blob = [&] { return to_bytes(in.bytes(in.u32().value()).value()); };
  const auto slot = [&] {
    const auto number = in.u8().value();
    return core::SlotRef{number, in.u32().value()};
  };
  while (!in.empty()) {
    Seen seen{.what = static_cast<Record>(in.u8().value())};
    switch (seen.what) {
      case Record::Post:
        seen.number = in.u64().value();
        in.u8();
        seen.blob = blob();
        break;
      case Record::Cut:
      case Record::Deadline: seen.number = in.u64().value(); break;
      case Record::MakeAnswer:
      case Record::DialLeg:
      case Record::SendOnLink:
        seen.at = slot();
        seen.blob = blob();
        break;
      case Record::Keep: seen.blob = blob(); break;
      case Record::StartRelay: seen.at = slot(); break;
      case Record::CloseLink:
      case Record::CloseLeg:
        seen.at = slot();
        in.u8();
        break;
      case Record::Status:
        in.bytes(kStatusBytes);
        seen.blob = blob();
        break;
    }
    out.push_back(std::move(seen));
  }
  return out;
}

struct VolunteerCallsTest : testing::Test {
  SeededRng rng{kSeed};
  VolunteerCalls calls{rng};
  core::BrowserBroker broker{UnixSeconds{1'800'000'000}};
  std::uint64_t micros = 5'000'000;
  std::vector<Seen> seen;
  nlohmann::json steps = nlohmann::json::array();

  UnixSeconds wall() const { return UnixSeconds{1'800'001'000 + micros / 1'000'000}; }
  void pass(Seconds by) { micros += static_cast<std::uint64_t>(by.count()) * 1'000'000; }

  template <class Fill>
  void call(Call what, Fill&& fill) {
    Bytes bytes;
    ByteWriter writer(bytes);
    writer.u8(static_cast<std::uint8_t>(what)).u64(micros).u64(count(wall())).u32(kZone);
    fill(writer);
    const auto answer = calls.handle(bytes);
    steps.push_back({{"call", encode_hex(bytes)}, {"answer", encode_hex(answer)}});
    for (auto& record : records_of(answer)) seen.push_back(std::move(record));
  }
  void call(Call what) {
    call(what, [](ByteWriter&) {});
  }
  void call(Call what, core::SlotRef at) {
    call(what, [&](ByteWriter& out) { out.u8(at.slot).u32(at.epoch); });
  }
  void people(std::uint8_t most) {
    call(Call::SetPeople, [&](ByteWriter& out) { out.u8(most); });
  }
  static void blob(ByteWriter& out, ByteView bytes) { out.u32(static_cast<std::uint32_t>(bytes.size())).bytes(bytes); }
  // The oldest of its kind, taken out.
  Seen take(Record what) {
    const auto found = std::ranges::find(seen, what, &Seen::what);
    EXPECT_NE(found, seen.end());
    if (found == seen.end()) return {};
    auto out = std::move(*found);
    seen.erase(found);
    return out;
  }
  void answered(std::uint64_t post, ByteView bytes) {
    call(Call::Answered, [&](ByteWriter& out) {
      out.u64(post);
      blob(out, bytes);
    });
  }
  void answer(const Seen& post, wire::Response response) {
    EXPECT_TRUE(broker.read(wall(), post.blob));
    answered(post.number, broker.answer(wall(), std::move(response)));
  }
  void start() {
    call(Call::Start, [&](ByteWriter& out) {
      out.u8(0).u8(static_cast<std::uint8_t>(wire::ProxyForm::Widget));
      out.bytes(Bytes(SelfTag::kBytes, std::byte{7})).bytes(Bytes(32, std::byte{9}));
      out.u8(1);
      blob(out, as_bytes("wss://egress.example/leg"));
      const auto way = broker.way(UnixSeconds{0}, UnixSeconds{1'900'000'000});
      out.u8(1).u8(1).bytes(way.obfuscation.reveal_to_primitive()).bytes(way.keys[0].x25519.view());
      out.u64(count(way.keys[0].valid.from)).u64(count(way.keys[0].valid.until));
    });
  }
  // A client comes with the parked poll, and gets as far as its link.
  core::SlotRef link() {
    pass(Seconds{5});
    answer(take(Record::Post),
           {.body = wire::PollReply{.assignments = {broker.assignment(core::offer_with({"8.8.8.8", "10.0.0.1"}))},
                                    .withdrawn = {}}});
    const auto at = take(Record::MakeAnswer).at.value();
    return at;
  }
  void relay(core::SlotRef at) {
    const auto parked = take(Record::Post);
    call(Call::AnswerMade, [&](ByteWriter& out) {
      out.u8(at.slot).u32(at.epoch);
      blob(out, as_bytes("v=0\r\nan answer\r\n"));
    });
    answer(take(Record::Post), {.body = wire::PollReply{}});
    call(Call::LinkOpen, at);
    take(Record::DialLeg);
    call(Call::LegOpen, at);
    answer(take(Record::Post), {.body = wire::PollReply{}});
    take(Record::StartRelay);
    seen.insert(seen.begin(), parked);
  }
  void carried(core::SlotRef at, std::uint64_t up, std::uint64_t down) {
    call(Call::Carried, [&](ByteWriter& out) { out.u8(at.slot).u32(at.epoch).u64(up).u64(down); });
  }
  void limits(std::uint64_t per_day, core::Hours hours) {
    call(Call::SetLimits,
         [&](ByteWriter& out) { out.u64(per_day).u64(kNone).u8(1).u8(hours.days).u16(hours.from).u16(hours.until); });
  }
  void closed(Call what, core::SlotRef at, PipeEnd why) {
    call(what, [&](ByteWriter& out) { out.u8(at.slot).u32(at.epoch).u8(static_cast<std::uint8_t>(why)); });
  }
  void a_day() {
    start();
    core::HelpingRecord before;
    before.turn(core::civil_time(wall(), kZone));
    before.add(1'000, 2'000);
    call(Call::Restore, [&](ByteWriter& out) { blob(out, core::encode_record(before)); });
    limits(50'000'000, {.days = 127, .from = 22 * 60, .until = 22 * 60 - 1});
    people(3);
    const auto first = link();
    relay(first);
    carried(first, 60, 40);
    pass(core::kStandbyAfter);
    call(Call::Time);
    carried(first, 200'000, 800'000);
    const auto second = link();
    call(Call::AnswerFailed, second);
    answer(take(Record::Post), {.body = wire::PollReply{}});
    broker.restart(UnixSeconds{1'800'001'010});  // the ticket of what is parked is worth nothing now
    answered(take(Record::Post).number, as_bytes("<html>a web site</html>"));
    pass(Seconds{1});
    const auto failing = take(Record::Post).number;
    call(Call::Failed, [&](ByteWriter& out) { out.u64(failing); });
    pass(Seconds{60});
    call(Call::Time);
    const auto refused = take(Record::Post);
    answer(refused, {.refusal = wire::Refusal::InviteNeeded, .retry_after = Millis{2000}});
    call(Call::NetworkChange);
    carried(first, 200'000, 60'000'000);  // more than a day may have, and more than that
    limits(kNone, {.days = 1, .from = 0, .until = 24 * 60});
    closed(Call::LinkClosed, first, PipeEnd::Lost);
    closed(Call::LegClosed, first, PipeEnd::Local);
    people(0);
    call(Call::Stop);
  }
};

TEST_F(VolunteerCallsTest, AnswerAsTheyDidWhenTheyWereRecorded) {
  a_day();
  const nlohmann::json made = {{"abi", kAbiVersion}, {"seed", kSeed}, {"steps", steps}};
  if (std::getenv("FB_UPDATE_VECTORS") != nullptr) std::ofstream(kFile) << made.dump(1) << "\n";
  std::ifstream in(kFile);
  ASSERT_TRUE(in) << "FB_UPDATE_VECTORS=1 writes it";
  const auto recorded = nlohmann::json::parse(in);
  ASSERT_EQ(recorded.at("steps").size(), steps.size());
  for (std::size_t i = 0; i < steps.size(); ++i) EXPECT_EQ(recorded.at("steps")[i], steps[i]) << "step " << i;
  EXPECT_EQ(recorded.at("seed"), kSeed);
  EXPECT_EQ(recorded.at("abi"), kAbiVersion) << "the recording is of another version: write it anew";
}

TEST_F(VolunteerCallsTest, EndWithTheDeadlineAndTheStatus) {
  a_day();
  for (const auto& step : steps) {
    const auto records = records_of(parse_hex(step.at("answer").get<std::string>()).value());
    ASSERT_GE(records.size(), 2U);
    EXPECT_EQ(records[records.size() - 2].what, Record::Deadline);
    EXPECT_EQ(records.back().what, Record::Status);
  }
}

TEST_F(VolunteerCallsTest, ThatDoNotFitAreABugOfOurs) {
  EXPECT_DEATH(calls.handle({}), "broken invariant");
  EXPECT_DEATH(people(1), "broken invariant") << "before Start";
  start();
  EXPECT_DEATH(start(), "broken invariant");
  EXPECT_DEATH(call(static_cast<Call>(99)), "broken invariant");
  EXPECT_DEATH(call(Call::Stop, [](ByteWriter& out) { out.u8(1); }), "broken invariant") << "more than its arguments";
}

}  // namespace
}  // namespace footbridge::web
