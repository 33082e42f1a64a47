// SPDX-License-Identifier: Apache-2.0
#include "golden/kmodel/file_kind.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

#include "common/bits.h"

namespace kpu::golden {
namespace {

using namespace std::string_view_literals;

/// Bytes at a fixed place that only one kind of file has.
struct Signature {
  std::size_t offset;
  std::string_view bytes;
  const char* kind;
};

constexpr std::array kSignatures{
    Signature{0, "\x89PNG\r\n\x1a\n"sv, "a PNG picture"},
    Signature{0, "\xff\xd8\xff"sv, "a JPEG picture"},
    Signature{0, "BM"sv, "a BMP picture"},
    Signature{4, "TFL3"sv, "a TensorFlow Lite model, which a compiler has to make a kmodel of"},
    Signature{0, "\x89HDF\r\n\x1a\n"sv, "an HDF5 file (Keras model), no kmodel yet"},
    Signature{0, "7767517"sv, "an ncnn model, no kmodel"},
    Signature{0, "\x1f\x8b"sv, "a gzip file: unpack it first"},
    Signature{0, "7z\xbc\xaf\x27\x1c"sv, "a 7z archive: unpack it first"},
    Signature{0, "Rar!\x1a\x07"sv, "a RAR archive: unpack it first"},
    Signature{0,
              "\xfd"
              "7zXZ\0"sv,
              "an xz file: unpack it first"},
    Signature{0,
              "\x7f"
              "ELF"sv,
              "an ELF program"},
    Signature{0, "<!DOCTYPE"sv, "an HTML page, as a failed download leaves it"},
    Signature{0, "<html"sv, "an HTML page, as a failed download leaves it"},
    Signature{0, "\x93NUMPY"sv, "a NumPy array"},
    Signature{0, "PK\5\6"sv, "a zip archive without files"},
};

bool has_at(std::span<const std::uint8_t> file, std::size_t offset, std::string_view bytes) {
  return file.size() >= offset + bytes.size() &&
         std::equal(bytes.begin(), bytes.end(), file.begin() + static_cast<std::ptrdiff_t>(offset),
                    [](char a, std::uint8_t b) { return static_cast<std::uint8_t>(a) == b; });
}

/// The pointer's text, as Git LFS writes it: "version ..", "oid ..", "size N".
std::string lfs_pointer(std::span<const std::uint8_t> file) {
  if (!has_at(file, 0, "version https://git-lfs.github.com/spec/"sv)) return {};
  const std::string text(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(
                                                          std::min<std::size_t>(file.size(), 400)));
  const std::size_t at = text.find("\nsize ");
  std::string size;
  if (at != std::string::npos)
    size = text.substr(at + 6, text.find_first_not_of("0123456789", at + 6) - at - 6);
  return fmt::format("a Git LFS pointer{}: `git lfs pull` fetches the file itself",
                     size.empty() ? "" : " (to " + size + " bytes)");
}

/// An ONNX file starts with its IR version, then the producer's name or the graph.
bool is_onnx(std::span<const std::uint8_t> file) {
  return file.size() > 4 && file[0] == 0x08 && file[1] >= 3 && file[1] < 32 &&
         (file[2] == 0x12 || file[2] == 0x3A || file[2] == 0x42);
}

/// A firmware image as it lies in the K210's flash: whether it is encrypted, its length, the bytes,
/// 32 bytes of SHA-256.
bool is_flash_image(std::span<const std::uint8_t> file) {
  constexpr std::size_t kFrame = 5 + 32;
  return file.size() > kFrame && file[0] <= 1 &&
         load_le<std::uint32_t>(file, 1) + std::uint64_t{kFrame} == file.size();
}

/// Whether every byte is about as frequent as any other, as only encryption and the best packers
/// leave them: Pearson's chi-squared of 255 degrees of freedom, mean 255, deviation 22.6.
bool looks_encrypted(std::span<const std::uint8_t> file) {
  constexpr std::size_t kLeast = 4096;
  if (file.size() < kLeast) return false;
  std::array<double, 256> counts{};
  for (std::uint8_t byte : file) ++counts[byte];
  const double expected = static_cast<double>(file.size()) / 256;
  double chi = 0;
  for (double count : counts) chi += (count - expected) * (count - expected) / expected;
  return chi < 255 + 5 * 22.6;
}

}  // namespace

std::string file_kind(std::span<const std::uint8_t> file) {
  if (file.empty()) return "empty";
  if (std::string pointer = lfs_pointer(file); !pointer.empty()) return pointer;
  for (const Signature& signature : kSignatures) {
    if (has_at(file, signature.offset, signature.bytes)) return signature.kind;
  }
  if (is_onnx(file)) return "an ONNX model, which a compiler has to make a kmodel of";
  if (is_flash_image(file)) {
    return file[0] == 1 ? "an encrypted K210 firmware image" : "a K210 firmware image";
  }
  if (has_at(file, 2, "\xef\xbe\xad\xde"sv) || has_at(file, 4, "\xef\xbe\xad\xde"sv)) {
    return "K210 firmware";
  }
  if (std::all_of(file.begin(), file.end(), [&](std::uint8_t b) { return b == file[0]; })) {
    return fmt::format("{} bytes of {:#04x}, as erased flash or a hole in a download", file.size(),
                       file[0]);
  }
  if (looks_encrypted(file)) {
    return "by its bytes an encrypted model (.smodel, AES), which only its device can read";
  }
  return {};
}

}  // namespace kpu::golden
