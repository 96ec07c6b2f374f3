// Day: a volunteer behind its boundary of bytes, with a broker and clocks of the test's: what is told to it, and what
// it answers, is remembered. For tests. One thread.
#pragma once

#include <algorithm>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/byte_reader.hpp"
#include "base/byte_writer.hpp"
#include "base/encoding.hpp"
#include "core/browser/browser_broker.hpp"
#include "web/volunteer_calls.hpp"

namespace footbridge::web {

inline constexpr std::uint64_t kDaySeed = 20'26;
inline constexpr std::uint32_t kDayZone = 3600;
inline constexpr int kMostTurns = 100;  // from one thing that a day waits for to the next

struct Seen {  // one record
  Record what{};
  std::optional<core::SlotRef> at;
  std::uint64_t number = 0;  // of a post, or a time
  Bytes blob;
  std::string countries;  // of a status, as "IR 1, "
};

inline Bytes bytes_of(const nlohmann::json& step, const char* part) {
  return parse_hex(step.at(part).get<std::string>()).value();
}

inline std::vector<Seen> records_of(ByteView answer) {
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
        for (auto count = in.u8().value(); count > 0; --count) {
          const auto country = Country::from_index(in.u16().value()).value();
          seen.countries += country.to_text() + " " + std::to_string(in.u8().value()) + ", ";
        }
        break;
    }
    out.push_back(std::move(seen));
  }
  return out;
}

