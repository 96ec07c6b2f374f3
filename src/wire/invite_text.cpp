#include "wire/invite_text.hpp"

#include <array>
#include <optional>

#include "base/assert.hpp"
#include "base/base32.hpp"

namespace footbridge::wire {
namespace {

constexpr std::size_t kLengthBytes = 2;
constexpr std::size_t kChecksumBytes = 4;
constexpr std::string_view kFamily = "footbridge";

// CRC-32 (ISO 3309), bit by bit: an invite is short. It finds every change of up to four neighbouring characters.
std::uint32_t crc32(ByteView in) {
  std::uint32_t state = ~0U;
  for (const auto b : in) {
    state ^= std::to_integer<std::uint32_t>(b);
    for (int bit = 0; bit < 8; ++bit) state = state >> 1 ^ ((state & 1) != 0 ? 0xedb88320U : 0U);
  }
  return ~state;
}

// The prefix counts, so that an invite of another kind is not taken for one with a mistake.
std::uint32_t checksum(ByteView body) {
  auto whole = to_bytes(kInvitePrefix);
  append(whole, body);
  return crc32(whole);
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// How many bytes of something that may stand between an invite's characters are at the front.
std::size_t skipped(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n\v\f>|";
  if (kBlanks.find(text.front()) != std::string_view::npos) return 1;
  // Soft hyphen, no-break space, zero width space, non-joiner and joiner, marks of direction, word joiner, byte order.
  constexpr std::array<std::string_view, 9> kUnseen = {"\xc2\xad",     "\xc2\xa0",     "\xe2\x80\x8b",
                                                       "\xe2\x80\x8c", "\xe2\x80\x8d", "\xe2\x80\x8e",
                                                       "\xe2\x80\x8f", "\xe2\x81\xa0", "\xef\xbb\xbf"};
  for (const auto unseen : kUnseen)
    if (text.starts_with(unseen)) return unseen.size();
  return 0;
}

// Walks a pasted text, character by character that counts.
class Pasted {
 public:
  explicit Pasted(std::string_view text) : rest_(text) { skip(); }
  bool empty() const { return rest_.empty(); }
  char front() const { return lower(rest_.front()); }
  void advance() {
    rest_.remove_prefix(1);
    skip();
  }
  // True, and behind it, if these characters come next.
  bool take(std::string_view word) {
    auto ahead = *this;
    for (const char c : word) {
      if (ahead.empty() || ahead.front() != c) return false;
      ahead.advance();
    }
    *this = ahead;
    return true;
  }

 private:
  void skip() {
    while (!rest_.empty()) {
      const auto count = skipped(rest_);
      if (count == 0) return;
      rest_.remove_prefix(count);
    }
  }
  std::string_view rest_;
};

// The next bytes of base32, or why there are not so many.
Result<std::string, InviteErrc> take_base32(Pasted& from, std::size_t chars) {
  std::string out;
  for (; out.size() < chars; from.advance()) {
    if (from.empty()) return InviteErrc::CutOff;
    if (!is_base32(from.front())) return InviteErrc::WrongCharacter;
    out += from.front();
  }
  return out;
}

// Of the first characters: the length is in the first 16 bits.
std::size_t length_in(std::string_view head) {
  const auto bytes = parse_base32(std::string(head) + "aaaa");
  FB_ASSERT(head.size() == 4 && bytes.has_value());
  return std::to_integer<std::size_t>((*bytes)[0]) << 8 | std::to_integer<std::size_t>((*bytes)[1]);
}

Result<Invite, InviteErrc> parse_behind_prefix(Pasted from) {
  const auto head = take_base32(from, 4);
  if (!head) return head.error();
  const auto length = length_in(*head);
  if (length == 0 || length > kMaxInviteBytes) return InviteErrc::Mistyped;
  const auto rest = take_base32(from, base32_chars(kLengthBytes + length + kChecksumBytes) - head->size());
  if (!rest) return rest.error();
  const auto bytes = parse_base32(*head + *rest);
  if (!bytes) return InviteErrc::Mistyped;
  const auto body = ByteView(*bytes).first(kLengthBytes + length);
  std::uint32_t told = 0;
  for (const auto b : ByteView(*bytes).subspan(body.size())) told = told << 8 | std::to_integer<std::uint32_t>(b);
  if (told != checksum(body)) return InviteErrc::Mistyped;
  auto invite = parse_invite(body.subspan(kLengthBytes));
  if (!invite) return InviteErrc::Malformed;
  return std::move(*invite);
}

}  // namespace

Result<Invite, InviteErrc> parse_invite_text(std::string_view text) {
  if (text.size() > kMaxInviteTextBytes) return InviteErrc::TooLong;
  auto why = InviteErrc::NotAnInvite;
  for (Pasted at(text); !at.empty(); at.advance()) {
    auto here = at;
    if (!here.take(kFamily) || here.empty()) continue;
    if (here.take(kInvitePrefix.substr(kFamily.size()))) {
      // A sentence may say "footbridge 1" before the invite comes.
      auto invite = parse_behind_prefix(here);
      if (invite) return invite;
      why = invite.error();
    } else if (why == InviteErrc::NotAnInvite && here.front() >= '2' && here.front() <= '9') {
      why = InviteErrc::Newer;
    }
  }
  return why;
}

Private<std::string> invite_text(const Invite& invite) {
  const auto encoded = encode_invite(invite);
  FB_ASSERT(encoded.size() <= kMaxInviteBytes);
  Bytes body{static_cast<std::byte>(encoded.size() >> 8), static_cast<std::byte>(encoded.size())};
  append(body, encoded);
  const auto sum = checksum(body);
  for (int shift = 24; shift >= 0; shift -= 8) body.push_back(static_cast<std::byte>(sum >> shift));
  return Private<std::string>(std::string(kInvitePrefix) + encode_base32(body));
}

std::string_view name(InviteErrc error) {
  switch (error) {
    case InviteErrc::NotAnInvite: return "not-an-invite";
    case InviteErrc::Newer: return "newer";
    case InviteErrc::TooLong: return "too-long";
    case InviteErrc::CutOff: return "cut-off";
    case InviteErrc::WrongCharacter: return "wrong-character";
    case InviteErrc::Mistyped: return "mistyped";
    case InviteErrc::Malformed: return "malformed";
  }
  FB_ASSERT(false);
}

}  // namespace footbridge::wire
