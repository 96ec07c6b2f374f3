// GuestPage: the page on the demo's website with a widget in it, in which a person's browser becomes the volunteer that
// carries the demo's traffic; and what that page is told while it does. It is an ordinary embedding page: its policy is
// the one that docs/ops/widget.md tells embedders to write, and its own script's.
// Threads: the executor's one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace footbridge::demo {

inline constexpr std::string_view kGuestPath = "/volunteer";

class GuestPage {
 public:
  // Before that there is no such page. `tag`: the widget; `origin`: where its files are.
  void open(std::string tag, std::string origin);
  // What the page shows: does a browser carry the demo's traffic, and how much so far.
  void tell(bool carrying, std::uint64_t bytes);

  struct File {
    std::string_view content_type;
    std::string body;
    std::string policy{};
  };
  // nullopt: none of the page's.
  std::optional<File> file(std::string_view path) const;

 private:
  std::string tag_;
  std::string origin_;
  bool carrying_ = false;
  std::uint64_t bytes_ = 0;
};

}  // namespace footbridge::demo
