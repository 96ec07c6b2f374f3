// The Link as the I/O thread has it: gathers outgoing messages until flush(), delivers incoming batches as events.
//
// Threads: the executor's one thread; the mailbox is the only thing shared.
// Ownership: the engine's WebrtcThread slot outlives the Link; it is empty once the engine was stopped, and then every
// call is a no-op. Deliveries already posted hold the mailbox and find `link` gone.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "transport/webrtc/link.hpp"
#include "transport/webrtc/mailbox.hpp"
#include "transport/webrtc/webrtc_thread.hpp"

namespace footbridge::webrtc {

class LinkImpl final : public Link {
 public:
  LinkImpl(const std::unique_ptr<WebrtcThread>& thread, boost::asio::any_io_executor executor, LinkEvents& events,
           DescriptionRole role, Engine::OnGathered on_gathered);
  ~LinkImpl() override;

  void start(LinkConfig config, std::optional<Private<std::string>> offer);

  bool send(ByteView message) override;
  void flush() override;
  std::size_t backlog_bytes() const override;
  std::size_t max_message_bytes() const override { return max_message_bytes_; }
  void pause_reading(bool paused) override;
  void close(PipeEnd end) override;
  Status<LinkError> accept_answer(Private<std::string> sdp, LinkKind other_best) override;
  LinkInfo info() const override { return info_; }

 private:
  // Lives on the I/O thread; deliveries reach the Link through it, so that they find nobody once it is gone.
  struct Anchor {
    LinkImpl* link = nullptr;
  };

  bool wants_work() const { return thread_ != nullptr && info_.state != LinkState::Closed; }
  template <class Change>
  void tell_peer(Change&& change);
  void deliver();
  void deliver(TimePoint now, ToLink& box, const std::shared_ptr<Anchor>& anchor);  // owners: Link and deliveries
  std::uint64_t outstanding_bytes() const;
  void limit_messages(const wire::SessionDescription& remote);

  const std::unique_ptr<WebrtcThread>& thread_;
  boost::asio::any_io_executor executor_;
  LinkEvents& events_;
  DescriptionRole role_;
  Engine::OnGathered on_gathered_;
  LinkMailboxPtr mailbox_;          // owners: Link and Peer
  std::shared_ptr<Anchor> anchor_;  // owners: this Link and the deliveries on their way
  LinkInfo info_;
  std::size_t max_message_bytes_ = kMaxMessageBytes;
  bool answered_ = false;
  MessageBatch pending_;  // sent, not flushed
  std::uint64_t accepted_bytes_ = 0;
  MessageBatch spare_;  // memory of the last delivery, for the next
  std::vector<ByteView> views_;
};

}  // namespace footbridge::webrtc
