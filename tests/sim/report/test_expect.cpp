// SPDX-License-Identifier: Apache-2.0
//
// Numbers against files: .npy files of every type there and back, damaged ones, and what is said
// about outputs that differ.
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "common/error.h"
#include "common/files.h"
#include "sim/report/expect.h"
#include "sim/text/npy.h"
#include "tests/sim/temp_folder.h"
#include "tests/support/catch2.h"

using namespace kpu::sim;
using kpu::test::contains_text;
using kpu::test::TempFolder;

namespace {

std::vector<std::uint8_t> bytes_of(const std::vector<float>& values) {
  std::vector<std::uint8_t> bytes(values.size() * sizeof(float));
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

OutputReport output_of(const std::vector<float>& values) {
  OutputReport output;
  output.info = {.type = kpu::golden::ElementType::kFloat32,
                 .dims = {2, static_cast<std::uint32_t>(values.size() / 2)},
                 .bytes = values.size() * sizeof(float)};
  output.bytes = bytes_of(values);
  return output;
}

}  // namespace

TEST_CASE("an array is read as it was written") {
  const std::vector<std::uint8_t> bytes{1, 2, 3, 4, 5, 6, 7, 8};
  for (const char* type : {"u1", "i2", "f4", "f8"}) {
    const std::size_t size = static_cast<std::size_t>(type[1] - '0');
    const std::vector<std::size_t> shape{8 / size, 1};
    const NpyArray array = parse_npy(npy_bytes(bytes, shape, type), "x");
    CHECK(array.type == type);
    CHECK(array.shape == shape);
    CHECK(array.bytes == bytes);
  }
  CHECK(parse_npy(npy_bytes(std::vector<std::uint8_t>{9}, {}), "x").shape.empty());
}

TEST_CASE("arrays that cannot be read are named") {
  const std::vector<std::uint8_t> bytes(8);
  const std::vector<std::size_t> shape{2};
  const auto file = npy_bytes(bytes, shape, "f4");
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text(file.begin(), file.end());
    text.replace(text.find(from), from.size(), to);
    return std::vector<std::uint8_t>(text.begin(), text.end());
  };
  CHECK_THROWS_WITH(parse_npy(with("'<f4'", "'>f4'"), "x.npy"),
                    contains_text("x.npy: .npy file of type '>f4', expected little-endian"));
  CHECK_THROWS_WITH(parse_npy(with("False", "True "), "x"), contains_text("Fortran order"));
  CHECK_THROWS_WITH(parse_npy(with("(2, )", "(9, )"), "x"), contains_text("too short"));
  CHECK_THROWS_WITH(parse_npy(with("(2, )", "(1, )"), "x"), contains_text("expected 4"));
  for (std::size_t size = 0; size < file.size(); ++size) {
    CHECK_THROWS_AS(parse_npy(std::span(file).first(size), "x"), kpu::Error);
  }
}

TEST_CASE("what differs from a file is said") {
  const TempFolder folder;
  const OutputReport output = output_of({1, 2, 3, 4, 5, 6});
  const auto save = [&](const std::vector<float>& values) {
    const auto bytes = bytes_of(values);
    kpu::write_file(folder / "e.bin", bytes.data(), bytes.size());
    return folder / "e.bin";
  };
  const Expectation equal = compare_expected(output, 0, save({1, 2, 3, 4, 5, 6}), 0);
  CHECK(equal.outside == 0);
  CHECK_FALSE(equal.snr_db);
  CHECK_THAT(expectation_text(equal), contains_text("equal (6 values)"));

  const std::string other = save({1, 2, 3, 4.5f, 5, 8});
  const Expectation differs = compare_expected(output, 0, other, 0.5);
  CHECK(differs.largest == 2);
  CHECK(differs.largest_at == "1, 2");
  CHECK(differs.outside == 1);
  CHECK(differs.first_at == "1, 2");
  const double signal = 1 + 4 + 9 + 20.25 + 25 + 64;
  CHECK(*differs.snr_db == Approx(10 * std::log10(signal / 4.25)));
  CHECK(compare_expected(output, 0, other, 0).first_at == "1, 0");
  CHECK(compare_expected(output, 0, other, 2).outside == 0);

  const float nan = std::numeric_limits<float>::quiet_NaN();
  CHECK(std::isinf(compare_expected(output, 0, save({1, 2, nan, 4, 5, 6}), 9).largest));
  CHECK(compare_expected(output_of({nan, 1}), 0, save({nan, 1}), 0).outside == 0);
  CHECK_THROWS_WITH(compare_expected(output, 0, save({1, 2}), 0),
                    contains_text("8 bytes, expected 6 values"));
  const std::vector<std::uint8_t> codes{1, 2, 3, 4, 5, 6};
  save_npy(folder / "e.npy", codes, std::vector<std::size_t>{6});
  CHECK(compare_expected(output, 0, folder / "e.npy", 0).outside == 0);
}
