#include "core/session/stream_table.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace footbridge::core {

Stream* StreamTable::find(StreamId id) {
  const auto at = streams_.find(id);
  return at == streams_.end() ? nullptr : at->second.get();
}

const Stream* StreamTable::find(StreamId id) const {
  const auto at = streams_.find(id);
  return at == streams_.end() ? nullptr : at->second.get();
}

StreamTable::Meaning StreamTable::meaning(StreamId id) const {
  if (id % 2 == 0) return Meaning::Impossible;  // kept for streams that an egress opens
  if (streams_.contains(id)) return Meaning::Live;
  if (id < next_) return Meaning::Over;
  return opener_ ? Meaning::Impossible : Meaning::New;
}

std::size_t StreamTable::working() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(streams_, [](const auto& entry) { return !entry.second->lingering(); }));
}

Stream& StreamTable::open(TimePoint now) {
  FB_ASSERT(opener_ && numbers_left());
  return make(next_, now);
}

bool StreamTable::accept(StreamId id, TimePoint now, std::size_t most) {
  FB_ASSERT(!opener_ && id >= next_);
  const auto wanted = (id - next_) / 2 + 1;
  if (wanted > most || streams_.size() + wanted > most) return false;
  while (next_ <= id) make(next_, now);
  return true;
}

void StreamTable::erase(StreamId id) { streams_.erase(id); }

Stream& StreamTable::make(StreamId id, TimePoint now) {
  auto stream = std::make_unique<Stream>(id, pool_, send_limit_, windows_.begin_stream(), now);
  next_ = id + 2;
  return *streams_.emplace(id, std::move(stream)).first->second;
}

}  // namespace footbridge::core
