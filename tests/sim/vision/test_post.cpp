// SPDX-License-Identifier: Apache-2.0
//
// Meaning of outputs: softmax, YOLOv2 boxes, overlaps, anchors. The boxes are worked out by hand
// for one cell each; grids and anchors beyond that only repeat the same formula.
#include <cmath>
#include <cstddef>
#include <vector>

#include "common/error.h"
#include "sim/vision/interpret.h"
#include "sim/vision/post.h"
#include "sim/vision/presets.h"
#include "tests/support/catch2.h"

using namespace kpu::sim;
using kpu::test::contains_text;

namespace {

/// A 2 x 3 grid of one anchor (2 cells by 1) with two classes: 7 channels, all objectness very low.
struct Grid {
  std::vector<float> values = std::vector<float>(7 * 2 * 3, 0.0f);
  Yolo2Spec spec{7, 2, 3, {{2.0f, 1.0f}}, 0.5f, 0.3f};

  Grid() {
    for (std::size_t cell = 0; cell < 6; ++cell) at(4, cell) = -20.0f;
  }
  float& at(std::size_t channel, std::size_t cell) { return values[channel * 6 + cell]; }
};

}  // namespace

TEST_CASE("softmax of equal values and of a known pair") {
  const std::vector<float> equal = softmax(std::vector<float>{3.0f, 3.0f});
  CHECK(equal[0] == 0.5f);
  // exp(0) : exp(ln 3) = 1 : 3
  const std::vector<float> pair = softmax(std::vector<float>{0.0f, std::log(3.0f)});
  CHECK(pair[1] == Approx(0.75f));
  CHECK(is_distribution(pair));
  CHECK_FALSE(is_distribution(std::vector<float>{0.5f, 0.6f}));
  CHECK_FALSE(is_distribution(std::vector<float>{-0.5f, 1.5f}));
  CHECK_FALSE(is_distribution(std::vector<float>{NAN, 1.0f}));
}

TEST_CASE("softmax does not overflow") {
  const std::vector<float> large = softmax(std::vector<float>{1000.0f, 1000.0f, 0.0f});
  CHECK(large[0] == Approx(0.5f));
  CHECK(large[2] == 0.0f);
}

TEST_CASE("best classes come in order, equal ones by index") {
  const auto best = top_classes(std::vector<float>{0.1f, 0.4f, 0.4f, 0.1f}, 3);
  REQUIRE(best.size() == 3);
  CHECK(best[0].index == 1);
  CHECK(best[1].index == 2);
  CHECK(best[2].index == 0);
}

TEST_CASE("a cell with all offsets zero gives the anchor around the cell's middle") {
  Grid grid;
  grid.at(4, 4) = 20.0f;           // row 1, column 1
  grid.at(5, 4) = std::log(3.0f);  // class 0: 3/4, class 1: 1/4
  const auto found = decode_yolo2(grid.values, grid.spec);
  REQUIRE(found.size() == 1);
  CHECK(found[0].x == Approx(1.5 / 3));
  CHECK(found[0].y == Approx(1.5 / 2));
  CHECK(found[0].width == Approx(2.0 / 3));
  CHECK(found[0].height == Approx(1.0 / 2));
  CHECK(found[0].class_index == 0);
  CHECK(found[0].score == Approx(0.75));
}

TEST_CASE("offsets move and stretch the box") {
  Grid grid;
  grid.at(0, 0) = std::log(3.0f);  // sigmoid = 3/4
  grid.at(1, 0) = -std::log(3.0f);
  grid.at(2, 0) = std::log(0.5f);
  grid.at(3, 0) = std::log(2.0f);
  grid.at(4, 0) = 20.0f;
  grid.at(6, 0) = 20.0f;
  const auto found = decode_yolo2(grid.values, grid.spec);
  REQUIRE(found.size() == 1);
  CHECK(found[0].x == Approx(0.75 / 3));
  CHECK(found[0].y == Approx(0.25 / 2));
  CHECK(found[0].width == Approx(1.0 / 3));
  CHECK(found[0].height == Approx(2.0 / 2));
  CHECK(found[0].class_index == 1);
}

TEST_CASE("the threshold applies to objectness times class") {
  Grid grid;
  grid.at(4, 2) = 20.0f;
  grid.at(5, 2) = 0.0f;  // two equal classes: 1/2, not above 0.5
  CHECK(decode_yolo2(grid.values, grid.spec).empty());
  grid.spec.threshold = 0.49f;
  CHECK(decode_yolo2(grid.values, grid.spec).size() == 1);
}

