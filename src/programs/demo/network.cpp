#include "programs/demo/network.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "ops/errors.hpp"

namespace footbridge::demo {
namespace {

std::filesystem::path private_directory() {
  std::error_code error;
  auto base = std::filesystem::temp_directory_path(error);
  if (error) base = "/tmp";
  auto pattern = (base / "footbridge-demo-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr)
    throw ops::RunError("cannot make a directory under " + base.string() + ": " + std::strerror(errno) +
                        "; set TMPDIR to a place with room");
  return pattern;
}

std::string on_loopback(std::uint16_t port) { return "127.0.0.1:" + std::to_string(port); }

}  // namespace

Network::Network(asio::any_io_executor executor, bool keep)
    : executor_(std::move(executor)), keep_(keep), directory_(private_directory()) {}

Network::~Network() {
  client_.reset();
  for (auto& volunteer : volunteers_) volunteer.reset();
  egress_.reset();
  broker_.reset();
  std::error_code ignored;
  if (!keep_) std::filesystem::remove_all(directory_, ignored);
}

// Five people's machines in one: each has an installation of its own.
std::string Network::state_of(const std::string& name) const { return (directory_ / (name + ".state")).string(); }

std::unique_ptr<Child> Network::spawn(std::string name, std::vector<std::string> arguments) {
  return std::make_unique<Child>(executor_, std::move(name), directory_, std::move(arguments));
}

std::string Network::broker_url() const { return "http://" + on_loopback(broker_->port()) + "/"; }

asio::awaitable<void> Network::start(std::uint16_t site_port, std::uint16_t proxy_port,
                                     const std::optional<ops::FilePath>& web) {
  const auto leg_key = (directory_ / "leg.key").string();
  const auto descriptor = (directory_ / "egress.toml").string();
  egress_ = spawn("egress", {"egress", "--listen", on_loopback(0), "--create", "--identity-file",
                             (directory_ / "egress.pem").string(), "--leg-key-file", leg_key, "--descriptor-out",
                             descriptor, "--allow-destination", on_loopback(site_port)});
  co_await egress_->ready(kReadyLimit);
  relay_ = "ws://" + on_loopback(egress_->port()) + "/leg";
  std::vector<std::string> words{"broker", "--listen", on_loopback(0), "--egress", relay_, "--leg-key-file", leg_key};
  if (web) words.insert(words.end(), {"--web", web->path});
  broker_ = spawn("broker", std::move(words));
  co_await broker_->ready(kReadyLimit);
  spawn_volunteers();
  client_ = spawn("client", {"connect", "--broker", broker_url(), "--egress-descriptor", descriptor,
                             "--allow-private-candidates", "--listen", on_loopback(proxy_port), "--timeout",
                             std::to_string(kAnswerLimit.count()) + "s", "--state-dir", state_of("client")});
  for (auto& volunteer : volunteers_) co_await volunteer->ready(kReadyLimit);
  co_await client_->ready(kReadyLimit);
}

void Network::spawn_volunteers() {
  for (std::size_t i = 0; i < kVolunteers; ++i) {
    const auto name = "volunteer-" + std::to_string(i + 1);
    volunteers_[i] = spawn(name, {"volunteer", "--broker", broker_url(), "--egress", relay_, "--allow-private-egress",
                                  "--allow-private-candidates", "--agreed", "--state-dir", state_of(name)});
  }
}

asio::awaitable<void> Network::rest_volunteers() {
  resting_ = true;
  for (auto& volunteer : volunteers_) co_await volunteer->stop(kStopGrace);
}

asio::awaitable<void> Network::wake_volunteers() {
  spawn_volunteers();
  resting_ = false;
  for (auto& volunteer : volunteers_) co_await volunteer->ready(kReadyLimit);
}

asio::awaitable<void> Network::stop() {
  const std::array<Child*, 5> in_order{client_.get(), volunteers_[0].get(), volunteers_[1].get(), egress_.get(),
                                       broker_.get()};
  for (auto* child : in_order)
    if (child != nullptr) co_await child->stop(kStopGrace);
}

std::string Network::fallen() {
  std::vector<Child*> all{client_.get(), egress_.get(), broker_.get()};
  if (!resting_)
    for (const auto& volunteer : volunteers_) all.push_back(volunteer.get());
  for (auto* child : all)
    if (child != nullptr && !child->alive()) return child->name();
  return {};
}

}  // namespace footbridge::demo
