// SPDX-License-Identifier: Apache-2.0
//
// What one has to know about a detector to decode its output: anchors, labels, thresholds.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kpu::sim {

/// Width and height of an anchor, in cells of the output grid.
struct Anchor {
  float width = 0;
  float height = 0;
};

/// A known YOLOv2 detector.
struct DetectorPreset {
  std::string name;
  int grid_channels = 0;  ///< anchors * (5 + classes)
  int grid_height = 0;
  int grid_width = 0;
  std::vector<Anchor> anchors;
  std::vector<std::string> labels;  ///< empty where the classes have no agreed names
  float threshold = 0.5f;
  float nms = 0.3f;
};

/// The detectors whose anchors were published with the chip's demos: yolo20, face_detect,
/// face_mask5.
const std::vector<DetectorPreset>& detector_presets();

/// The preset of that name, or nullptr.
const DetectorPreset* find_preset(std::string_view name);

/// The preset whose output grid is channels x height x width, or nullptr.
const DetectorPreset* find_preset(int channels, int height, int width);

/// Anchors from a preset's name or from numbers "w,h,w,h,...", also as a script has them:
/// "anchors = [w, h, ...]". Throws kpu::Error for anything else.
std::vector<Anchor> parse_anchors(const std::string& text);

/// Class names from text: one a line, a list with commas on one line, or a list as a script has it
/// (`labels = ["a", "b"]`).
std::vector<std::string> parse_labels(const std::string& text);

/// The same from a file. Throws kpu::Error if it cannot be read.
std::vector<std::string> read_labels(const std::string& path);

/// The label of class `index`, or "class <index>" beyond the list.
std::string label_of(const std::vector<std::string>& labels, std::size_t index);

}  // namespace kpu::sim
