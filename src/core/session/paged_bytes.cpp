#include "core/session/paged_bytes.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/assert.hpp"

namespace footbridge::core {

std::size_t PagedBytes::write(std::uint64_t offset, ByteView bytes) {
  std::size_t written = 0;
  while (!bytes.empty()) {
    const auto number = offset / kPageBytes;
    const auto within = static_cast<std::size_t>(offset % kPageBytes);
    FB_ASSERT(number >= first_page_);
    const auto index = static_cast<std::size_t>(number - first_page_);
    while (index >= pages_.size()) pages_.push_back(nullptr);
    auto& page = pages_[index];
    if (!page) page = pool_.take(use_);
    if (!page) return written;
    const auto count = std::min(bytes.size(), kPageBytes - within);
    std::memcpy(page->data() + within, bytes.data(), count);
    bytes = bytes.subspan(count);
    offset += count;
    written += count;
  }
  return written;
}

void PagedBytes::read(std::uint64_t offset, ByteSpan out) const {
  while (!out.empty()) {
    const auto part = view(offset, out.size());
    std::memcpy(out.data(), part.data(), part.size());
    out = out.subspan(part.size());
    offset += part.size();
  }
}

ByteView PagedBytes::view(std::uint64_t offset, std::uint64_t count) const {
  const auto number = offset / kPageBytes;
  const auto within = static_cast<std::size_t>(offset % kPageBytes);
  FB_ASSERT(number >= first_page_ && number - first_page_ < pages_.size());
  const auto& page = pages_[static_cast<std::size_t>(number - first_page_)];
  FB_ASSERT(page);
  return ByteView(*page).subspan(within, static_cast<std::size_t>(std::min<std::uint64_t>(kPageBytes - within, count)));
}

void PagedBytes::release_below(std::uint64_t offset, std::uint64_t written_end) {
  const auto keep = offset / kPageBytes;
  while (!pages_.empty() && (first_page_ < keep || offset >= written_end)) {
    if (pages_.front()) pool_.give_back(std::move(pages_.front()));
    pages_.pop_front();
    ++first_page_;
  }
  if (pages_.empty()) first_page_ = keep;
}

void PagedBytes::clear() {
  for (std::size_t i = 0; i < pages_.size(); ++i)
    if (pages_[i]) pool_.give_back(std::move(pages_[i]));
  first_page_ += pages_.size();
  pages_.clear();
}

}  // namespace footbridge::core
