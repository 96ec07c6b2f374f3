#include "sim/stack/proxy_node.hpp"

#include <algorithm>

#include "core/path/packet_sizes.hpp"

namespace footbridge::sim {

// One client's place: two sides of pipes and a relay between them.
class ProxyNode::Stay {
 public:
  Stay(ProxyNode& node, Pipe::Side& link, Pipe::Side& leg)
      : node_(node), link_side_(link), leg_side_(leg), relay_(kAt, link), link_(*this), leg_(*this) {
    link.use(link_);
    leg.use(leg_);
    relay_.attach_leg(leg, true);
  }
  ~Stay() {
    if (link_.open) link_side_.abandon();
    if (leg_.open) leg_side_.abandon();
  }
  bool over() const { return !link_.open && !leg_.open; }
  const core::Relay& relay() const { return relay_; }
  bool within_bounds() const {
    return relay_.held_bytes() <= core::Relay::kMaxEarlyBytes && fits(link_.open, link_side_) &&
           fits(leg_.open, leg_side_);
  }
  void freeze(bool frozen) {
    if (link_.open) link_side_.freeze(frozen);
    if (leg_.open) leg_side_.freeze(frozen);
  }
  void close() {
    if (link_.open) link_side_.close(PipeEnd::Local);
    if (leg_.open) leg_side_.close(PipeEnd::Local);
  }
  void crash(Network& network, bool told, std::optional<Duration> link_noticed) {
    if (std::exchange(link_.open, false))
      network.find_pipe(link_side_.number())
          ->crash(1, link_noticed ? std::optional(PipeEnd::Lost) : std::nullopt, link_noticed.value_or(Duration{}));
    if (std::exchange(leg_.open, false))
      network.find_pipe(leg_side_.number())->crash(0, told ? std::optional(PipeEnd::Lost) : std::nullopt, Millis{20});
  }

 private:
  static constexpr core::SlotRef kAt{0, 1};

  struct LinkEnd final : PipeEvents {
    explicit LinkEnd(Stay& stay) : mine(stay) {}
    void on_open(TimePoint) override {}
    void on_messages(TimePoint, std::span<const ByteView> batch) override { mine.relay_.on_link_messages(kAt, batch); }
    void on_drained(TimePoint) override { mine.relay_.on_link_drained(kAt); }
    void on_closed(TimePoint, PipeEnd) override {
      open = false;
      if (mine.leg_.open) mine.leg_side_.close(PipeEnd::Local);
      mine.node_.sweeping_.arm_now();
    }
    Stay& mine;
    bool open = true;
  };
  struct LegEnd final : PipeEvents {
    explicit LegEnd(Stay& stay) : mine(stay) {}
    void on_open(TimePoint) override {}
    void on_messages(TimePoint, std::span<const ByteView> batch) override { mine.relay_.on_leg_messages(kAt, batch); }
    void on_drained(TimePoint) override {}
    void on_closed(TimePoint, PipeEnd) override {
      open = false;
      if (mine.link_.open) mine.link_side_.close(PipeEnd::Leg);
      mine.node_.sweeping_.arm_now();
    }
    Stay& mine;
    bool open = true;
  };

  // What waits for the wire counts headers, too: at most one for each of the smallest packets.
  static bool fits(bool open, const Pipe::Side& side) {
    return !open || side.backlog_bytes() <= core::Relay::kMaxBacklogBytes + core::kMaxPacketBytes + kHeaderSlackBytes;
  }
  static constexpr std::size_t kHeaderSlackBytes = core::Relay::kMaxBacklogBytes / 8;

  ProxyNode& node_;
  Pipe::Side& link_side_;
  Pipe::Side& leg_side_;
  core::Relay relay_;
  LinkEnd link_;
  LegEnd leg_;
};

ProxyNode::ProxyNode(Network& network, std::uint64_t number)
    : network_(network), name_{"proxy", number}, sweeping_(network.queue, [this] { sweep(); }) {}

ProxyNode::~ProxyNode() = default;

void ProxyNode::carry(Pipe::Side& link, Pipe::Side& leg) {
  stays_.push_back(std::make_unique<Stay>(*this, link, leg));
  if (frozen_) stays_.back()->freeze(true);
}

void ProxyNode::crash(bool told, std::optional<Duration> link_noticed) {
  network_.trace.story(network_.now(), name_, "crashes", {{"stays", stays_.size()}, {"told", told ? 1U : 0U}});
  for (const auto& stay : stays_) stay->crash(network_, told, link_noticed);
  stays_.clear();
  alive_ = frozen_ = false;
}

void ProxyNode::restart() {
  network_.trace.story(network_.now(), name_, "starts");
  alive_ = true;
}

void ProxyNode::freeze(bool frozen) {
  network_.trace.story(network_.now(), name_, frozen ? "freezes" : "thaws", {{"stays", stays_.size()}});
  frozen_ = frozen;
  for (const auto& stay : stays_) stay->freeze(frozen);
}

void ProxyNode::close() {
  for (const auto& stay : stays_) stay->close();
}

bool ProxyNode::within_bounds() const {
  return stays_.size() <= kProxySlots &&
         std::ranges::all_of(stays_, [](const auto& stay) { return stay->within_bounds(); });
}

void ProxyNode::for_each_stay(const std::function<void(const core::Relay&)>& visit) const {
  for (const auto& stay : stays_) visit(stay->relay());
}

void ProxyNode::sweep() {
  std::erase_if(stays_, [](const auto& stay) { return stay->over(); });
}

}  // namespace footbridge::sim
