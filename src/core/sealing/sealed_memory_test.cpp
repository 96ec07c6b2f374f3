// Requests that are none leave the memory as it was. bench/sealing_bench says a million of them.
#include <malloc.h>

#include "core/sealing/sealing_fixture.hpp"

namespace footbridge::core {
namespace {

using SealedMemory = SealingTest;

TEST_F(SealedMemory, IsTheSameAfterAnyNumberOfMalformedRequests) {
  (void)exchange(client);
  const auto genuine = ask(client).bytes;
  ASSERT_TRUE(open(genuine));
  auto random = rng.bytes(crypto::kMinEnvelopeBytes);
  const auto before = broker->replay_bytes();
  const auto heap = mallinfo2().uordblks;
  for (std::size_t i = 0; i < 50'000; ++i) {
    random[i % random.size()] ^= std::byte{1};
    const auto body = i % 64 == 0   ? ByteView(genuine)                  // said again
                      : i % 64 == 1 ? ByteView(random)                   // noise
                                    : ByteView(random).first(i % 2000);  // shorter than any
    ASSERT_FALSE(open(body));
  }
  EXPECT_EQ(broker->replay_bytes(), before);
  EXPECT_LE(mallinfo2().uordblks, heap + 4096) << "of the C library's heap; a sanitizer has its own";
  EXPECT_EQ(broker->opened(), 2U);
}

}  // namespace
}  // namespace footbridge::core
