// SPDX-License-Identifier: Apache-2.0
//
// Decoders of detectors with several outputs or priors, on boxes whose place is known; what is
// recognised by itself and what is refused; labels and anchors as scripts spell them. Values are
// put into outputs that hold nothing else, so that every formula is seen in the box that comes
// back.
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "common/error.h"
#include "sim/vision/box_priors.h"
#include "sim/vision/interpret.h"
#include "sim/vision/presets.h"
#include "tests/support/catch2.h"

using namespace kpu::sim;
using kpu::test::contains_text;

namespace {

constexpr InputSize kInput{320, 240};

OutputTensor rows(const std::vector<float>& values, int columns) {
  return {values, 1, static_cast<int>(values.size()) / columns, columns, false};
}

}  // namespace

TEST_CASE("YOLOX: a row of its second grid") {
  const InputSize input{224, 224};
  constexpr std::size_t kColumns = 7;
  REQUIRE(yolox_rows(input) == 1029);
  std::vector<float> values(1029 * kColumns);
  const std::size_t row = 28 * 28 + 14 * 3 + 5;  // stride 16, row 3, column 5
  float* const v = &values[row * kColumns];
  v[0] = 0.5f;
  v[1] = -0.25f;
  v[2] = std::log(4.0f);
  v[3] = std::log(2.0f);
  v[4] = 0.9f;
  v[6] = 0.8f;
  const OutputTensor output = rows(values, kColumns);
  const Interpretation meaning = interpret_outputs({&output, 1}, input, {});
  REQUIRE(meaning.kind == PostKind::kYolox);
  REQUIRE(meaning.detections.size() == 1);
  const Detection& d = meaning.detections[0];
  CHECK(d.x == Approx(5.5 * 16 / 224));
  CHECK(d.y == Approx(2.75 * 16 / 224));
  CHECK(d.width == Approx(64.0 / 224));
  CHECK(d.height == Approx(32.0 / 224));
  CHECK(d.class_index == 1);
  CHECK(d.score == Approx(0.72));
  v[4] = 1.5f;  // no probability: not YOLOX
  CHECK(interpret_outputs({&output, 1}, input, {}).kind == PostKind::kNone);
  PostOptions wanted;
  wanted.kind = PostKind::kYolox;
  CHECK_THROWS_WITH(interpret_outputs({&output, 1}, kInput, wanted), contains_text("yolox"));
}

TEST_CASE("priors: a face of the light detector, and one with landmarks") {
  for (const bool retina : {false, true}) {
    CAPTURE(retina);
    const auto priors = retina ? retinaface_priors(kInput) : light_face_priors(kInput);
    REQUIRE(priors.size() == (retina ? 3160u : 4420u));
    const std::size_t index = priors.size() - 1;
    std::vector<float> boxes(4 * priors.size());
    std::vector<float> scores(2 * priors.size());
    std::vector<float> points(10 * priors.size());
    for (std::size_t i = 0; i < priors.size(); ++i) scores[2 * i] = 1;
    scores[2 * index] = 0.105f;  // a sum that is off, as codes make it
    scores[2 * index + 1] = 0.9f;
    boxes[4 * index] = -5;                      // half of the prior's width to the left
    boxes[4 * index + 2] = std::log(0.5f) * 5;  // half as wide
    points[10 * index] = 1;
    std::vector<OutputTensor> outputs{rows(scores, 2), rows(boxes, 4)};
    if (retina) outputs.push_back(rows(points, 10));
    const Interpretation meaning = interpret_outputs(outputs, kInput, {});
    REQUIRE(meaning.kind == (retina ? PostKind::kRetinaface : PostKind::kSsd));
    REQUIRE(meaning.detections.size() == 1);
    const Detection& d = meaning.detections[0];
    const Prior& prior = priors[index];
    CHECK(d.x == Approx(prior.x - prior.width / 2));
    CHECK(d.y == Approx(prior.y));
    CHECK(d.width == Approx(prior.width / 2));
    CHECK(d.height == Approx(prior.height));
    CHECK(d.score == Approx(0.9));
    CHECK(d.landmarks.size() == (retina ? 5u : 0u));
    if (retina) CHECK(d.landmarks[0].x == Approx(prior.x + 0.1 * prior.width));
    CHECK(meaning.labels.at(0) == "face");
  }
}

