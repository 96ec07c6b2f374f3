#include "transport/webrtc/ice_detour.hpp"

#include <glib-unix.h>
#include <utility>

namespace footbridge::webrtc {

IceDetour::IceDetour(GMainContext* context, std::unique_ptr<io::Detour> detour, IceDetourEvents& events)
    : context_(context), detour_(std::move(detour)), events_(events), stand_ins_(context, *detour_) {}

IceDetour::~IceDetour() { unwatch(); }

void IceDetour::start() {
  io::DetourEvents& events = *this;  // here, where the base is accessible
  detour_->start(events);
  if (detour_->descriptor() < 0) return;
  watch_ = g_unix_fd_source_new(detour_->descriptor(), G_IO_IN);
  g_source_set_callback(watch_, G_SOURCE_FUNC(&IceDetour::ready), this, nullptr);
  g_source_attach(watch_, context_);
}

gboolean IceDetour::ready(gint, GIOCondition, gpointer self) {
  auto& detour = *static_cast<IceDetour*>(self);
  detour.detour_->work();
  return detour.watch_ != nullptr ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

void IceDetour::unwatch() {
  if (watch_ == nullptr) return;
  g_source_destroy(watch_);
  g_source_unref(watch_);
  watch_ = nullptr;
}

std::optional<Endpoint> IceDetour::stun_server() {
  const auto server = detour_->stun_server();
  return server ? stand_ins_.stand_in(server->reveal_to_socket()) : std::nullopt;
}

void IceDetour::send_run(ByteView run, std::size_t segment_bytes) {
  if (used_) detour_->send_run(used_->reveal_to_socket(), run, segment_bytes);
}

void IceDetour::on_detour_over() {
  unwatch();
  events_.on_detour_over();
}

void IceDetour::on_detour_datagram(const wire::Destination& from, ByteView datagram) {
  if (used_ && used_->reveal_to_socket() == from) return events_.on_pair_datagram(datagram);
  stand_ins_.on_datagram(from, datagram);
}

}  // namespace footbridge::webrtc
