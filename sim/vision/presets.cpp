// SPDX-License-Identifier: Apache-2.0
#include "sim/vision/presets.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <sstream>

#include "common/error.h"
#include "common/files.h"

namespace kpu::sim {
namespace {

/// The items of a list as it stands in a script or alone: `name = [a, "b"]`, `(1, 2)`, `1 2`.
/// Commas separate, and blanks where no item is quoted; brackets and quotes go.
std::vector<std::string> list_items(const std::string& text) {
  const std::size_t equals = text.find('=');
  const std::string list = equals == std::string::npos ? text : text.substr(equals + 1);
  const bool blanks = list.find_first_of("\"',") == std::string::npos;
  std::vector<std::string> items;
  std::string item;
  char quote = 0;
  const auto end_item = [&] {
    const std::size_t first = item.find_first_not_of(" \t\r\n");
    const std::size_t last = item.find_last_not_of(" \t\r\n");
    if (first != std::string::npos) items.push_back(item.substr(first, last - first + 1));
    item.clear();
  };
  for (const char c : list) {
    if (quote != 0 && c == quote) {
      quote = 0;
    } else if (quote != 0) {
      item += c;
    } else if ((c == '"' || c == '\'') && item.find_first_not_of(" \t\r\n") == std::string::npos) {
      quote = c;
    } else if (c == ',' || (blanks && (c == ' ' || c == '\n'))) {
      end_item();
    } else if (c != '[' && c != ']' && c != '(' && c != ')') {
      item += c;
    }
  }
  end_item();
  return items;
}

}  // namespace

const std::vector<DetectorPreset>& detector_presets() {
  static const std::vector<DetectorPreset> presets = {
      {"yolo20",
       125,
       7,
       10,
       {{1.08f, 1.19f}, {3.42f, 4.41f}, {6.63f, 11.38f}, {9.42f, 5.11f}, {16.62f, 10.52f}},
       {"aeroplane", "bicycle",     "bird",  "boat",        "bottle", "bus",      "car",
        "cat",       "chair",       "cow",   "diningtable", "dog",    "horse",    "motorbike",
        "person",    "pottedplant", "sheep", "sofa",        "train",  "tvmonitor"},
       0.5f,
       0.2f},
      {"face_detect",
       30,
       15,
       20,
       {{1.889f, 2.5245f},
        {2.9465f, 3.94056f},
        {3.99987f, 5.3658f},
        {5.155437f, 6.92275f},
        {6.718375f, 9.01025f}},
       {"face"},
       0.7f,
       0.3f},
      {"face_mask5",
       35,
       8,
       10,
       {{0.15625f, 0.222548f},
        {0.361328f, 0.489583f},
        {0.78125f, 0.983133f},
        {1.621094f, 1.964286f},
        {3.574219f, 3.94f}},
       {},
       0.7f,
       0.4f},
  };
  return presets;
}

const DetectorPreset* find_preset(std::string_view name) {
  for (const DetectorPreset& preset : detector_presets()) {
    if (preset.name == name) return &preset;
  }
  return nullptr;
}

const DetectorPreset* find_preset(int channels, int height, int width) {
  for (const DetectorPreset& preset : detector_presets()) {
    if (preset.grid_channels == channels && preset.grid_height == height &&
        preset.grid_width == width) {
      return &preset;
    }
  }
  return nullptr;
}

std::vector<Anchor> parse_anchors(const std::string& text) {
  if (const DetectorPreset* preset = find_preset(text)) return preset->anchors;
  std::vector<float> numbers;
  for (const std::string& item : list_items(text)) {
    char* end = nullptr;
    const float value = std::strtof(item.c_str(), &end);
    const bool all_read = end != item.c_str() && *end == '\0';
    if (!all_read || !std::isfinite(value) || value <= 0) {
      throw Error(
          fmt::format("--anchors {}: '{}' is neither a preset (yolo20, face_detect, "
                      "face_mask5) nor a positive number",
                      text, item));
    }
    numbers.push_back(value);
  }
  if (numbers.empty() || numbers.size() % 2 != 0) {
    throw Error(fmt::format("--anchors {}: expected pairs w,h,w,h,...", text));
  }
  std::vector<Anchor> anchors;
  for (std::size_t i = 0; i < numbers.size(); i += 2) {
    anchors.push_back({numbers[i], numbers[i + 1]});
  }
  return anchors;
}

std::vector<std::string> parse_labels(const std::string& text) {
  const std::string content = text.starts_with("\xEF\xBB\xBF") ? text.substr(3) : text;
  const bool one_line = content.find('\n') >= content.find_last_not_of(" \t\r\n");
  if (content.find('[') != std::string::npos ||
      (one_line && content.find(',') != std::string::npos)) {
    return list_items(content);
  }
  std::istringstream in(content);
  std::vector<std::string> labels;
  for (std::string line; std::getline(in, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (!line.empty()) labels.push_back(line);
  }
  return labels;
}

std::vector<std::string> read_labels(const std::string& path) {
  const std::vector<std::uint8_t> bytes = read_file(path);
  return parse_labels(std::string(bytes.begin(), bytes.end()));
}

std::string label_of(const std::vector<std::string>& labels, std::size_t index) {
  return index < labels.size() ? labels[index] : fmt::format("class {}", index);
}

}  // namespace kpu::sim
