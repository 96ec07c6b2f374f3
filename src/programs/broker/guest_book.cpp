#include "programs/broker/guest_book.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "ops/errors.hpp"
#include "ops/key_file.hpp"

namespace footbridge::broker {
namespace {

namespace fs = std::filesystem;
using core::Guest;
using core::InstallationMark;
using core::InviteMark;

constexpr std::string_view kOption = "--state-dir";
constexpr std::size_t kRecordBytes = InviteMark::kBytes + InstallationMark::kBytes;
// More is left behind by nobody but us, between two times that the file was written whole.
constexpr std::size_t kMostBytes = 4 * core::InviteDesk::kMaxInstallations * kRecordBytes;

void append_record(Bytes& out, const Guest& guest) {
  append(out, guest.invite.view());
  append(out, guest.installation.view());
}

}  // namespace

GuestBook::GuestBook(const fs::path& folder, const std::string& network) : file_(folder / ("guests-" + network)) {
  std::error_code error;
  if (fs::create_directories(folder, error)) fs::permissions(folder, fs::perms::owner_all, error);
  if (error)
    throw ops::UsageError(std::string(kOption) + ": " + folder.string() + " cannot be made: " + error.message());
}

std::vector<Guest> GuestBook::read() const {
  std::error_code error;
  if (!fs::exists(file_, error)) return {};
  const auto text = ops::read_key_file(kOption, {fs::absolute(file_).string()}, kMostBytes);
  auto rest = as_bytes(text.reveal_to_socket());
  std::vector<Guest> out;
  for (; rest.size() >= kRecordBytes; rest = rest.subspan(kRecordBytes))
    out.push_back({InviteMark::from(rest.first(InviteMark::kBytes)).value(),
                   InstallationMark::from(rest.subspan(InviteMark::kBytes, InstallationMark::kBytes)).value()});
  return out;
}

void GuestBook::replace(std::span<const Guest> guests) {
  Bytes whole;
  for (const auto& guest : guests) append_record(whole, guest);
  ops::replace_key_file(kOption, {file_.string()}, as_text(whole));
}

bool GuestBook::add(const Guest& guest) {
  const int file = ::open(file_.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  if (file < 0) return false;
  Bytes record;
  append_record(record, guest);
  const auto end = ::lseek(file, 0, SEEK_END);
  const auto written = ::write(file, record.data(), record.size());
  const bool whole = written == static_cast<ssize_t>(record.size());
  // Half a record would make nonsense of all behind it. If this fails as well, the next replace() mends it.
  const bool clean = whole || written < 0 || (end >= 0 && ::ftruncate(file, end) == 0);
  return ::close(file) == 0 && whole && clean;
}

}  // namespace footbridge::broker
