// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "sim/text/npy.h"

namespace kpu::sim {

/// Named arguments from a file: a .npz, or a .json whose values are numbers, lists of lists of
/// numbers, texts, true and false, null (as if not there), or names of .npy files beside it.
///
/// All functions throw kpu::Error with the file and the argument for a value of another kind.
class SpecFile {
 public:
  explicit SpecFile(const std::string& path);

  bool has(const std::string& name);

  /// An array; `types` are those that it may have ("u1", "i1", ..), of which the first is taken for
  /// numbers in a .json that are whole.
  NpyArray array(const std::string& name, const std::vector<std::string>& types);
  /// A list of whole numbers: of any shape, flattened.
  std::vector<std::int64_t> integers(const std::string& name);
  std::vector<float> reals(const std::string& name);
  std::int64_t integer(const std::string& name, std::optional<std::int64_t> missing = {});
  float real(const std::string& name);
  bool flag(const std::string& name);
  /// A text, or nothing where the argument is an array or not there.
  std::optional<std::string> text(const std::string& name);

  /// Throws if the file has an argument that nothing asked for.
  void require_all_used() const;

  [[noreturn]] void refuse(const std::string& name, const std::string& what) const;

 private:
  using Field = std::variant<NpyArray, std::string>;

  void read_npz(const std::vector<std::uint8_t>& file);
  void read_json(const std::vector<std::uint8_t>& file);
  const NpyArray& find(const std::string& name);

  std::string path_;
  std::map<std::string, Field> fields_;
  std::set<std::string> known_;  ///< that something asked for
};

/// Elements of an array of any type as numbers.
std::vector<double> numbers_of(const NpyArray& array);

/// The codes of an array of type "u1" or "i1".
std::vector<std::int16_t> codes_of(const NpyArray& array);

}  // namespace kpu::sim
