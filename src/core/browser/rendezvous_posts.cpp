#include "core/browser/rendezvous_posts.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"

namespace footbridge::core {

RendezvousPosts::RendezvousPosts(std::size_t ways, std::vector<WaySeal> seals, const crypto::X25519KeyPair& proxy,
                                 Rng& rng)
    : ways_(ways), seals_(std::move(seals), proxy), order_(ways, {}, rng), rng_(rng) {
  FB_ASSERT(!seals_.sealing() || seals_.size() == ways);
}

void RendezvousPosts::post(Moment at, std::uint64_t request, Bytes body) {
  for (std::size_t tried = 0; tried < ways_; ++tried) {
    const auto way = order_.choose(at.now);
    if (send(at, request, way, body)) return;
    order_.failed(at.now, way);  // no key of its broker holds
  }
  out_.push_back(Settled{request, std::nullopt});
}

bool RendezvousPosts::send(Moment at, std::uint64_t request, std::size_t way, Bytes body) {
  UnderWay next{last_post_ + 1, request, way, std::move(body), std::nullopt};
  Bytes bytes;
  if (seals_.sealing()) {
    auto sealed = seals_.seal(at.wall, way, next.body, rng_);
    if (!sealed) return false;
    bytes = std::move(sealed->bytes);
    next.seal = std::move(*sealed);
  } else {
    bytes = next.body;
  }
  out_.push_back(Send{++last_post_, way, std::move(bytes)});
  under_way_.push_back(std::move(next));
  return true;
}

void RendezvousPosts::answered(Moment at, std::uint64_t post, ByteView bytes) {
  auto found = take(post);
  if (!found) return;
  std::optional<Bytes> body;
  bool again = false;
  if (found->seal) {
    again = found->seal->resumed;
    if (auto opened = seals_.opened(at.wall, std::move(*found->seal), bytes)) body = std::move(*opened);
  } else {
    body = to_bytes(bytes);
  }
  if (body) {
    order_.worked(found->way);
    out_.push_back(Settled{found->request, std::move(body)});
  } else if (!again || !send(at, found->request, found->way, std::move(found->body))) {
    give_up(at, *found);
  }
}

void RendezvousPosts::failed(Moment at, std::uint64_t post) {
  const auto found = take(post);
  if (!found) return;
  if (found->seal) seals_.refused(*found->seal);
  give_up(at, *found);
}

void RendezvousPosts::give_up(Moment at, const UnderWay& gone) {
  order_.failed(at.now, gone.way);
  out_.push_back(Settled{gone.request, std::nullopt});
}

std::optional<std::uint64_t> RendezvousPosts::drop(Moment at, std::uint64_t request, bool silent) {
  const auto found = std::ranges::find(under_way_, request, &UnderWay::request);
  if (found == under_way_.end()) return std::nullopt;
  if (silent) order_.failed(at.now, found->way);
  const auto post = found->post;
  under_way_.erase(found);
  // Not sent yet: there is nothing to cut, and nothing to send.
  const auto unsent = out_.erase_if([post](const Output& output) {
    const auto* send = std::get_if<Send>(&output);
    return send != nullptr && send->post == post;
  });
  if (unsent > 0) return std::nullopt;
  return post;
}

std::optional<RendezvousPosts::UnderWay> RendezvousPosts::take(std::uint64_t post) {
  const auto found = std::ranges::find(under_way_, post, &UnderWay::post);
  if (found == under_way_.end()) return std::nullopt;
  auto out = std::move(*found);
  under_way_.erase(found);
  return out;
}

std::optional<RendezvousPosts::Output> RendezvousPosts::poll() {
  if (out_.empty()) return std::nullopt;
  auto output = std::move(out_.front());
  out_.pop_front();
  return output;
}

}  // namespace footbridge::core