// A volunteer, its broker and its clocks; what it was told and what it answered is in `steps`.
struct Day {
  SeededRng rng{kDaySeed};
  VolunteerCalls calls{rng};
  core::BrowserBroker broker{UnixSeconds{1'800'000'000}};
  SeededRng rng_of_broker{kDaySeed + 1};
  bool plain = false;  // nothing is sealed
  std::uint64_t micros = 5'000'000;
  std::uint64_t deadline = kNone;
  std::vector<Seen> seen;
  nlohmann::json steps = nlohmann::json::array();

  UnixSeconds wall() const { return UnixSeconds{1'800'001'000 + micros / 1'000'000}; }
  void pass(Seconds by) { micros += static_cast<std::uint64_t>(by.count()) * 1'000'000; }

  template <class Fill>
  void call(Call what, Fill&& fill) {
    Bytes bytes;
    ByteWriter writer(bytes);
    writer.u8(static_cast<std::uint8_t>(what)).u64(micros).u64(count(wall())).u32(kDayZone);
    fill(writer);
    const auto answer = calls.handle(bytes);
    steps.push_back({{"call", encode_hex(bytes)}, {"answer", encode_hex(answer)}});
    for (auto& record : records_of(answer)) {
      if (record.what == Record::Deadline) deadline = record.number;
      seen.push_back(std::move(record));
    }
  }
  // At the moment it has asked for.
  void wake() {
    ASSERT_NE(deadline, kNone);
    micros = deadline;
    call(Call::Time);
  }
  // At each moment that it asks for, until it has commanded this anew.
  void wake_until(Record what) {
    seen.clear();
    for (int turns = 0; !commanded(what); ++turns) {
      if (deadline == kNone || turns == kMostTurns) FAIL() << "never commanded: " << static_cast<int>(what);
      wake();
    }
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
    if (plain) return answered(post.number, wire::encode_response(response, rng_of_broker));
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
  core::SlotRef link(const std::string& address = "8.8.8.8", Country country = Country::parse("IR").value()) {
    pass(Seconds{5});
    auto assigned = broker.assignment(core::offer_with({address, "10.0.0.1"}));
    assigned.client_country = country;
    answer(take(Record::Post), {.body = wire::PollReply{.assignments = {std::move(assigned)}, .withdrawn = {}}});
    return take(Record::MakeAnswer).at.value();
  }
  void relay(core::SlotRef at) {
    const auto parked = take(Record::Post);
    answer_made(at);
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
  void limits(std::uint64_t per_day, core::Hours hours, std::uint64_t per_month = kNone) {
    call(Call::SetLimits, [&](ByteWriter& out) {
      out.u64(per_day).u64(per_month).u8(1).u8(hours.days).u16(hours.from).u16(hours.until);
    });
  }
  void closed(Call what, core::SlotRef at, PipeEnd why) {
    call(what, [&](ByteWriter& out) { out.u8(at.slot).u32(at.epoch).u8(static_cast<std::uint8_t>(why)); });
  }
  void failed(const Seen& post) {
    call(Call::Failed, [&](ByteWriter& out) { out.u64(post.number); });
  }
  void restore(ByteView kept) {
    call(Call::Restore, [&](ByteWriter& out) { blob(out, kept); });
  }
  // Nothing is sealed, there are two ways, and the form is an extension's with an invite.
  void start_plainly() {
    plain = true;
    call(Call::Start, [&](ByteWriter& out) {
      out.u8(kAllowPrivateEgress | kAllowPrivateCandidates | kHasInvite);
      out.u8(static_cast<std::uint8_t>(wire::ProxyForm::Extension));
      out.bytes(Bytes(SelfTag::kBytes, std::byte{8})).bytes(Bytes(32, std::byte{10})).u8(1);
      blob(out, as_bytes("ws://127.0.0.1:8901/leg"));
      out.u8(2).u8(kPlain).u8(kPlain).bytes(Bytes(wire::InviteId::kBytes, std::byte{11}));
    });
  }
  static wire::Poll poll_of(const Seen& post) {
    return std::get<wire::Poll>(wire::parse_request(post.blob).value().body);
  }
  // The newest request that waits for clients, or the newest that says something; older ones were cut, or are answered.
  wire::Poll settle(bool errand, wire::PollReply reply) {
    const auto found = std::ranges::find_if(seen.rbegin(), seen.rend(), [&](const Seen& each) {
      if (each.what != Record::Post) return false;
      const auto poll = poll_of(each);
      return errand == !(poll.answers.empty() && poll.outcomes.empty());
    });
    EXPECT_NE(found, seen.rend()) << "step " << steps.size();
    if (found == seen.rend()) return {};
    const auto post = *found;
    seen.erase(std::next(found).base());
    answer(post, {.body = std::move(reply)});
    return poll_of(post);
  }
  std::vector<wire::Assignment> come(std::initializer_list<wire::Sdp> offers) {
    std::vector<wire::Assignment> out;
    for (const auto& offer : offers) out.push_back(broker.assignment(offer, "ws://127.0.0.1:8901/leg"));
    settle(false, {.assignments = out, .withdrawn = {}});
    return out;
  }
  void answer_made(core::SlotRef at) {
    call(Call::AnswerMade, [&](ByteWriter& out) {
      out.u8(at.slot).u32(at.epoch);
      blob(out, as_bytes("v=0\r\nan answer\r\n"));
    });
  }
  static std::optional<wire::AnswerFailure> refusal_of(const wire::Poll& poll) {
    if (poll.answers.size() != 1) return std::nullopt;
    return std::get<wire::AnswerFailure>(poll.answers[0].result);
  }
  bool commanded(Record what) const { return std::ranges::find(seen, what, &Seen::what) != seen.end(); }
  // Of a client that is not there any more: nothing happens, and nothing is counted.
  void every_late_event(core::SlotRef of) {
    call(Call::Time);
    const auto quiet = steps.back().at("answer");
    const auto expect_quiet = [&] { EXPECT_EQ(steps.back().at("answer"), quiet); };
    answer_made(of);
    expect_quiet();
    for (const auto what : {Call::AnswerFailed, Call::LinkOpen, Call::LegOpen}) {
      call(what, of);
      expect_quiet();
    }
    carried(of, 1'000'000, 1'000'000);
    expect_quiet();
    for (const auto what : {Call::LinkClosed, Call::LegClosed}) {
      closed(what, of, PipeEnd::Lost);
      expect_quiet();
    }
  }
};

}  // namespace footbridge::web
