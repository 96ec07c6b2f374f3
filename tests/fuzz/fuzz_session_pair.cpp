// Two live sessions and a row of deeds: what applications do, what paths do to datagrams (lose, hold, repeat), paths
// that come, fall silent, are suspected and close. Whatever the row, no byte changes, bounds hold, and a path that
// works in the end carries everything home.
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "base/assert.hpp"
#include "base/rng.hpp"
#include "core/session/path_table.hpp"
#include "core/session/session.hpp"
#include "deeds.hpp"

namespace {

using namespace footbridge;
using namespace footbridge::core;

constexpr std::size_t kMaxDeeds = 400;
constexpr std::size_t kMaxMemory = 4 * kSessionWindow;
constexpr std::size_t kMaxUnderWay = 64;  // datagrams of one path and direction

std::byte expected(StreamId id, std::uint64_t at) { return static_cast<std::byte>(id * 31 + at * 7 + at / 256); }

struct Datagram {
  DatagramId id = 0;
  Bytes bytes;
};
struct Way {
  PathId ids[2];
  std::deque<Datagram> under_way[2];  // by sending end
};
struct Flow {
  std::uint64_t written = 0, read = 0;
  bool finished = false, over = false;
};

class Pair {
 public:
  void play(fuzz::Deeds& deeds) {
    for (std::size_t i = 0; i < kMaxDeeds && !deeds.empty(); ++i) {
      deed(deeds);
      for (const std::size_t end : {0U, 1U}) drain(end, deeds.empty() ? 1 : deeds.byte() % 4);
      FB_ASSERT(memory_.used_bytes() <= kMaxMemory);
    }
    come_home();
  }

 private:
  Session& at(std::size_t end) { return end == 0 ? client_ : egress_; }

  void deed(fuzz::Deeds& deeds) {
    const auto what = deeds.below(12);
    const auto end = deeds.below(2);
    switch (what) {
      case 0: add_way(); break;
      case 1:
        if (auto* const way = some_way(deeds)) close(*way);
        break;
      case 2: open(deeds.byte()); break;
      case 3: write(end, deeds.byte(), deeds.byte() * 97); break;
      case 4: give_up(end, deeds.byte(), deeds.below(3)); break;
      case 5:
      case 6:
        if (auto* const way = some_way(deeds)) send(*way, end, 1 + deeds.below(8));
        break;
      case 7:
      case 8:
        if (auto* const way = some_way(deeds)) arrive(*way, end, deeds.below(4), deeds.byte());
        break;
      case 9: pass(Millis{deeds.byte() * 20}); break;
      case 10:
        if (auto* const way = some_way(deeds)) measure(*way, end, deeds);
        break;
      default:
        if (deeds.byte() == 0) egress_.go_away(now_, Seconds{5});
        break;
    }
  }

