#include "programs/network/qr_text.hpp"

#include <memory>
#include <qrencode.h>

#include "ops/errors.hpp"

namespace footbridge::network {
namespace {

constexpr int kQuietModules = 4;  // ISO/IEC 18004

struct Release {
  void operator()(QRcode* code) const { QRcode_free(code); }
};

// Outside of it everything is white.
bool is_dark(const QRcode& code, int x, int y) {
  if (x < 0 || y < 0 || x >= code.width || y >= code.width) return false;
  return (code.data[y * code.width + x] & 1) != 0;
}

}  // namespace

std::string qr_text(std::string_view text) {
  std::string capitals(text);
  for (auto& c : capitals)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  const std::unique_ptr<QRcode, Release> code(QRcode_encodeString(capitals.c_str(), 0, QR_ECLEVEL_L, QR_MODE_8, 1));
  if (!code) throw ops::RunError("--qr: this text does not fit into a QR code");
  std::string out;
  const int end = code->width + kQuietModules;
  for (int y = -kQuietModules; y < end; y += 2) {
    out += "\x1b[30;107m";  // black on bright white
    for (int x = -kQuietModules; x < end; ++x) {
      const bool above = is_dark(*code, x, y);
      const bool below = y + 1 < end && is_dark(*code, x, y + 1);
      out += above && below ? "█" : above ? "▀" : below ? "▄" : " ";
    }
    out += "\x1b[0m\n";
  }
  return out;
}

}  // namespace footbridge::network
