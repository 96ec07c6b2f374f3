// Page: the unit in which the bytes of streams are kept, and SparePages: pages that nobody uses at the moment, shared
// by all sessions of a program, so that moving data allocates nothing and an idle session keeps none.
//
// What is in a spare page is whatever was there last; who takes it writes before it reads. Bounds: kMaxSparePages.
// Thread: that of the sessions using it.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace footbridge::core {

// Small enough that 256 streams with a few bytes each stay near 1 MiB, large enough that a page takes three packets.
inline constexpr std::size_t kPageBytes = 4096;
// A window's worth, 4 MiB: what one busy stream gives back and takes again in a round trip.
inline constexpr std::size_t kMaxSparePages = 1024;

using Page = std::array<std::byte, kPageBytes>;
using PagePtr = std::unique_ptr<Page>;

class SparePages {
 public:
  PagePtr take() {
    if (spare_.empty()) return PagePtr(new Page);  // not make_unique: that would write zeros first
    auto page = std::move(spare_.back());
    spare_.pop_back();
    return page;
  }
  void give_back(PagePtr page) {
    if (spare_.size() < kMaxSparePages) spare_.push_back(std::move(page));
  }

 private:
  std::vector<PagePtr> spare_;
};

}  // namespace footbridge::core
