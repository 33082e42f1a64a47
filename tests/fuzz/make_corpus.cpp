// SPDX-License-Identifier: Apache-2.0
//
// make_corpus FOLDER: writes the files that fuzzing starts from to FOLDER/model and FOLDER/image;
// they are kept in tests/fuzz/corpus. One network of every format and wrapping, one picture of
// every format.
#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#include <stb/stb_image_write.h>
#pragma GCC diagnostic pop

#include "common/error.h"
#include "common/files.h"
#include "sim/vision/image_io.h"
#include "tests/golden/kmodel/sample_files.h"

namespace kpu::test {
namespace {

constexpr int kWidth = 9;
constexpr int kHeight = 5;

void append(void* context, void* data, int size) {
  const auto* bytes = static_cast<const std::uint8_t*>(data);
  static_cast<Bytes*>(context)->insert(static_cast<Bytes*>(context)->end(), bytes, bytes + size);
}

void write(const std::filesystem::path& path, const Bytes& bytes) {
  write_file(path.string(), bytes.data(), bytes.size());
}

void write_models(const std::filesystem::path& folder) {
  write(folder / "v1.kmodel", v1_file());
  write(folder / "v3_kpu.kmodel", kpu_file());
  write(folder / "v3_cpu.kmodel", cpu_file());
  write(folder / "v3_swapped.kmodel", word_swapped(kpu_file()));
  write(folder / "v4.kmodel", v4_file());
  write(folder / "v5.kmodel", v5_file());
  write(folder / "package.kfpkg", kfpkg_file());
}

void write_images(const std::filesystem::path& folder) {
  for (const int channels : {1, 3}) {
    Bytes pixels(static_cast<std::size_t>(kWidth * kHeight * channels));
    for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::uint8_t>(i * i);
    const std::string name = channels == 1 ? "grey" : "colour";
    Bytes png, jpeg, bmp;
    stbi_write_png_to_func(append, &png, kWidth, kHeight, channels, pixels.data(), 0);
    stbi_write_jpg_to_func(append, &jpeg, kWidth, kHeight, channels, pixels.data(), 90);
    stbi_write_bmp_to_func(append, &bmp, kWidth, kHeight, channels, pixels.data());
    Bytes pnm = text_bytes(channels == 1 ? "P5\n9 5\n255\n" : "P6\n9 5\n255\n");
    pnm.insert(pnm.end(), pixels.begin(), pixels.end());
    write(folder / (name + ".png"), png);
    write(folder / (name + ".jpg"), jpeg);
    write(folder / (name + ".bmp"), bmp);
    write(folder / (name + ".pnm"), pnm);
  }
}

}  // namespace
}  // namespace kpu::test

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: make_corpus FOLDER\n";
    return 2;
  }
  try {
    const std::filesystem::path folder = argv[1];
    std::filesystem::create_directories(folder / "model");
    std::filesystem::create_directories(folder / "image");
    kpu::test::write_models(folder / "model");
    kpu::test::write_images(folder / "image");
  } catch (const std::exception& error) {
    std::cerr << "make_corpus: " << error.what() << "\n";
    return 2;
  }
}
