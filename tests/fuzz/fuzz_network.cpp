// What strangers hand out as a network's truth: certificates, directories, invites and the text of one. What is read
// must be written and read again to the same bytes; an invite's text survives what a chat program does to it, and what
// is signed of it are the bytes that came.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/assert.hpp"
#include "base/base32.hpp"
#include "wire/invite_text.hpp"
#include "wire/network.hpp"

namespace {

using namespace footbridge;  // NOLINT: a fuzz target is one page

template <class Parse, class Encode>
void check(ByteView in, Parse parse, Encode encode) {
  const auto read = parse(in);
  if (!read) return;
  const auto once = encode(*read);
  const auto again = parse(once);
  FB_ASSERT(again && encode(*again) == once);
}

void check_text(std::string_view text) {
  const auto invite = wire::parse_invite_text(text);
  if (!invite) return static_cast<void>(wire::name(invite.error()));
  const auto written = wire::invite_text(*invite).reveal_to_socket();
  std::string quoted = "see: ";
  for (const char c : written) quoted += c == '7' ? std::string("7\r\n> ") : std::string(1, c);
  const auto again = wire::parse_invite_text(quoted + " bye");
  FB_ASSERT(again && wire::invite_text(*again).reveal_to_socket() == written);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto in = as_bytes(data, size);
  check(in, wire::parse_certificate, wire::encode_certificate);
  check(in, wire::parse_signed_certificate, wire::encode_signed_certificate);
  check(in, wire::parse_directory, wire::encode_directory);
  check(in, wire::parse_signed_directory, wire::encode_signed_directory);
  check_text(as_text(in));
  // The fuzzer does not guess checksums: an invite goes through its text here.
  if (const auto invite = wire::parse_invite(in)) {
    FB_ASSERT(std::ranges::equal(wire::encode_invite(*invite), in));
    check_text(wire::invite_text(*invite).reveal_to_socket());
  }
  if (const auto bytes = parse_base32(as_text(in))) FB_ASSERT(parse_base32(encode_base32(*bytes)) == bytes);
  return 0;
}
