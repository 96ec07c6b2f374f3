#include "web/volunteer_calls.hpp"

#include <array>
#include <utility>

#include "base/assert.hpp"
#include "base/byte_reader.hpp"
#include "base/byte_writer.hpp"
#include "base/overloaded.hpp"

namespace footbridge::web {
namespace {

using core::BrowserProxy;
using core::Moment;
using core::SlotRef;
using Micros = std::chrono::microseconds;

// Arguments, each of which is there.
class Arguments {
 public:
  explicit Arguments(ByteView in) : reader_(in) {}
  std::uint8_t u8() { return must(reader_.u8()); }
  std::uint16_t u16() { return must(reader_.u16()); }
  std::uint32_t u32() { return must(reader_.u32()); }
  std::uint64_t u64() { return must(reader_.u64()); }
  ByteView bytes(std::size_t count) { return must(reader_.bytes(count)); }
  ByteView blob() { return bytes(u32()); }
  SlotRef slot() {
    const auto number = u8();
    return {number, u32()};
  }
  // One of an enumeration without gaps, of which `last` is the last.
  template <class T>
  T one_of(T last) {
    const auto value = u8();
    FB_ASSERT(value <= static_cast<std::uint8_t>(last));
    return static_cast<T>(value);
  }
  PipeEnd end() { return one_of(PipeEnd::Leg); }
  template <class T>
  T id() {
    return must(T::from(bytes(T::kBytes)));
  }
  bool empty() const { return reader_.empty(); }

 private:
  template <class T>
  static T must(std::optional<T> value) {
    FB_ASSERT(value.has_value());
    return std::move(*value);
  }
  ByteReader reader_;
};

core::WaySeal read_seal(Arguments& in, std::uint8_t keys) {
  core::WaySeal out{in.id<crypto::SecretKey>()};
  for (; keys > 0; --keys) {
    const auto key = in.id<wire::BrokerKeyBytes>();
    const auto from = UnixSeconds{in.u64()}, until = UnixSeconds{in.u64()};
    out.keys.push_back({key, {from, until}});
  }
  return out;
}

core::BrowserProxyConfig read_start(Arguments& in) {
  const auto flags = in.u8();
  const auto form = in.one_of(wire::ProxyForm::Daemon);
  const auto self_tag = in.id<SelfTag>();
  core::BrowserProxyConfig out{.relays = {},
                               .key = crypto::X25519KeyPair::from(in.id<crypto::X25519Secret>()),
                               .self_tag = self_tag,
                               .form = form};
  out.allow_private_egress = (flags & kAllowPrivateEgress) != 0;
  out.allow_private_candidates = (flags & kAllowPrivateCandidates) != 0;
  out.was_warned = (flags & kWasWarned) != 0;
  for (auto relays = in.u8(); relays > 0; --relays) out.relays.push_back(to_string(in.blob()));
  out.ways = in.u8();
  for (std::size_t way = 0; way < out.ways; ++way)
    if (const auto keys = in.u8(); keys != kPlain) out.seals.push_back(read_seal(in, keys));
  if ((flags & kHasInvite) != 0) out.invite = in.id<wire::InviteId>();
  FB_ASSERT(out.ways >= 1 && out.ways <= core::kMaxWays);
  return out;
}

core::LimitSettings read_limits(Arguments& in) {
  const auto allowance = [&] {
    const auto bytes = in.u64();
    return bytes == kNone ? std::nullopt : std::optional(bytes);
  };
  core::LimitSettings out;
  out.bytes_per_day = allowance();
  out.bytes_per_month = allowance();
  std::vector<core::Hours> hours;
  for (auto count = in.u8(); count > 0; --count) {
    const auto days = in.u8();
    const auto from = in.u16();
    hours.push_back({days, from, in.u16()});
  }
  out.hours = core::WeekHours(std::move(hours));
  return out;
}

class Records {
 public:
  explicit Records(Bytes& out) : write_(out) {}
  void blob(ByteView bytes) { write_.u32(static_cast<std::uint32_t>(bytes.size())).bytes(bytes); }
  ByteWriter& of(Record what) { return write_.u8(static_cast<std::uint8_t>(what)); }
  ByteWriter& of(Record what, SlotRef at) { return of(what).u8(at.slot).u32(at.epoch); }

