// SPDX-License-Identifier: Apache-2.0
//
// Which decoder all outputs of a network are for.
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "common/error.h"
#include "sim/vision/box_priors.h"
#include "sim/vision/interpret.h"

namespace kpu::sim {
namespace {

using Outputs = std::span<const OutputTensor>;

BoxLimits limits(const PostOptions& options, float threshold, float nms) {
  return {options.threshold.value_or(threshold), options.nms.value_or(nms)};
}

Interpretation boxes(PostKind kind, const PostOptions& options, std::vector<Detection> found,
                     std::size_t classes) {
  require_label_count(options.labels, classes);
  Interpretation meaning;
  meaning.kind = kind;
  meaning.labels = options.labels;
  meaning.detections = std::move(found);
  return meaning;
}

/// The output with `count` values, if there is exactly one.
const OutputTensor* with_count(Outputs outputs, std::size_t count) {
  const OutputTensor* found = nullptr;
  for (const OutputTensor& output : outputs) {
    if (output.values.size() != count) continue;
    if (found != nullptr) return nullptr;
    found = &output;
  }
  return found;
}

/// Boxes and scores of a detector with these priors, and landmarks; nothing if the outputs are not
/// that.
std::optional<PriorOutputs> prior_outputs(Outputs outputs, std::size_t priors, bool landmarks) {
  if (priors == 0 || outputs.size() != (landmarks ? 3u : 2u)) return std::nullopt;
  const OutputTensor* box = with_count(outputs, 4 * priors);
  const OutputTensor* score = with_count(outputs, 2 * priors);
  const OutputTensor* point = landmarks ? with_count(outputs, 10 * priors) : nullptr;
  if (box == nullptr || score == nullptr || (landmarks && point == nullptr)) return std::nullopt;
  PriorOutputs all{box->values, score->values, {}};
  if (landmarks) all.landmarks = point->values;
  return all;
}

std::optional<Interpretation> as_priors(Outputs outputs, const PostOptions& options,
                                        const InputSize& input, PostKind kind) {
  const bool retina = kind == PostKind::kRetinaface;
  const std::vector<Prior> priors = retina ? retinaface_priors(input) : light_face_priors(input);
  const auto all = prior_outputs(outputs, priors.size(), retina);
  if (!all) return std::nullopt;
  Interpretation meaning =
      boxes(kind, options, decode_priors(*all, priors, limits(options, 0.7f, 0.3f)), 1);
  if (meaning.labels.empty()) meaning.labels = {"face"};
  return meaning;
}

Interpretation as_yolox(const OutputTensor& output, const PostOptions& options,
                        const InputSize& input) {
  const auto columns = static_cast<std::size_t>(output.width);
  return boxes(PostKind::kYolox, options,
               decode_yolox(output.values, columns, input, limits(options, 0.3f, 0.45f)),
               columns - 5);
}

Interpretation as_yolo3(Outputs outputs, const PostOptions& options, const InputSize& input) {
  if (options.anchors.empty()) {
    throw Error("--post yolo3: expected --anchors w,h,.. in pixels of the input, small ones first");
  }
  std::vector<Yolo3Grid> grids;
  for (const OutputTensor& output : outputs) {
    grids.push_back({output.values, output.channels, output.height, output.width});
  }
  const std::size_t share = options.anchors.size() / outputs.size();
  const std::size_t classes =
      share > 0 ? static_cast<std::size_t>(outputs.front().channels) / share - 5 : 0;
  return boxes(PostKind::kYolo3, options,
               decode_yolo3(std::move(grids), options.anchors, input, limits(options, 0.5f, 0.45f)),
               classes);
}

std::string shapes_text(Outputs outputs) {
  std::string text;
  for (const OutputTensor& output : outputs) {
    text += fmt::format("{}{}x{}x{}", text.empty() ? "" : ", ", output.channels, output.height,
                        output.width);
  }
  return text;
}

/// What can be proven by counts and ranges; else the reason why there is no meaning.
Interpretation recognise(Outputs outputs, const PostOptions& options, const InputSize& input) {
  for (const PostKind kind : {PostKind::kSsd, PostKind::kRetinaface}) {
    if (auto meaning = as_priors(outputs, options, input, kind)) return *std::move(meaning);
  }
  if (outputs.size() == 1) {
    const OutputTensor& output = outputs.front();
    if (is_yolox(output.values, static_cast<std::size_t>(output.width), input)) {
      return as_yolox(output, options, input);
    }
    Interpretation meaning = interpret(output, options);
    if (meaning.kind == PostKind::kNone) {
      meaning.reason = fmt::format("output {} fits no known detector and is no distribution",
                                   shapes_text(outputs));
    }
    return meaning;
  }
  Interpretation meaning;
  meaning.reason = fmt::format(
      "{} outputs ({}) fit no detector that can be told by them; --post yolo3 with --anchors, or "
      "--post none",
      outputs.size(), shapes_text(outputs));
  return meaning;
}

}  // namespace

void require_label_count(const std::vector<std::string>& labels, std::size_t classes) {
  if (labels.empty() || labels.size() == classes) return;
  throw Error(fmt::format("--labels: {} names, expected {} as the output has classes",
                          labels.size(), classes));
}

Interpretation interpret_outputs(std::span<const OutputTensor> outputs, const InputSize& input,
                                 const PostOptions& options) {
  if (outputs.empty()) return {};
  const auto refuse = [&](const char* name) -> Interpretation {
    throw Error(fmt::format("--post {}: the outputs ({}) are not those of an input of {}x{}", name,
                            shapes_text(outputs), input.width, input.height));
  };
  switch (options.kind) {
    case PostKind::kAuto:
      return recognise(outputs, options, input);
    case PostKind::kYolo3:
      return as_yolo3(outputs, options, input);
    case PostKind::kYolox:
      return outputs.size() == 1 ? as_yolox(outputs.front(), options, input) : refuse("yolox");
    case PostKind::kSsd:
    case PostKind::kRetinaface: {
      auto meaning = as_priors(outputs, options, input, options.kind);
      return meaning ? *std::move(meaning)
                     : refuse(options.kind == PostKind::kSsd ? "ssd" : "retinaface");
    }
    default:
      break;
  }
  if (options.kind == PostKind::kYolo2 && outputs.size() != 1) {
    throw Error(fmt::format("--post yolo2: {} outputs ({}), expected one", outputs.size(),
                            shapes_text(outputs)));
  }
  return interpret(outputs.front(), options);
}

}  // namespace kpu::sim