TEST_CASE("overlapping boxes of a class: the better one stays") {
  Grid grid;
  for (std::size_t cell : {0u, 1u}) {
    grid.at(4, cell) = 20.0f;
    grid.at(5, cell) = cell == 0 ? 3.0f : 5.0f;
  }
  // Neighbouring cells: boxes of 2 x 1 cells, moved by one: overlap 1 of 3.
  auto found = decode_yolo2(grid.values, grid.spec);
  REQUIRE(found.size() == 1);
  CHECK(found[0].x == Approx(0.5));
  grid.spec.nms = 0.34f;
  found = decode_yolo2(grid.values, grid.spec);
  REQUIRE(found.size() == 2);
  CHECK(found[0].score > found[1].score);
  grid.spec.nms = 0.3f;
  grid.at(6, 0) = 9.0f;  // another class now
  CHECK(decode_yolo2(grid.values, grid.spec).size() == 2);
}

TEST_CASE("intersection over union by hand") {
  const Detection a{0.5f, 0.5f, 1.0f, 1.0f, 0, 1};
  CHECK(intersection_over_union(a, a) == Approx(1.0));
  CHECK(intersection_over_union(a, {1.0f, 0.5f, 1.0f, 1.0f, 0, 1}) == Approx(0.5 / 1.5));
  CHECK(intersection_over_union(a, {2.0f, 0.5f, 1.0f, 1.0f, 0, 1}) == 0.0f);
  CHECK(intersection_over_union({0, 0, 0, 0, 0, 1}, {0, 0, 0, 0, 0, 1}) == 0.0f);
}

TEST_CASE("sizes that do not fit are refused") {
  Grid grid;
  grid.spec.channels = 8;
  CHECK_THROWS_WITH(decode_yolo2(grid.values, grid.spec), contains_text("8x2x3"));
  grid.spec.channels = 7;
  grid.spec.anchors.resize(2);
  CHECK_THROWS_WITH(decode_yolo2(grid.values, grid.spec), contains_text("2 anchors"));
  grid.spec.anchors.clear();
  CHECK_THROWS_AS(decode_yolo2(grid.values, grid.spec), kpu::Error);
}

TEST_CASE("anchors: presets, numbers, nonsense") {
  CHECK(parse_anchors("yolo20").size() == 5);
  CHECK(parse_anchors("face_detect")[4].height == Approx(9.01025f));
  const auto anchors = parse_anchors("1,2.5,3,4");
  REQUIRE(anchors.size() == 2);
  CHECK(anchors[0].height == 2.5f);
  for (const char* bad : {"1,2,3", "1,x", "", "-1,2", "inf,1", "yolo21"}) {
    CAPTURE(bad);
    CHECK_THROWS_AS(parse_anchors(bad), kpu::Error);
  }
}

TEST_CASE("presets are found by the output's shape") {
  REQUIRE(find_preset(30, 15, 20) != nullptr);
  CHECK(find_preset(30, 15, 20)->name == "face_detect");
  CHECK(find_preset(35, 8, 10)->anchors.size() == 5);
  CHECK(find_preset(30, 20, 15) == nullptr);
  CHECK(label_of({"face"}, 0) == "face");
  CHECK(label_of({"face"}, 3) == "class 3");
}

TEST_CASE("interpretation by itself") {
  const std::vector<float> classes{0.25f, 0.75f};
  CHECK(interpret({classes, 1, 1, 2, false}, {}).kind == PostKind::kSoftmax);
  CHECK(interpret({classes, 1, 1, 2, true}, {}).kind == PostKind::kNone);
  const std::vector<float> other{1.0f, 5.0f};
  CHECK(interpret({other, 1, 1, 2, false}, {}).kind == PostKind::kNone);
  PostOptions softmax_wanted;
  softmax_wanted.kind = PostKind::kSoftmax;
  CHECK(interpret({other, 1, 1, 2, false}, softmax_wanted).classes[0].index == 1);
  const std::vector<float> grid(9000, -9.0f);
  const Interpretation boxes = interpret({grid, 30, 15, 20, false}, {});
  CHECK(boxes.kind == PostKind::kYolo2);
  CHECK(boxes.preset == "face_detect");
  CHECK(boxes.detections.empty());
  PostOptions yolo_wanted;
  yolo_wanted.kind = PostKind::kYolo2;
  CHECK_THROWS_WITH(interpret({other, 1, 1, 2, false}, yolo_wanted), contains_text("--anchors"));
}
