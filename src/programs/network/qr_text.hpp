// A text as a QR code for a terminal: two rows of modules in each line, black on white whatever the colours of the
// terminal are, with the quiet zone that readers want. In capitals, which a QR code holds in half the space.
#pragma once

#include <string>
#include <string_view>

namespace footbridge::network {

// `text` has ASCII letters and digits, at most 2000; letters lose their case. ops::RunError if it cannot be drawn.
std::string qr_text(std::string_view text);

}  // namespace footbridge::network
