#include "programs/proxy/record_file.hpp"

#include <cerrno>
#include <fcntl.h>
#include <fstream>
#include <string>
#include <sys/file.h>
#include <unistd.h>

#include "base/encoding.hpp"
#include "ops/key_file.hpp"

namespace footbridge::proxy {

namespace fs = std::filesystem;

RecordFile::RecordFile(const fs::path& directory) : directory_(directory) {}

RecordFile::~RecordFile() {
  if (lock_ >= 0) ::close(lock_);
}

Claim RecordFile::claim() {
  if (lock_ >= 0) return Claim::Ours;
  const auto name = (directory_ / (std::string(kRecordFile) + ".lock")).string();
  const int descriptor = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) return Claim::Ours;
  if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) {
    lock_ = descriptor;
    return Claim::OursAnew;
  }
  const bool taken = errno == EWOULDBLOCK;
  ::close(descriptor);
  return taken ? Claim::Theirs : Claim::Ours;
}

std::optional<Bytes> RecordFile::read() const {
  const auto file = directory_ / kRecordFile;
  std::error_code error;
  if (!fs::exists(file, error) && !error) return std::nullopt;
  std::ifstream in(file);
  std::string text;
  std::getline(in, text);
  return parse_hex(text).value_or(Bytes{});
}

void RecordFile::write(ByteView record) const {
  ops::replace_private_note("--state-dir", {(directory_ / kRecordFile).string()}, encode_hex(record) + "\n");
}

}  // namespace footbridge::proxy
