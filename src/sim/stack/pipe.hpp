// Pipe: a link or a relay leg of the virtual network: two sides that are MessagePipes, and a Link each way between
// them.
//
//   user ⇄ side 0 ══ Link forth ══▶ side 1 ⇄ user
//                 ◀══ Link back ══
//
// Where the queue of a link is the sender's own (its modem, its socket), the sender sees it as backlog and is told when
// it has drained; where it is somewhere in the network, the sender learns of it from loss only.
//
// cut(): from then on nothing passes, and nobody is told. crash(): the program at a side is gone; it hears nothing any
// more, and the other side hears what it is told. freeze(): the program at a side stands still; what arrives waits, up
// to kMaxFrozenBytes, and is handed over when it goes on. Calls into users never come from inside their calls.
//
// Ownership: the Network's; users are borrowed and stop being called when their side is closed. Thread: one.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "core/pipe.hpp"
#include "sim/link.hpp"
#include "sim/seed.hpp"
#include "sim/stack/timer.hpp"

namespace footbridge::sim {

class Network;

struct PipeWeather {
  LinkWeather forth;  // from side 0 to side 1
  LinkWeather back;
  bool sender_sees_queue = false;  // as backlog
};

// What sockets and the kernel keep for a program that stands still.
inline constexpr std::size_t kMaxFrozenBytes = 256 * 1024;

class Pipe {
 public:
  class Side final : public MessagePipe {
   public:
    Side(Pipe& pipe, std::size_t index) : pipe_(pipe), index_(index) {}
    // From now on this one is told; at_open: on_open() comes as the next event.
    void use(PipeEvents& user, bool at_open = false);
    // The user goes, and is told nothing any more.
    void abandon();

    // MessagePipe
    bool send(ByteView message) override;
    void flush() override {}
    std::size_t backlog_bytes() const override;
    std::size_t max_message_bytes() const override;
    void pause_reading(bool paused) override;
    void close(PipeEnd how) override;

    void freeze(bool frozen);
    bool is_open() const { return open_; }
    std::uint64_t number() const { return pipe_.number_; }

   private:
    friend class Pipe;
    Pipe& pipe_;
    std::size_t index_;
    PipeEvents* user_ = nullptr;  // borrowed
    bool open_ = true;
    bool frozen_ = false;
    bool paused_ = false;
    bool was_full_ = false;       // backlog was above zero since the last on_drained()
    std::vector<Bytes> waiting_;  // arrived while frozen or paused
    std::size_t waiting_bytes_ = 0;
  };
  // What a hostile middle makes of a message from side `from`: nothing, it, or it and others, to whom and when.
  struct Delivery {
    std::size_t to = 0;
    Bytes message;
    Duration later{};  // beyond the link's own delay
  };
  using Carrier = std::function<std::vector<Delivery>(std::size_t from, ByteView message)>;

  Pipe(Network& network, std::uint64_t number, const PipeWeather& weather, Seed seed);
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  Side& side(std::size_t index) { return sides_[index]; }
  Link& link_from(std::size_t side) { return links_[side]; }
  std::uint64_t number() const { return number_; }

  void cut(bool is_cut);
  // The pipe ends at both sides, which hear it now.
  void end(PipeEnd how);
  // The program at `side` is gone; the other side hears `told` after `later`, or never.
  void crash(std::size_t side, std::optional<PipeEnd> told, Duration later);

  Carrier carrier;  // none: honest

 private:
  void carry(std::size_t from, Bytes message);
  void arrive(std::size_t to, Bytes message);
  void deliver(Side& side, std::span<const Bytes> messages);
  void hand_over(Side& side);
  void tell_end(std::size_t side, PipeEnd how, Duration later);
  void close_side(std::size_t side, PipeEnd how);
  void on_drained(std::size_t side);
  void retire();

  Network& network_;
  const std::uint64_t number_;
  const bool sender_sees_queue_;
  std::array<Link, 2> links_;  // by the side that sends
  std::array<Side, 2> sides_;
  std::array<Timer, 2> drained_;
};

}  // namespace footbridge::sim
