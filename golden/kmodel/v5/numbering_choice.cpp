// SPDX-License-Identifier: Apache-2.0
#include "golden/kmodel/v5/numbering_choice.h"

#include <fmt/format.h>

#include <optional>
#include <tuple>
#include <utility>

#include "common/error.h"

namespace kpu::golden::v5 {
namespace {

/// The numberings with which the program decodes to its last byte, in the order of trial: `wanted`,
/// or all.
std::vector<const Numbering*> candidates(std::span<const std::uint8_t> text,
                                         const std::string& wanted) {
  const std::vector<Numbering>& all = Numbering::all();
  std::vector<const Numbering*> found;
  bool known = wanted.empty();
  // The first two differ in unary operations only; the first was never the last word.
  for (std::size_t i = 1; i <= all.size(); ++i) {
    const Numbering& numbering = all[i % all.size()];
    if (!wanted.empty() && numbering.release() != wanted) {
      continue;
    }
    known = true;
    if (parses(numbering, text)) {
      found.push_back(&numbering);
    }
  }
  if (!known) {
    throw Error(fmt::format("tensor-function numbering '{}': expected a release from {} to {}",
                            wanted, all.front().release(), all.back().release()));
  }
  if (found.empty()) {
    throw Error(
        fmt::format("kmodel v5: the stack program does not decode with the tensor-function "
                    "numbering of {}",
                    wanted.empty() ? "any known release" : wanted));
  }
  return found;
}

}  // namespace

bool Reading::better_than(const Reading& other) const {
  return std::tuple(fits(), runs(), runs() ? 0 : reached) >
         std::tuple(other.fits(), other.runs(), other.runs() ? 0 : other.reached);
}

std::string NumberingChoice::describe() const {
  return fmt::format(
      "tensor functions numbered as in {} ({}; this is not the compiler's version){}",
      reading.numbering->release(), fitting.empty() ? "no numbering fits" : "fits: " + fitting,
      reading.ends_early ? "; the listing ends where the program depends on its data" : "");
}

NumberingChoice choose_numbering(std::span<const std::uint8_t> text, const std::string& wanted,
                                 const std::function<Reading(const Numbering&)>& read) {
  std::optional<Reading> chosen;
  std::string fitting;
  for (const Numbering* numbering : candidates(text, wanted)) {
    Reading reading = read(*numbering);
    if (reading.fits()) {
      fitting += (fitting.empty() ? "" : " ") + numbering->release();
    }
    if (!chosen || reading.better_than(*chosen)) {
      chosen = std::move(reading);
    }
  }
  if (!chosen->error.empty()) {
    throw Error(fmt::format("{} (tensor functions numbered as in {})", chosen->error,
                            chosen->numbering->release()));
  }
  return {*std::move(chosen), fitting};
}

}  // namespace kpu::golden::v5
