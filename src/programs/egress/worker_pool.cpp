#include "programs/egress/worker_pool.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <optional>
#include <pthread.h>
#include <string>
#include <thread>
#include <utility>

#include "base/assert.hpp"
#include "io/handed_socket.hpp"

namespace footbridge::egress {
namespace {

// A socket and what belongs to it, between two threads.
struct HandedLeg {
  MatchId match;
  Private<io::HttpHead> head;
  io::HandedSocket socket;
  Bytes early;
  Private<Endpoint> peer;
  io::ConnectionPermit permit;
};

void take_up(Worker& worker, const asio::any_io_executor& executor, HandedLeg leg) {
  auto socket = leg.socket.take_up(executor);
  if (!socket) return;
  worker.take_admitted(leg.match, {.head = std::move(leg.head),
                                   .socket = std::move(*socket),
                                   .early = std::move(leg.early),
                                   .peer = std::move(leg.peer),
                                   .permit = std::move(leg.permit)});
}

}  // namespace

// A worker and where it lives; the first one lives on the program's loop and has neither context nor thread.
struct WorkerPool::Place {
  std::optional<asio::io_context> context;
  std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work;  // the loop runs until it is stopped
  asio::any_io_executor executor;
  std::optional<Worker> worker;
  std::thread thread;

  void end_thread() {
    if (!thread.joinable()) return;
    context->stop();
    thread.join();
  }
};

WorkerPool::WorkerPool(asio::any_io_executor first, Options options, const Worker::Parts& parts,
                       std::function<void(std::exception_ptr)> on_failure)
    : first_(std::move(first)),
      parts_(parts),
      on_failure_(std::move(on_failure)),
      connections_(options.listen.limits),
      drained_(first_),
      heard_(first_) {
  FB_ASSERT(options.count >= 1 && options.count <= kMaxWorkers);
  auto& listen = options.listen;
  listen.share_port = options.count > 1;
  listen.table = &connections_;
  if (listen.share_port && listen.address.port != 0) io::require_free_port(first_, listen);
  places_.reserve(options.count);
  for (std::size_t index = 0; index < options.count; ++index) {
    auto udp_port = options.udp_port;
    if (udp_port && *udp_port != 0) udp_port = static_cast<std::uint16_t>(*udp_port + index);
    add_place(index, listen, udp_port);
    listen.address.port = local().port;  // where the system chose one, all have it
  }
}

WorkerPool::~WorkerPool() {
  for (auto& place : places_) place->end_thread();
}

std::optional<std::uint16_t> WorkerPool::udp_port() const {
  return udp_ports_.empty() ? std::nullopt : std::optional(udp_ports_.front());
}

void WorkerPool::add_place(std::size_t index, const io::ListenOptions& listen, std::optional<std::uint16_t> udp_port) {
  auto& place = *places_.emplace_back(std::make_unique<Place>());
  if (index == 0) {
    place.executor = first_;
  } else {
    place.context.emplace(1);
    place.work.emplace(place.context->get_executor());
    place.executor = place.context->get_executor();
  }
  std::optional<Worker::UdpOptions> udp;
  if (udp_port) udp.emplace(Worker::UdpOptions{{listen.address.address, *udp_port}, index, udp_ports_});
  place.worker.emplace(
      place.executor, parts_, listen, udp,
      [this, index](const core::LegGrant& grant, io::HttpUpgrade& upgrade) { return hand_over(index, grant, upgrade); },
      [this](const std::exception_ptr& error) { asio::post(first_, [this, error] { on_failure_(error); }); });
  if (const auto udp_local = place.worker->udp_local()) udp_ports_.push_back(udp_local->port);
}

Endpoint WorkerPool::local() const { return places_.front()->worker->local(); }

void WorkerPool::start() {
  places_.front()->worker->start();
  for (std::size_t index = 1; index < places_.size(); ++index) {
    auto& place = *places_[index];
    asio::post(place.executor, [&place] { place.worker->start(); });
    place.thread = std::thread([&place] { place.context->run(); });
    ::pthread_setname_np(place.thread.native_handle(), ("egress-" + std::to_string(index)).c_str());
  }
}

// On the thread of the worker that accepted.
bool WorkerPool::hand_over(std::size_t from, const core::LegGrant& grant, io::HttpUpgrade& upgrade) {
  const auto to = grant.shard % places_.size();
  if (to == from) return false;
  parts_.metrics.legs_handed_over.add();
  auto& place = *places_[to];
  asio::post(place.executor, [&place, leg = HandedLeg{.match = grant.match,
                                                      .head = std::move(upgrade.head),
                                                      .socket = io::HandedSocket(std::move(upgrade.socket)),
                                                      .early = std::move(upgrade.early),
                                                      .peer = std::move(upgrade.peer),
                                                      .permit = std::move(upgrade.permit)}]() mutable {
    take_up(*place.worker, place.executor, std::move(leg));
  });
  return true;
}

asio::awaitable<void> WorkerPool::all_turned() {
  if (unheard_ == 0)
    for (std::size_t index = 1; index < places_.size(); ++index) {  // the first one's loop is the one that asks
      if (!places_[index]->thread.joinable()) continue;
      ++unheard_;
      asio::post(places_[index]->executor, [this] { asio::post(first_, [this] { on_turned(); }); });
    }
  while (unheard_ > 0)
    if (!co_await heard_.wait()) io::throw_if_aborted(asio::error::operation_aborted);
}

void WorkerPool::on_turned() {
  if (unheard_ > 0 && --unheard_ == 0) heard_.notify();
}

asio::awaitable<void> WorkerPool::drain(Duration grace) {
  draining_ = places_.size();
  for (auto& place : places_)
    asio::post(place->executor, [this, &place = *place, grace] {
      asio::co_spawn(place.executor, place.worker->drain(grace), [this](const std::exception_ptr& error) {
        asio::post(first_, [this, error] {
          if (error) on_failure_(error);
          on_drained();
        });
      });
    });
  while (draining_ > 0) co_await drained_.wait();
  for (auto& place : places_) place->end_thread();
  unheard_ = 0;  // whoever is gone answers nobody
  heard_.notify();
}

void WorkerPool::on_drained() {
  --draining_;
  drained_.notify();
}

}  // namespace footbridge::egress
