// Overloaded{…}: one lambda per alternative for std::visit. (clang 16 needs the deduction guide written out.)
#pragma once

namespace footbridge {

template <class... Fs>
struct Overloaded : Fs... {
  using Fs::operator()...;
};
template <class... Fs>
Overloaded(Fs...) -> Overloaded<Fs...>;

}  // namespace footbridge
