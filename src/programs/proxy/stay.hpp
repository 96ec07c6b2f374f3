// Stay: one client's stay in one slot, as sockets: its link, its relay leg and the relay between them. What happens is
// told to the Volunteer with the slot's epoch; what to do about it is the ProxyEngine's decision.
//
// Ownership: the Volunteer owns it and destroys it from a later turn of the loop than any of its events.
// Threads: the I/O thread.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "core/limits/people.hpp"
#include "core/proxy/paced_pipe.hpp"
#include "core/proxy/proxy_engine.hpp"
#include "core/proxy/relay.hpp"
#include "core/proxy/slot_activity.hpp"
#include "io/asio.hpp"
#include "io/relay_leg.hpp"
#include "transport/webrtc/engine.hpp"

namespace footbridge::proxy {

class StayEvents {
 public:
  virtual ~StayEvents() = default;
  virtual void on_answer_made(TimePoint now, core::SlotRef at, wire::Sdp answer) = 0;
  virtual void on_link_open(TimePoint now, core::SlotRef at) = 0;
  virtual void on_link_closed(TimePoint now, core::SlotRef at, PipeEnd end) = 0;
  virtual void on_leg_open(TimePoint now, core::SlotRef at) = 0;
  virtual void on_leg_closed(TimePoint now, core::SlotRef at, PipeEnd end) = 0;
  // Messages went through the relay: some may wait for their time, and then somebody has to wake up.
  virtual void on_carried(TimePoint now) = 0;
};

// What all stays of a volunteer share, per direction; they outlive every stay.
struct Limits {
  core::RateLimit to_legs;
  core::RateLimit to_links;
};

class Stay final : private webrtc::LinkEvents {
 public:
  Stay(asio::any_io_executor executor, core::SlotRef at, webrtc::Engine& engine, webrtc::LinkKind best, wire::Sdp offer,
       std::optional<core::MappedPort> mapped, Limits& limits, StayEvents& events);

  core::SlotRef at() const { return at_; }
  // The port of ours that its link was given.
  std::optional<std::uint16_t> mapped_port() const { return mapped_port_; }
  // `can_pause`: it stops reading when told to (TCP).
  void take_leg(std::unique_ptr<io::RelayLeg> leg, bool can_pause);
  // Of an open link.
  std::optional<webrtc::LinkKind> link_kind() const { return link_->info().kind; }
  // The largest message that the link may bring.
  std::size_t link_message_bytes() const { return link_->max_message_bytes(); }
  void start_relay();
  // Says to the client that this slot ends soon.
  void tell_leaving(const MatchId& match, Rng& rng);
  // False: there is none (any more), so no event will follow.
  bool close_link(PipeEnd why);
  bool close_leg(PipeEnd why);
  // After the limits let something go: a leg that was paused goes on when nothing waits any more.
  void look_drained();
  // Bytes carried so far, both ways.
  const core::Relay* relay() const { return relay_ ? &*relay_ : nullptr; }
  // From start_relay(): does it help, or stand by?
  const std::optional<core::SlotActivity>& activity() const { return activity_; }

  // Whose stay it is, as the Volunteer keeps it here: from the offer, and from start_relay().
  std::vector<core::PersonMark> marks;
  std::optional<core::PersonNumber> person;
  TimePoint since{};  // its offer came

 private:
  // The leg's events, told apart from the link's.
  class LegSide final : public PipeEvents {
   public:
    explicit LegSide(Stay& stay) : stay_(stay) {}
    void on_open(TimePoint now) override;
    void on_messages(TimePoint now, std::span<const ByteView> batch) override;
    void on_drained(TimePoint) override {}  // the relay looks at the backlog with each message
    void on_closed(TimePoint now, PipeEnd end) override;

   private:
    Stay& stay_;
  };

  // webrtc::LinkEvents
  void on_local_description(TimePoint now, Private<std::string> sdp) override;
  void on_open(TimePoint now) override;
  void on_messages(TimePoint now, std::span<const ByteView> batch) override;
  void on_drained(TimePoint now) override;
  void on_closed(TimePoint now, PipeEnd end) override;

  void tell_carried(TimePoint now);

  core::SlotRef at_;
  std::optional<std::uint16_t> mapped_port_;
  Limits& limits_;
  StayEvents& events_;
  LegSide leg_side_{*this};
  std::optional<core::PacedPipe> to_link_;  // from the link's opening
  std::optional<core::PacedPipe> to_leg_;
  std::optional<core::Relay> relay_;
  std::unique_ptr<io::RelayLeg> leg_;
  bool leg_can_pause_ = false;
  std::unique_ptr<webrtc::Link> link_;
  std::optional<core::SlotActivity> activity_;
  bool link_over_ = false;
  bool leg_over_ = false;
};

}  // namespace footbridge::proxy
