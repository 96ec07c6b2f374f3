#include "transport/webrtc/webrtc_thread.hpp"

#include <algorithm>
#include <exception>
#include <pthread.h>
#include <utility>

#include "base/assert.hpp"
#include "io/clock.hpp"

namespace footbridge::webrtc {
namespace {

// SCTP keeps a closed association for a while; its timers run on until it has surely let go.
constexpr Duration kTickAfterLastPeer = Seconds(5);
// The first timers after a packet: the delayed SACK, and a retransmission after the least time-out of 200 ms.
constexpr Duration kTickAfterMove = Millis(250);
// Sources that libnice and GIO put off to "later" when an agent is let go.
constexpr int kLastTurns = 16;

}  // namespace

WebrtcThread::WebrtcThread(EngineConfig config) : config_(std::move(config)), context_(g_main_context_new()) {
  try {
    thread_ = std::thread([this] { run(); });
  } catch (...) {
    g_main_context_unref(context_);
    throw;
  }
  pthread_setname_np(thread_.native_handle(), "webrtc");
}

WebrtcThread::~WebrtcThread() {
  stopping_.store(true);
  g_main_context_wakeup(context_);
  thread_.join();
  g_main_context_unref(context_);
}

void WebrtcThread::create(NewPeer peer) {
  const std::lock_guard lock(mutex_);
  new_peers_.push_back(std::move(peer));
  g_main_context_wakeup(context_);
}

void WebrtcThread::note_stun_server(const Endpoint& server, bool answers) {
  const std::lock_guard lock(mutex_);
  if (stun_news_.size() < kMaxStunNews) stun_news_.emplace_back(server, answers);
}

void WebrtcThread::announce(LinkMailboxPtr mailbox) {
  const std::lock_guard lock(mutex_);
  announced_.push_back(std::move(mailbox));
  if (announced_.size() == 1) g_main_context_wakeup(context_);
}

void WebrtcThread::run() {
  g_main_context_push_thread_default(context_);
  {
    SctpStack sctp;
    DtlsContext dtls;
    StunServers stun(config_.stun_servers);
    host_ = {.context = context_, .config = &config_, .sctp = &sctp, .dtls = &dtls, .stun = &stun, .dirty = {}};
    while (!stopping_.load()) turn(true);
    peers_.clear();
    set_ticking(std::nullopt);
    for (int i = 0; i < kLastTurns; ++i) g_main_context_iteration(context_, FALSE);
  }
  g_main_context_pop_thread_default(context_);
}

void WebrtcThread::turn(bool may_wait) {
  const bool wait = may_wait && host_.dirty.empty();
  host_.sctp->before_sleep();
  g_main_context_iteration(context_, wait ? TRUE : FALSE);
  take_mail();
  const bool moved = !host_.dirty.empty();
  settle_peers();
  const auto now = io::now();
  if (!peers_.empty()) last_peer_ = now;
  if (moved) last_moved_ = now;
  set_ticking(wanted_interval(now));
}

std::optional<Millis> WebrtcThread::wanted_interval(TimePoint now) const {
  if (peers_.empty() && now - last_peer_ >= kTickAfterLastPeer) return std::nullopt;
  const bool busy = now - last_moved_ < kTickAfterMove ||
                    std::ranges::any_of(peers_, [](const auto& entry) { return entry.second->setting_up(); });
  return busy ? kSctpTick : kSctpIdleTick;
}

void WebrtcThread::take_mail() {
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [server, answers] : std::exchange(stun_news_, {})) host_.stun->report(server, answers);
    std::swap(made_, new_peers_);
    std::swap(mail_, announced_);
  }
  for (auto& made : made_) make_peer(std::move(made));
  made_.clear();
  for (const auto& mailbox : mail_)
    if (const auto found = peers_.find(mailbox.get()); found != peers_.end()) found->second->on_mail();
  mail_.clear();
}

void WebrtcThread::make_peer(NewPeer made) {
  const auto mailbox = made.mailbox;  // owners: Link and Peer
  try {
    const auto& peer = peers_[mailbox.get()] = std::make_unique<Peer>(host_, std::move(made));
    peer->start();
  } catch (const std::exception&) {
    // No certificate or no socket: this link cannot be, others may.
    peers_.erase(mailbox.get());
    const std::lock_guard lock(mailbox->mutex);
    mailbox->to_link.closed = PipeEnd::Setup;
    if (!mailbox->link_gone && !std::exchange(mailbox->to_link_announced, true)) mailbox->announce_to_link();
  }
}

void WebrtcThread::settle_peers() {
  if (host_.dirty.empty()) return;
  settling_.swap(host_.dirty);
  for (auto* const peer : settling_) peer->settle();
  settling_.clear();
  std::erase_if(peers_, [](const auto& entry) { return entry.second->finished(); });
}

void WebrtcThread::set_ticking(std::optional<Millis> interval) {
  if (interval == interval_) return;
  interval_ = interval;
  if (ticker_ != nullptr) {
    g_source_destroy(ticker_);
    g_source_unref(ticker_);
    ticker_ = nullptr;
  }
  if (!interval) return;
  ticker_ = g_timeout_source_new(static_cast<guint>(interval->count()));
  const auto tick = [](gpointer self) -> gboolean {
    static_cast<WebrtcThread*>(self)->on_tick();
    return G_SOURCE_CONTINUE;
  };
  g_source_set_callback(ticker_, tick, this, nullptr);
  g_source_attach(ticker_, context_);
}

void WebrtcThread::on_tick() {
  const auto now = io::now();
  host_.sctp->advance(now);
  for (const auto& [mailbox, peer] : peers_) peer->on_tick(now);
}

}  // namespace footbridge::webrtc
