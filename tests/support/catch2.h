// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

// Catch2 version 3 (Ubuntu 24.04) or version 2 (Debian 12): the tests use what both have.
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
using Catch::Approx;  // version 2 has it in the global namespace already
#else
#include <catch2/catch.hpp>
#endif

namespace kpu::test {

/// Matches an exception's text that contains `part`.
#if __has_include(<catch2/catch_all.hpp>)
inline auto contains_text(const std::string& part) {
  return Catch::Matchers::ContainsSubstring(part);
}
#else
inline auto contains_text(const std::string& part) { return Catch::Matchers::Contains(part); }
#endif

}  // namespace kpu::test
