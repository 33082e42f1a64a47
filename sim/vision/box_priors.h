// SPDX-License-Identifier: Apache-2.0
//
// Detectors that decode each value against a fixed grid of the picture: YOLOv3, YOLOX, and
// SSD-style ones with priors.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "sim/vision/post.h"

namespace kpu::sim {

/// Width and height of the network's input in pixels, 1 or more.
struct InputSize {
  int width = 0;
  int height = 0;
};

/// 1 / (1 + e^-x).
float sigmoid(float x);

/// Drops boxes that overlap a better one of their class by more than `nms`; best score first.
std::vector<Detection> best_boxes(std::vector<Detection> found, float nms);

/// Sorted scores above `threshold` are kept, overlaps above `nms` dropped; 0..1 each.
struct BoxLimits {
  float threshold = 0.5f;
  float nms = 0.3f;
};

/// One output of a YOLOv3 network: anchors x (5 + classes) channels over a grid.
struct Yolo3Grid {
  std::span<const float> values;
  int channels = 0;
  int height = 0;
  int width = 0;
};

/// Decodes a YOLOv3 network: for each output an equal share of `anchors`, in pixels of the input;
/// the finest grid takes the first of them. Score: objectness times class, each by a sigmoid of its
/// own. Throws kpu::Error if the sizes do not fit.
std::vector<Detection> decode_yolo3(std::vector<Yolo3Grid> grids, std::span<const Anchor> anchors,
                                    const InputSize& input, const BoxLimits& limits);

/// Cells of a YOLOX head over strides 8, 16 and 32.
std::size_t yolox_rows(const InputSize& input);

/// Whether `values` can be a YOLOX output: yolox_rows() rows of 5 values and at least one class,
/// whose objectness and classes are probabilities.
bool is_yolox(std::span<const float> values, std::size_t columns, const InputSize& input);

/// Decodes it: a row is x, y in cells from its cell, log of width and height in cells, objectness,
/// classes. Throws kpu::Error if the count is not that of is_yolox().
std::vector<Detection> decode_yolox(std::span<const float> values, std::size_t columns,
                                    const InputSize& input, const BoxLimits& limits);

/// A box of the fixed grid: centre and size as fractions of the input.
struct Prior {
  float x = 0;
  float y = 0;
  float width = 0;
  float height = 0;
};

/// Priors of the light face detectors RFB-320 and slim-320: strides 8, 16, 32, 64 with 3, 2, 2, 3
/// squares of 10 to 256 pixels.
std::vector<Prior> light_face_priors(const InputSize& input);

/// Priors of RetinaFace with a MobileNet: strides 8, 16, 32 with two squares of 16 to 512 pixels.
std::vector<Prior> retinaface_priors(const InputSize& input);

/// The outputs of a network with priors, in the order of the priors.
struct PriorOutputs {
  std::span<const float> boxes;      ///< 4 each, as offsets with variances 0.1 and 0.2
  std::span<const float> scores;     ///< background and classes each, probabilities or logits
  std::span<const float> landmarks;  ///< five points of 2 each; may be empty
};

/// Decodes them. Throws kpu::Error if the counts do not fit the priors.
std::vector<Detection> decode_priors(const PriorOutputs& outputs, std::span<const Prior> priors,
                                     const BoxLimits& limits);

}  // namespace kpu::sim
