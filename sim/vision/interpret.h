// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/vision/box_priors.h"
#include "sim/vision/image.h"
#include "sim/vision/post.h"
#include "sim/vision/presets.h"

namespace kpu::sim {

enum class PostKind { kAuto, kNone, kSoftmax, kYolo2, kYolo3, kYolox, kSsd, kRetinaface };

/// Whether a kind finds boxes.
constexpr bool finds_boxes(PostKind kind) { return kind >= PostKind::kYolo2; }

/// What the user said about the meaning of the output; empty fields come from a preset.
struct PostOptions {
  PostKind kind = PostKind::kAuto;
  std::vector<Anchor> anchors;
  std::vector<std::string> labels;
  std::optional<float> threshold;
  std::optional<float> nms;
};

/// A network's first output: its values and its shape, channels x height x width.
struct OutputTensor {
  std::span<const float> values;
  int channels = 0;
  int height = 0;
  int width = 0;
  bool is_uint8 = false;
};

/// What the output means.
struct Interpretation {
  PostKind kind = PostKind::kNone;  ///< never kAuto
  std::string preset;               ///< name of the detector preset in use; may be empty
  std::vector<ClassScore> classes;  ///< kSoftmax: the five best
  std::vector<Detection> detections;
  std::vector<std::string> labels;
  std::string reason;  ///< of kNone by kAuto: why nothing was recognised
};

/// Decodes an output. kAuto takes a detector preset whose grid fits, else classes where the values
/// are a probability distribution, else nothing. Throws kpu::Error if kYolo2 lacks anchors or they
/// do not fit the output.
Interpretation interpret(const OutputTensor& output, const PostOptions& options);

/// Decodes all outputs of a network whose input has this size. kAuto takes what counts and ranges
/// prove: a detector with priors, YOLOX, else as interpret(); several outputs that fit nothing have
/// no meaning, with the reason. Throws kpu::Error for outputs that the wanted kind does not fit,
/// and for a number of labels that is not that of the classes.
Interpretation interpret_outputs(std::span<const OutputTensor> outputs, const InputSize& input,
                                 const PostOptions& options);

/// Throws kpu::Error unless there are no labels or `classes` of them.
void require_label_count(const std::vector<std::string>& labels, std::size_t classes);

/// Whether illustrate() has a picture: boxes, classes, or few enough channels.
bool can_illustrate(const Interpretation& meaning, const OutputTensor& output);

/// The picture for --annotate: boxes or classes drawn on `input`; for an output without such a
/// meaning, its channels beside the input (three uint8 channels as red, green and blue, too).
/// Throws kpu::Error if the output has too many channels for that.
Image illustrate(const Interpretation& meaning, const OutputTensor& output, const Image& input);

}  // namespace kpu::sim