TEST_CASE("YOLOv3: two grids, the finer takes the first anchors") {
  std::vector<float> coarse(18 * 10 * 7, -20.0f);
  std::vector<float> fine(18 * 20 * 15, -20.0f);
  // Second anchor of the coarse grid, row 2, column 3.
  const auto set = [&](std::size_t channel, float value) {
    coarse[(6 + channel) * 70 + 2 * 10 + 3] = value;
  };
  for (std::size_t c : {0, 1, 2, 3}) set(c, 0);
  set(4, 4);
  set(5, 4);
  const std::vector<OutputTensor> outputs{{coarse, 18, 7, 10, false}, {fine, 18, 15, 20, false}};
  PostOptions options;
  options.kind = PostKind::kYolo3;
  CHECK_THROWS_WITH(interpret_outputs(outputs, kInput, options), contains_text("--anchors"));
  options.anchors = {{10, 14}, {23, 27}, {37, 58}, {81, 82}, {135, 169}, {344, 319}};
  const Interpretation meaning = interpret_outputs(outputs, kInput, options);
  REQUIRE(meaning.detections.size() == 1);
  const Detection& d = meaning.detections[0];
  CHECK(d.x == Approx(3.5 / 10));
  CHECK(d.y == Approx(2.5 / 7));
  CHECK(d.width == Approx(135.0 / 320));
  CHECK(d.height == Approx(169.0 / 240));
  const double share = 1 / (1 + std::exp(-4.0));
  CHECK(d.score == Approx(share * share));
  options.anchors.pop_back();
  CHECK_THROWS_AS(interpret_outputs(outputs, kInput, options), kpu::Error);

  SECTION("two outputs are no YOLOv2, and by themselves nothing") {
    options.kind = PostKind::kYolo2;
    CHECK_THROWS_WITH(interpret_outputs(outputs, kInput, options),
                      contains_text("2 outputs (18x7x10, 18x15x20), expected one"));
    const Interpretation none = interpret_outputs(outputs, kInput, {});
    CHECK(none.kind == PostKind::kNone);
    CHECK_THAT(none.reason, contains_text("2 outputs (18x7x10, 18x15x20) fit no detector"));
  }
}

TEST_CASE("anchors and labels as scripts spell them") {
  for (const char* text : {"1.5,2,3,4", "anchors = [1.5, 2, 3, 4]", "(1.5, 2, 3, 4)", "1.5 2 3 4",
                           "anchor=(1.5, 2,\n 3, 4)", "[1.5,2.0,3.0,4.0,]"}) {
    CAPTURE(text);
    const std::vector<Anchor> anchors = parse_anchors(text);
    REQUIRE(anchors.size() == 2);
    CHECK(anchors[0].width == 1.5f);
    CHECK(anchors[1].height == 4);
  }
  CHECK_THROWS_WITH(parse_anchors("[1, x]"), contains_text("'x'"));
  const std::vector<std::string> two{"traffic light", "stop, sign"};
  CHECK(parse_labels("labels = [\"traffic light\", 'stop, sign']\n") == two);
  CHECK(parse_labels("\xEF\xBB\xBFtraffic light\r\nstop, sign\r\n") == two);
  CHECK(parse_labels("[\n  \"traffic light\",\n  \"stop, sign\",\n]") == two);
  CHECK(parse_labels("cat, dog") == std::vector<std::string>{"cat", "dog"});
}

TEST_CASE("a wrong number of names is an error") {
  const std::vector<float> classes{0.25f, 0.75f};
  PostOptions options;
  options.labels = {"a", "b", "c"};
  CHECK_THROWS_WITH(interpret({classes, 1, 1, 2, false}, options),
                    contains_text("--labels: 3 names, expected 2"));
  const std::vector<float> grid(30 * 15 * 20, -20.0f);
  CHECK_THROWS_WITH(interpret({grid, 30, 15, 20, false}, options),
                    contains_text("--labels: 3 names, expected 1"));
}
