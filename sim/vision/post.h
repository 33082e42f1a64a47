// SPDX-License-Identifier: Apache-2.0
//
// What the float outputs of a network mean: classes or boxes.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "sim/vision/presets.h"

namespace kpu::sim {

/// A class with its probability.
struct ClassScore {
  std::size_t index = 0;
  float probability = 0;
};

/// True if `values` are probabilities already: each in 0..1, their sum 1 within 0.001.
bool is_distribution(std::span<const float> values);

/// Softmax with the maximum subtracted, summed in double.
std::vector<float> softmax(std::span<const float> values);

/// The `count` most probable classes, best first; equal ones in the order of their index.
std::vector<ClassScore> top_classes(std::span<const float> probabilities, std::size_t count);

/// A point as fractions of the picture.
struct Point {
  float x = 0;
  float y = 0;
};

/// A detected object: centre and size as fractions of the picture.
struct Detection {
  float x = 0;
  float y = 0;
  float width = 0;
  float height = 0;
  std::size_t class_index = 0;
  float score = 0;
  std::vector<Point> landmarks = {};  ///< of a face: eyes, nose, corners of the mouth
};

/// Shape and limits of a YOLOv2 region output.
struct Yolo2Spec {
  int channels = 0;  ///< anchors * (5 + classes), at least one class
  int height = 0;
  int width = 0;
  std::vector<Anchor> anchors;
  float threshold = 0.5f;  ///< scores above this are kept, 0..1
  float nms = 0.3f;        ///< boxes of a class that overlap a better one by more are dropped, 0..1
};

/// Overlap of two boxes: intersection over union, 0 when the union is empty.
float intersection_over_union(const Detection& a, const Detection& b);

/// Decodes a region output (channels x height x width floats, per anchor tx, ty, tw, th,
/// objectness, classes), keeps scores above the threshold and drops overlaps class by class. Best
/// score first. Throws kpu::Error if the sizes do not fit each other.
std::vector<Detection> decode_yolo2(std::span<const float> values, const Yolo2Spec& spec);

}  // namespace kpu::sim
