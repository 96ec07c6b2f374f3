// IceDetour: what a link has instead of a network of its own when its datagrams take a detour. ICE talks to stand-ins
// (stand_ins.hpp); the pair it settles on goes straight through the detour, many datagrams at a time.
//
// Threads: the WebRTC thread only; events come from dispatches of its GMainContext or from inside start(). None of them
// may destroy it. Ownership: events outlive it.
#pragma once

#include <glib.h>
#include <memory>
#include <optional>

#include "base/address.hpp"
#include "io/datagrams.hpp"
#include "io/detour.hpp"
#include "transport/webrtc/stand_ins.hpp"

namespace footbridge::webrtc {

class IceDetourEvents {
 public:
  virtual ~IceDetourEvents() = default;
  virtual void on_detour_open() = 0;
  virtual void on_detour_over() = 0;
  virtual void on_pair_datagram(ByteView datagram) = 0;  // from the far end of use()
};

class IceDetour final : public io::DatagramSink, private io::DetourEvents {
 public:
  IceDetour(GMainContext* context, std::unique_ptr<io::Detour> detour, IceDetourEvents& events);
  ~IceDetour() override;
  IceDetour(const IceDetour&) = delete;
  IceDetour& operator=(const IceDetour&) = delete;

  void start();
  StandIns& stand_ins() { return stand_ins_; }
  // Whom to ask for our outside address, as ICE may ask it; nullopt: nobody.
  std::optional<Endpoint> stun_server();
  // From now on send_run() goes to this far end, and what it sends comes here and not to ICE.
  void use(const wire::Destination& far_end) { used_ = Private(far_end); }
  void send_run(ByteView run, std::size_t segment_bytes) override;
  void allow_fragments(bool allowed) { detour_->allow_fragments(allowed); }

 private:
  static gboolean ready(gint descriptor, GIOCondition, gpointer self);
  void unwatch();
  void on_detour_open() override { events_.on_detour_open(); }
  void on_detour_over() override;
  void on_detour_datagram(const wire::Destination& from, ByteView datagram) override;

  GMainContext* context_;
  std::unique_ptr<io::Detour> detour_;
  IceDetourEvents& events_;
  StandIns stand_ins_;
  std::optional<Private<wire::Destination>> used_;
  GSource* watch_ = nullptr;
};

}  // namespace footbridge::webrtc