  void command(const BrowserProxy::Command& command) {
    std::visit(Overloaded{
                   [&](const BrowserProxy::Post& post) {
                     of(Record::Post).u64(post.post).u8(static_cast<std::uint8_t>(post.way));
                     blob(post.bytes);
                   },
                   [&](const BrowserProxy::Cut& cut) { of(Record::Cut).u64(cut.post); },
                   [&](const BrowserProxy::MakeAnswer& make) {
                     of(Record::MakeAnswer, make.at);
                     blob(as_bytes(make.offer.reveal_to_socket()));
                   },
                   [&](const BrowserProxy::DialLeg& dial) {
                     of(Record::DialLeg, dial.at);
                     blob(as_bytes(dial.url.reveal_to_socket()));
                   },
                   [&](const BrowserProxy::StartRelay& start) { of(Record::StartRelay, start.at); },
                   [&](const BrowserProxy::SendOnLink& note) {
                     of(Record::SendOnLink, note.at);
                     blob(note.message);
                   },
                   [&](const BrowserProxy::CloseLink& close) {
                     of(Record::CloseLink, close.at).u8(static_cast<std::uint8_t>(close.why));
                   },
                   [&](const BrowserProxy::Keep& keep) {
                     of(Record::Keep);
                     blob(keep.record);
                   },
                   [&](const BrowserProxy::CloseLeg& close) {
                     of(Record::CloseLeg, close.at).u8(static_cast<std::uint8_t>(close.why));
                   },
               },
               command);
  }
  void deadline(std::optional<TimePoint> at) {
    // Rounded up: a timer that is early would be called for nothing.
    const auto micros = at ? std::chrono::ceil<Micros>(at->time_since_epoch()).count() : -1;
    of(Record::Deadline).u64(static_cast<std::uint64_t>(micros));
  }
  void status(const core::BrowserStatus& status, const core::HelpingRecord& record) {
    of(Record::Status).u8(status.on).u8(status.heard).u8(status.people).u8(status.standby);
    const auto& limits = status.limits;
    write_.u8(static_cast<std::uint8_t>(limits.pause)).u8(status.record_lost);
    write_.u64(limits.changes_at ? static_cast<std::uint64_t>(limits.changes_at->seconds) : kNone);
    write_.u64(record.helped_today).u64(record.helped);
    write_.u64(record.up_today).u64(record.down_today).u64(record.up).u64(record.down).u64(record.month.bytes);
    blob(as_bytes(status.trouble));
    std::array<core::HelpedNow::In, core::HelpedNow::kMost> room;
    const auto countries = status.helped.by_country(room);
    write_.u8(static_cast<std::uint8_t>(countries.size()));
    for (const auto& [country, people] : countries) write_.u16(static_cast<std::uint16_t>(country.index())).u8(people);
  }

 private:
  ByteWriter write_;
};

void apply(BrowserProxy& proxy, Moment at, Call what, Arguments& in) {
  switch (what) {
    case Call::Start: FB_ASSERT(false);  // it has begun
    case Call::SetPeople: return proxy.set_people(at, in.u8());
    case Call::Stop: return proxy.stop(at);
    case Call::Answered: {
      const auto post = in.u64();
      return proxy.on_answered(at, post, in.blob());
    }
    case Call::Failed: return proxy.on_failed(at, in.u64());
    case Call::AnswerMade: {
      const auto slot = in.slot();
      return proxy.on_answer_made(at, slot, wire::Sdp(to_string(in.blob())));
    }
    case Call::AnswerFailed: return proxy.on_answer_failed(at, in.slot());
    case Call::LinkOpen: return proxy.on_link_open(at, in.slot());
    case Call::LinkClosed: {
      const auto slot = in.slot();
      return proxy.on_link_closed(at, slot, in.end());
    }
    case Call::LegOpen: return proxy.on_leg_open(at, in.slot());
    case Call::LegClosed: {
      const auto slot = in.slot();
      return proxy.on_leg_closed(at, slot, in.end());
    }
    case Call::Carried: {
      const auto slot = in.slot();
      const auto up = in.u64();
      return proxy.on_carried(at, slot, up, in.u64());
    }
    case Call::Time: return proxy.on_time(at);
    case Call::NetworkChange: return proxy.on_network_change(at);
    case Call::SetLimits: return proxy.set_limits(at, read_limits(in));
    case Call::Restore: return proxy.restore(at, in.blob());
    case Call::SetNetwork: return proxy.set_network(at, in.one_of(core::PageNetwork::NoUdp));
  }
  FB_ASSERT(false);
}

}  // namespace

Bytes VolunteerCalls::handle(ByteView call) {
  Arguments in(call);
  const auto what = static_cast<Call>(in.u8());
  const TimePoint now{Micros{static_cast<std::int64_t>(in.u64())}};
  const UnixSeconds wall{in.u64()};
  const Moment at{now, wall, core::civil_time(wall, static_cast<std::int32_t>(in.u32()))};
  Bytes out;
  Records records(out);
  if (what == Call::Start) {
    FB_ASSERT(!proxy_);
    proxy_.emplace(read_start(in), rng_);
  } else {
    FB_ASSERT(proxy_.has_value());
    apply(*proxy_, at, what, in);
  }
  FB_ASSERT(in.empty());
  while (const auto command = proxy_->poll()) records.command(*command);
  records.deadline(proxy_->deadline());
  records.status(proxy_->status(), proxy_->record());
  return out;
}

}  // namespace footbridge::web
