// How much a hostile body makes the parser allocate (threat T17): counted by replacing operator new in this program.
#include <cstdlib>
#include <gtest/gtest.h>
#include <new>

#include "wire/protobuf.hpp"
#include "wire/rendezvous.hpp"

namespace {
std::size_t allocated_bytes = 0;
}

[[gnu::noinline]] void* operator new(std::size_t count) {
  allocated_bytes += count;
  if (void* memory = std::malloc(count)) return memory;
  std::abort();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace footbridge::wire {
namespace {

constexpr std::size_t kMostAllocatedBytes = 256 * 1024;

std::size_t cost_of_parsing(ByteView in) {
  const auto before = allocated_bytes;
  (void)parse_request(in);
  (void)parse_response(in);
  return allocated_bytes - before;
}

TEST(RendezvousMemory, StaysBelowFourTimesTheBodyWhateverIsRepeated) {
  for (std::uint32_t body = 2; body <= 5; ++body)
    for (std::uint32_t field = 1; field <= 12; ++field)
      for (const std::size_t length : {std::size_t{0}, std::size_t{16}, std::size_t{18}, std::size_t{16'000}}) {
        Bytes inner;
        const Bytes element(length, std::byte{0x0a});
        while (inner.size() + length + 8 < kMaxRendezvousBytes - 16) ProtoWriter(inner).element(field, element);
        Bytes in;
        ProtoWriter(in).integer(1, 1).element(body, inner);
        ASSERT_LE(in.size(), kMaxRendezvousBytes);
        EXPECT_LE(cost_of_parsing(in), kMostAllocatedBytes) << body << '.' << field << " × " << length;
      }
}

TEST(RendezvousMemory, CostsNothingForWholeBodiesRepeated) {
  Bytes poll;
  ProtoWriter(poll).bytes(1, Bytes(32)).bytes(2, Bytes(16)).integer(5, 1).element(6, Bytes(16));
  Bytes in;
  ProtoWriter writer(in);
  writer.integer(1, 1);
  while (in.size() + poll.size() + 3 < kMaxRendezvousBytes) writer.element(2, poll);
  EXPECT_TRUE(parse_request(in)) << "of a singular field that comes twice, the last counts";
  EXPECT_LE(cost_of_parsing(in), kMostAllocatedBytes);
}

}  // namespace
}  // namespace footbridge::wire