  void add_way() {
    if (ways_.size() >= core::kMaxPaths) return;
    ways_.push_back({{client_.add_path(now_), egress_.add_path(now_)}, {}});
  }
  Way* some_way(fuzz::Deeds& deeds) { return ways_.empty() ? nullptr : &ways_[deeds.below(ways_.size())]; }
  void close(Way& way) {
    for (const std::size_t end : {0U, 1U}) at(end).path_closed(now_, way.ids[end]);
    ways_.erase(ways_.begin() + (&way - ways_.data()));
  }
  // Whatever a path may say of itself; what it says of bytes under way need not be true.
  void measure(const Way& way, std::size_t end, fuzz::Deeds& deeds) {
    const auto heard = now_ - Millis{deeds.one_in(2) ? 0 : deeds.byte()};
    at(end).on_path_stats(now_, way.ids[end],
                          {Millis{deeds.byte() * 4}, Millis{deeds.byte()}, 0, deeds.below(2), heard});
  }
  void open(std::size_t header_bytes) {
    const StreamId id = 2 * client_.stats().streams_opened + 1;
    Bytes header(header_bytes);
    for (std::size_t i = 0; i < header.size(); ++i) header[i] = expected(id, i);
    if (client_.open(now_, header) != id) return;
    streams_.push_back(id);
    flows_[0][id].written = header.size();
    flows_[1][id] = {};
  }
  void write(std::size_t end, std::size_t which, std::size_t count) {
    if (streams_.empty()) return;
    const auto id = streams_[which % streams_.size()];
    auto& flow = flows_[end][id];
    if (flow.finished || flow.over || (end == 1 && !seen_.contains(id))) return;
    Bytes bytes(count);
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = expected(id, flow.written + i);
    flow.written += at(end).write(now_, id, bytes);
  }
  void give_up(std::size_t end, std::size_t which, std::size_t how) {
    if (streams_.empty()) return;
    const auto id = streams_[which % streams_.size()];
    if (end == 1 && !seen_.contains(id)) return;
    if (how == 0 && !flows_[end][id].over) {
      at(end).finish(now_, id);
      flows_[end][id].finished = true;
      return;
    }
    how == 1 ? at(end).reset(now_, id, ResetCode::Cancelled) : at(end).stop(now_, id, ResetCode::Cancelled);
    flows_[0][id].over = flows_[1][id].over = true;  // from here on only prefixes are promised
  }
  void send(Way& way, std::size_t end, std::size_t most) {
    Bytes out(1'108);
    for (; most > 0 && way.under_way[end].size() < kMaxUnderWay && at(end).has_work(way.ids[end]); --most) {
      const auto pulled = at(end).pull(now_, way.ids[end], out);
      FB_ASSERT(pulled && pulled->bytes > 0 && pulled->bytes <= out.size());
      way.under_way[end].push_back({pulled->id, Bytes(out.begin(), out.begin() + static_cast<long>(pulled->bytes))});
    }
  }
  // 0: delivered; 1: delivered twice; 2: lost; 3: delivered, and believed lost first.
  void arrive(Way& way, std::size_t from, std::size_t how, std::size_t which) {
    auto& line = way.under_way[from];
    if (line.empty()) return;
    const auto at_line = line.begin() + static_cast<long>(which % line.size());  // any of them: reordered
    const auto datagram = std::move(*at_line);
    line.erase(at_line);
    const auto sender = way.ids[from];
    const auto receiver = way.ids[1 - from];
    if (how == 3) at(from).on_fate(now_, sender, datagram.id, DatagramFate::Lost);
    for (int times = how == 2 ? 0 : how == 1 ? 2 : 1; times > 0; --times)
      FB_ASSERT(at(1 - from).on_datagram(now_, receiver, datagram.bytes).ok() || at(1 - from).ended());
    at(from).on_fate(now_, sender, datagram.id, how == 2 ? DatagramFate::Lost : DatagramFate::Acked);
  }
  void pass(Duration by) {
    now_ += by;
    for (const std::size_t end : {0U, 1U})
      if (const auto due = at(end).deadline(); due && *due <= now_) at(end).on_deadline(now_);
  }
  void drain(std::size_t end, std::size_t eagerness) {
    while (const auto happened = at(end).poll()) {
      if (const auto* const opened = std::get_if<event::Opened>(&*happened)) seen_.emplace(opened->stream, true);
      if (const auto* const ended = std::get_if<event::Ended>(&*happened)) {
        FB_ASSERT(ended->reason == EndReason::NoPath);
        over_ = true;
      }
      if (const auto* const done = std::get_if<event::Finished>(&*happened)) {
        const auto& flow = flows_[1 - end][done->stream];
        FB_ASSERT(flow.over || (flow.finished && flow.read == flow.written));
        FB_ASSERT(ends_[end].emplace(done->stream, true).second);  // never twice
      }
    }
    if (eagerness > 0)
      for (const auto id : streams_) read(end, id);
  }
  void read(std::size_t end, StreamId id) {
    auto& flow = flows_[1 - end][id];
    for (auto bytes = at(end).peek(id); !bytes.empty(); bytes = at(end).peek(id)) {
      for (const auto byte : bytes) FB_ASSERT(byte == expected(id, flow.read++));
      FB_ASSERT(flow.read <= flow.written);
      at(end).consume(now_, id, bytes.size());
    }
  }
  // A good path at last, and time.
  void come_home() {
    while (!ways_.empty()) close(ways_.back());
    for (const std::size_t end : {0U, 1U}) drain(end, 1);
    if (over_) return;
    add_way();
    for (int round = 0; round < 4'000 && !over_; ++round) {
      bool moved = false;
      for (const std::size_t end : {0U, 1U}) {
        send(ways_.front(), end, kMaxUnderWay);
        while (!ways_.front().under_way[end].empty()) arrive(ways_.front(), end, 0, 0), moved = true;
        drain(1 - end, 1), drain(end, 1);
      }
      pass(Millis{30});
      if (!moved && !client_.deadline() && !egress_.deadline()) break;
    }
    if (over_) return;
    for (const std::size_t end : {0U, 1U})
      for (const auto& [id, flow] : flows_[end]) FB_ASSERT(flow.over || flow.read == flow.written);
  }

  TimePoint now_{Seconds{1}};
  SeededRng rng_{1};
  BoundedMemory memory_{kMaxMemory};
  SessionConfig config_ = [] {
    SessionConfig config;
    config.peer_limits = config.limits;
    return config;
  }();
  Session client_{Session::Role::Client, config_, rng_, memory_, now_};
  Session egress_{Session::Role::Egress, config_, rng_, memory_, now_};
  std::vector<Way> ways_;
  std::vector<StreamId> streams_;
  std::map<StreamId, bool> seen_;  // by the egress
  std::map<StreamId, Flow> flows_[2];
  std::map<StreamId, bool> ends_[2];
  bool over_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  footbridge::fuzz::Deeds deeds(as_bytes(data, size));
  Pair pair;
  pair.play(deeds);
  return 0;
}
