#include "transport/webrtc/engine.hpp"

#include <atomic>
#include <utility>

#include "base/assert.hpp"
#include "transport/webrtc/link_impl.hpp"
#include "transport/webrtc/webrtc_thread.hpp"

namespace footbridge::webrtc {
namespace {

std::atomic<bool> g_engine_lives{false};

}  // namespace

class Engine::Impl {
 public:
  explicit Impl(EngineConfig config) : thread_(std::make_unique<WebrtcThread>(std::move(config))) {}

  std::unique_ptr<Link> make(boost::asio::any_io_executor executor, LinkConfig config, DescriptionRole role,
                             LinkEvents& events, std::optional<Private<std::string>> offer) {
    auto link = std::make_unique<LinkImpl>(thread_, std::move(executor), events, role, on_gathered_);
    link->start(std::move(config), std::move(offer));
    return link;
  }
  void on_gathered(OnGathered hears) { on_gathered_ = std::move(hears); }
  void note_stun_server(const Endpoint& server, bool answers) {
    if (thread_) thread_->note_stun_server(server, answers);
  }
  void stop() { thread_.reset(); }

 private:
  std::unique_ptr<WebrtcThread> thread_;
  OnGathered on_gathered_;
};

Engine::Engine(EngineConfig config) {
  FB_ASSERT(!g_engine_lives.exchange(true));
  try {
    impl_ = std::make_unique<Impl>(std::move(config));
  } catch (...) {
    g_engine_lives = false;
    throw;
  }
}

Engine::~Engine() {
  stop();
  g_engine_lives = false;
}

void Engine::on_gathered(OnGathered hears) { impl_->on_gathered(std::move(hears)); }

void Engine::note_stun_server(const Endpoint& server, bool answers) { impl_->note_stun_server(server, answers); }

void Engine::stop() { impl_->stop(); }

std::unique_ptr<Link> Engine::offer(boost::asio::any_io_executor executor, LinkConfig config, LinkEvents& events) {
  return impl_->make(std::move(executor), std::move(config), DescriptionRole::Offerer, events, std::nullopt);
}

std::unique_ptr<Link> Engine::answer(boost::asio::any_io_executor executor, LinkConfig config,
                                     Private<std::string> remote_offer, LinkEvents& events) {
  return impl_->make(std::move(executor), std::move(config), DescriptionRole::Answerer, events,
                     std::move(remote_offer));
}

}  // namespace footbridge::webrtc
