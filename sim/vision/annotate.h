// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "sim/vision/image.h"
#include "sim/vision/post.h"

namespace kpu::sim {

/// RGB picture with a labelled frame around every detection. Small pictures are magnified so that
/// the labels stay readable.
Image annotate_boxes(const Image& picture, std::span<const Detection> detections,
                     const std::vector<std::string>& labels);

/// RGB picture with the classes and their probabilities listed below it.
Image annotate_classes(const Image& picture, std::span<const ClassScore> classes,
                       const std::vector<std::string>& labels);

}  // namespace kpu::sim
