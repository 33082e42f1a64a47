// SPDX-License-Identifier: Apache-2.0
//
// Which release's numbering of the tensor functions a file uses: it does not say.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "golden/kmodel/kmodel.h"
#include "golden/kmodel/v5/isa.h"

namespace kpu::golden::v5 {

/// What a program says when it is read with one numbering of the tensor functions.
struct Reading {
  const Numbering* numbering = nullptr;
  /// In the order of running; of a program that lacks functions, as stored.
  std::vector<LayerInfo> layers;
  std::string missing;        ///< functions that nothing here computes
  std::string error;          ///< why it cannot be what the file means
  std::size_t reached = 0;    ///< offset in the text of the last instruction traced
  std::size_t left_over = 0;  ///< values on the stack at the end; a right reading leaves none
  bool ends_early = false;    ///< the trace ends where the program depends on its data

  bool runs() const { return missing.empty() && error.empty(); }
  bool fits() const { return runs() && left_over == 0; }

  /// Whether this is more likely what the file means than another reading.
  bool better_than(const Reading& other) const;
};

/// The reading of a program to take, and all that would do.
struct NumberingChoice {
  Reading reading;
  std::string fitting;  ///< releases with which it fits, with spaces between; may be empty

  /// "tensor functions numbered as in 1.6.0 (fits: 1.6.0 1.8.0; ..)".
  std::string describe() const;
};

/// Takes the first numbering with which the whole program traces, nothing is missing and the stack
/// is empty at the end. If there is none, the file is what the numbering makes of it that gets
/// furthest: listed if functions are missing, else refused. `read` traces the program with a
/// numbering; `wanted` names the only one to try, or is empty. Throws Error if no numbering decodes
/// the program to its last byte, if `wanted` is unknown, or with the reading's error.
NumberingChoice choose_numbering(std::span<const std::uint8_t> text, const std::string& wanted,
                                 const std::function<Reading(const Numbering&)>& read);

}  // namespace kpu::golden::v5
