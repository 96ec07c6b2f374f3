// The WebRTC thread: one GMainContext on which libnice, DTLS, SCTP and all peers run, and the door through which the
// I/O thread hands work in.
//
// One turn: wait for sockets, timers or the door; dispatch; take the mail; settle every dirty peer (one system call per
// batch of datagrams, one post per batch of events); bury finished peers.
//
// Threads: announce(), create() and note_stun_server() from any thread; everything else inside. The destructor stops
// and joins: every layer below is non-blocking, so this takes one turn.
#pragma once

#include <atomic>
#include <glib.h>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "transport/webrtc/dtls_openssl.hpp"
#include "transport/webrtc/engine.hpp"
#include "transport/webrtc/mailbox.hpp"
#include "transport/webrtc/peer.hpp"
#include "transport/webrtc/sctp_stack.hpp"
#include "transport/webrtc/stun_servers.hpp"

namespace footbridge::webrtc {

class WebrtcThread {
 public:
  explicit WebrtcThread(EngineConfig config);  // throws std::system_error
  ~WebrtcThread();
  WebrtcThread(const WebrtcThread&) = delete;
  WebrtcThread& operator=(const WebrtcThread&) = delete;

  void create(NewPeer peer);
  // Says that the mailbox's to_peer is no longer empty.
  void announce(LinkMailboxPtr mailbox);  // owners: Link and Peer
  // Counts for peers that are made later. What is not taken in time is at most kMaxStunNews pieces; more are dropped.
  void note_stun_server(const Endpoint& server, bool answers);

 private:
  void run();
  void turn(bool may_wait);
  void take_mail();
  void make_peer(NewPeer made);
  void settle_peers();
  void set_ticking(std::optional<Millis> interval);
  std::optional<Millis> wanted_interval(TimePoint now) const;
  void on_tick();

  EngineConfig config_;
  GMainContext* context_;
  std::atomic<bool> stopping_{false};

  std::mutex mutex_;
  std::vector<NewPeer> new_peers_;         // under mutex_
  std::vector<LinkMailboxPtr> announced_;  // under mutex_; owners: Link and Peer
  static constexpr std::size_t kMaxStunNews = 64;
  std::vector<std::pair<Endpoint, bool>> stun_news_;  // under mutex_: a server, and whether it answers

  // The WebRTC thread's own.
  std::vector<NewPeer> made_;
  std::vector<LinkMailboxPtr> mail_;  // owners: Link and Peer
  PeerHost host_;
  std::vector<Peer*> settling_;
  std::map<const LinkMailbox*, std::unique_ptr<Peer>> peers_;
  GSource* ticker_ = nullptr;
  std::optional<Millis> interval_;  // of the ticker
  TimePoint last_peer_{};           // when there was one
  TimePoint last_moved_{};          // when something had to be done for one

  std::thread thread_;
};

}  // namespace footbridge::webrtc
