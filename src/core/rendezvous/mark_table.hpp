// MarkTable: which proxy a mark stands for (docs/spec/12-tickets.md §3). Egresses know proxies by their marks only;
// what they say of one has to find it again, hours later when a path lived so long. Bounds: kMaxMarks; the oldest is
// forgotten, and receipts of it are worth nothing then. One thread.
#pragma once

#include <deque>
#include <map>
#include <optional>

#include "base/id.hpp"
#include "wire/heartbeat.hpp"

namespace footbridge::core {

class MarkTable {
 public:
  static constexpr std::size_t kMaxMarks = 65'536;  // TKT-B2: as many as polls wait; about 9 MiB

  void keep(const wire::ProxyMark& mark, const ProxyId& proxy) {
    if (!proxies_.emplace(mark, proxy).second) return;
    order_.push_back(mark);
    if (order_.size() <= kMaxMarks) return;
    proxies_.erase(order_.front());
    order_.pop_front();
  }
  std::optional<ProxyId> find(const wire::ProxyMark& mark) const {
    const auto found = proxies_.find(mark);
    return found == proxies_.end() ? std::nullopt : std::optional(found->second);
  }
  std::size_t size() const { return proxies_.size(); }

 private:
  std::map<wire::ProxyMark, ProxyId> proxies_;  // ids are chosen by peers, and so are their hashes
  std::deque<wire::ProxyMark> order_;
};

}  // namespace footbridge::core
