#include "transport/webrtc/sctp_stack.hpp"

#include <usrsctp.h>
#include <utility>

#include "base/assert.hpp"
#include "io/clock.hpp"
#include "transport/webrtc/crc32c.hpp"
#include "transport/webrtc/link.hpp"
#include "transport/webrtc/sctp_association.hpp"

namespace footbridge::webrtc {
namespace {

// The library's settings, with why they differ from its defaults (which give a tenth of the throughput).
constexpr std::uint32_t kSendBufferBytes = 1U << 20;     // also the ceiling of one link: 1 MiB per round trip
constexpr std::uint32_t kReceiveBufferBytes = 4U << 20;  // browsers advertise 4.7 MB; 128 KiB reached zero windows
constexpr std::uint32_t kMaxChunksOnQueue = 4096;        // 512 caps the flight below the send buffer
constexpr std::uint32_t kMaxBurstPackets = 128;          // not below what one coalesced SACK acknowledges
constexpr std::uint32_t kInitialWindowMtus = 32;
constexpr std::uint32_t kByteCountingMtus = 64;  // let the window follow a coalesced SACK; 1 opens one MTU each
constexpr std::uint32_t kDelayedSackMillis = 20;
constexpr std::uint32_t kSackFrequencyPackets = 2;
constexpr std::uint32_t kRtoInitialMillis = 1000;
constexpr std::uint32_t kRtoMinMillis = 200;
constexpr std::uint32_t kRtoMaxMillis = 10'000;
constexpr std::uint32_t kHeartbeatMillis = 10'000;
constexpr std::uint32_t kStreams = 16;  // one is used; 1024 would cost 80 KB per idle link

constexpr int kFinishAttempts = 300;  // × 10 virtual ms: longer than any timer of a closed socket

void configure() {
  if (cpu_has_crc32c()) usrsctp_enable_crc32c_offload();  // DTLS authenticates what comes in, we fill what goes out
  usrsctp_sysctl_set_sctp_sendspace(kSendBufferBytes);
  usrsctp_sysctl_set_sctp_recvspace(kReceiveBufferBytes);
  usrsctp_sysctl_set_sctp_max_chunks_on_queue(kMaxChunksOnQueue);
  usrsctp_sysctl_set_sctp_max_burst_default(kMaxBurstPackets);
  usrsctp_sysctl_set_sctp_initial_cwnd(kInitialWindowMtus);
  usrsctp_sysctl_set_sctp_L2_abc_variable(kByteCountingMtus);
  usrsctp_sysctl_set_sctp_delayed_sack_time_default(kDelayedSackMillis);
  usrsctp_sysctl_set_sctp_sack_freq_default(kSackFrequencyPackets);
  usrsctp_sysctl_set_sctp_rto_initial_default(kRtoInitialMillis);
  usrsctp_sysctl_set_sctp_rto_min_default(kRtoMinMillis);
  usrsctp_sysctl_set_sctp_rto_max_default(kRtoMaxMillis);
  usrsctp_sysctl_set_sctp_init_rto_max_default(kRtoMaxMillis);
  usrsctp_sysctl_set_sctp_heartbeat_interval_default(kHeartbeatMillis);
  usrsctp_sysctl_set_sctp_nr_outgoing_streams_default(kStreams);
  usrsctp_sysctl_set_sctp_nr_incoming_streams_default(kStreams);
  usrsctp_sysctl_set_sctp_ecn_enable(0);
  usrsctp_sysctl_set_sctp_asconf_enable(0);
  usrsctp_sysctl_set_sctp_auth_enable(0);
  usrsctp_sysctl_set_sctp_nrsack_enable(0);
  usrsctp_sysctl_set_sctp_pktdrop_enable(0);
  usrsctp_sysctl_set_sctp_blackhole(2);  // never answer packets that belong to no association
}

// The library's callback has no user pointer; the engine is the only one of its process.
SctpStack* g_stack = nullptr;
// Handles are never reused, also not by the next engine: late callbacks must miss.
std::uintptr_t g_next_handle = 1;
// The library refused to finish (it still held a socket): it stays as it is for the next engine.
bool g_library_running = false;

}  // namespace

SctpStack::SctpStack() : time_(io::now()), scratch_(kMaxMessageBytes + 1) {
  FB_ASSERT(g_stack == nullptr);
  g_stack = this;
  if (!g_library_running) {
    usrsctp_init_nothreads(0, &SctpStack::output, nullptr);
    configure();
    g_library_running = true;
  }
}

SctpStack::~SctpStack() {
  FB_ASSERT(associations_.empty());
  for (int attempt = 0; g_library_running && attempt < kFinishAttempts; ++attempt) {
    usrsctp_handle_timers(static_cast<std::uint32_t>(kSctpTick.count()));
    g_library_running = usrsctp_finish() != 0;
  }
  g_stack = nullptr;
}

void SctpStack::advance(TimePoint now) {
  const auto elapsed = std::chrono::duration_cast<Millis>(now - time_);
  if (elapsed.count() <= 0) return;
  time_ += elapsed;  // the rest of a millisecond counts next time
  usrsctp_handle_timers(static_cast<std::uint32_t>(elapsed.count()));
}

void SctpStack::catch_up() {
  if (std::exchange(caught_up_, true)) return;
  const auto now = io::now();
  if (now - time_ > 2 * kSctpTick) advance(now);
}

void* SctpStack::add(SctpAssociation& association) {
  const auto handle = g_next_handle++;
  associations_.emplace(handle, &association);
  auto* const address = reinterpret_cast<void*>(handle);  // NOLINT: the library's address type; never dereferenced
  usrsctp_register_address(address);
  return address;
}

void SctpStack::remove(void* handle) {
  usrsctp_deregister_address(handle);
  associations_.erase(reinterpret_cast<std::uintptr_t>(handle));
}

int SctpStack::output(void* handle, void* packet, std::size_t length, std::uint8_t, std::uint8_t) {
  if (g_stack == nullptr) return -1;
  const auto found = g_stack->associations_.find(reinterpret_cast<std::uintptr_t>(handle));
  if (found == g_stack->associations_.end()) return -1;
  found->second->on_output({static_cast<std::byte*>(packet), length});
  return 0;
}

}  // namespace footbridge::webrtc
