// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include <nlohmann/json.hpp>

#include "sim/export/vector_recorder.h"

namespace kpu::sim {

/// A folder of memory images for any simulator, with the bench that uses them.
///
/// Grows in a folder beside the final one and takes its name in finish(), so that a run that is cut
/// short leaves nothing under that name; what was written is removed then.
class VectorFolder {
 public:
  /// Throws Error if `path` exists and is not an empty folder, or its parent cannot be written.
  explicit VectorFolder(const std::string& path);
  ~VectorFolder();
  VectorFolder(const VectorFolder&) = delete;
  VectorFolder& operator=(const VectorFolder&) = delete;

  /// Writes the images of the next job: job<number>_layer.hex, _params, _input, _output, _stream.
  void add(const VectorJob& job);

  /// Writes sizes, list of jobs, bench and description, and gives the folder its name.
  void finish(const std::string& model, const std::string& input);

  std::size_t jobs() const { return list_.size(); }

 private:
  void write(const std::string& name, const std::string& text) const;

  std::filesystem::path path_;
  std::filesystem::path draft_;
  nlohmann::ordered_json list_ = nlohmann::ordered_json::array();
  std::size_t longest_parameters_ = 1;  ///< in words of eight bytes, as the two below
  std::size_t longest_image_ = 1;
  std::size_t longest_stream_ = 1;
};

}  // namespace kpu::sim
