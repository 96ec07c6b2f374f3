// Two ends that agree on the form of their link over a network that loses and delays what it likes, and a third whose
// other side says what it likes. A verdict never changes, honest ends never disagree, what waits is bounded.
#include <cstddef>
#include <cstdint>
#include <deque>

#include "base/assert.hpp"
#include "deeds.hpp"
#include "transport/webrtc/native_agreement.hpp"

namespace {

using namespace footbridge;
using namespace footbridge::webrtc;

constexpr std::size_t kMaxDeeds = 400;

NativeTags tags() { return NativeTags(SeededRng(1).array<kNativeRecords * kNativeTagBytes>()); }

struct End {
  End(DescriptionRole role, Rng& rng) : offers(role == DescriptionRole::Offerer), agreement(role, tags(), rng) {}

  void watch() {
    FB_ASSERT(!verdict || agreement.verdict() == verdict);
    verdict = agreement.verdict();
  }
  void hear(ByteView record) {
    if (!agreement.on_record(record)) heard_other = true;
    watch();
  }
  void speak(TimePoint now) {
    while (auto record = agreement.poll(now)) line.push_back(std::move(*record));
    watch();
    // Messages or SCTP, of whoever may: an answerer begins neither.
    if (verdict && (offers || heard_other || verdict == LinkKind::Native)) line.push_back(Bytes(20, std::byte{0x13}));
  }

  bool offers;
  NativeAgreement agreement;
  std::optional<LinkKind> verdict;
  bool heard_other = false;
  std::deque<Bytes> line;  // what it said and the other has not heard
};

void carry(End& from, End& to, fuzz::Deeds& deeds) {
  if (from.line.empty()) return;
  const auto at = from.line.begin() + static_cast<std::ptrdiff_t>(deeds.byte() % from.line.size());
  if (!deeds.one_in(3)) to.hear(*at);
  if (!deeds.one_in(8)) from.line.erase(at);
}

void lie(End& to, fuzz::Deeds& deeds, Rng& rng) {
  auto record = tags().make(static_cast<NativeRecord>(deeds.below(kNativeRecords)), rng);
  if (deeds.one_in(4)) record.resize(deeds.byte());
  if (deeds.one_in(4)) record = to_bytes(deeds.run());
  to.hear(record);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Deeds deeds(as_bytes(data, size));
  SeededRng rng(1);
  TimePoint now{};
  End offerer(DescriptionRole::Offerer, rng);
  End answerer(DescriptionRole::Answerer, rng);
  End deceived(deeds.one_in(2) ? DescriptionRole::Offerer : DescriptionRole::Answerer, rng);
  for (std::size_t i = 0; i < kMaxDeeds && !deeds.empty(); ++i) {
    now += Millis(2 * deeds.byte());
    for (auto* end : {&offerer, &answerer, &deceived}) end->speak(now);
    carry(offerer, answerer, deeds);
    carry(answerer, offerer, deeds);
    lie(deceived, deeds, rng);
    FB_ASSERT(!offerer.verdict || !answerer.verdict || offerer.verdict == answerer.verdict);
  }
  std::size_t early = 0;
  while (deceived.agreement.take_early()) ++early;
  FB_ASSERT(early <= kMaxEarlyRecords);
  return 0;
}
