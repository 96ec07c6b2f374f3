// One ICE agent (RFC 8445) with one component, on libnice: gathers, checks, keeps consent (RFC 7675), carries
// datagrams. Sends no STUN SOFTWARE attribute. Candidates of the other side arrive already filtered.
//
// Threads: the WebRTC thread only; events come from dispatches of its GMainContext or from inside gather() and
// set_remote(). None of them may destroy the agent.
// Ownership: the agent owns its sockets; destroying it closes them at once without a word to the other side.
#pragma once

#include <agent.h>
#include <cstdint>
#include <memory>
#include <netinet/in.h>
#include <optional>
#include <sys/socket.h>
#include <vector>

#include "base/address.hpp"
#include "base/private.hpp"
#include "transport/webrtc/datagram_batch.hpp"
#include "transport/webrtc/link.hpp"
#include "wire/ice_candidate.hpp"

namespace footbridge::webrtc {

class IceEvents {
 public:
  virtual ~IceEvents() = default;
  virtual void on_ice_gathered() = 0;
  virtual void on_ice_connected() = 0;  // again whenever the pair changes
  virtual void on_ice_failed() = 0;     // no pair works, or consent has expired
  virtual void on_ice_datagram(ByteView datagram) = 0;
};

struct IceConfig {
  bool controlling = false;  // the offerer controls
  std::optional<Endpoint> stun_server;
  std::vector<IpAddress> local_addresses;  // empty: all interfaces except loopback
  bool port_mapping = false;
};

struct IceCredentials {
  Private<std::string> ufrag;
  Private<std::string> pwd;
};

class IceAgent final : public DatagramSink {
 public:
  IceAgent(GMainContext* context, const IceConfig& config, IceEvents& events);
  ~IceAgent() override;
  IceAgent(const IceAgent&) = delete;
  IceAgent& operator=(const IceAgent&) = delete;

  bool gather();  // false: no usable interface
  const IceCredentials& credentials() const { return credentials_; }
  std::vector<wire::IceCandidate> local_candidates() const;
  bool set_remote(const IceCredentials& credentials, const std::vector<wire::IceCandidate>& candidates);

  // Over the chosen pair; dropped when there is none. Lost datagrams are not reported: this is UDP.
  void send_run(ByteView run, std::size_t segment_bytes) override;
  std::optional<LinkInfo::Pair> pair() const { return pair_; }

 private:
  static void gathered(NiceAgent*, guint stream, gpointer self);
  static void state_changed(NiceAgent*, guint stream, guint component, guint state, gpointer self);
  static void pair_selected(NiceAgent*, guint stream, guint component, NiceCandidate*, NiceCandidate*, gpointer self);
  static void received(NiceAgent*, guint stream, guint component, guint length, gchar* data, gpointer self);
  void select_socket();
  bool send_segmented(ByteView run, std::size_t segment_bytes);
  void send_one_by_one(ByteView run, std::size_t segment_bytes);

  struct AgentFree {
    void operator()(NiceAgent* agent) const { g_object_unref(agent); }
  };
  IceEvents& events_;
  GMainContext* context_;
  std::unique_ptr<NiceAgent, AgentFree> agent_;
  guint stream_ = 0;
  IceCredentials credentials_;
  std::optional<LinkInfo::Pair> pair_;
  int socket_ = -1;  // of the chosen pair, libnice's; -1: relayed or none, then libnice sends
  sockaddr_storage remote_{};
  socklen_t remote_bytes_ = 0;
  bool segments_ = true;  // until the kernel or the device says no
};

}  // namespace footbridge::webrtc
