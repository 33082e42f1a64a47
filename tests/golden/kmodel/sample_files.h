// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace kpu::test {

using Bytes = std::vector<std::uint8_t>;

// Small valid networks of every format: tests damage them, loader fuzzing starts from them.

/// v3: two KPU layers, dequantize, softmax.
Bytes kpu_file();
/// v3: one layer of nearly every CPU type behind each other.
Bytes cpu_file();
/// The legacy format with one layer, its tables taken from kpu_file().
Bytes v1_file();
/// v4: upload of two images, a KPU layer over both, and CPU nodes behind it.
Bytes v4_file();
/// v5: a stack program with a slice, a quantization and a call of a k210 module.
Bytes v5_file();
/// The bytes of every whole 32-bit word the other way round.
Bytes word_swapped(Bytes file);

/// The flash list of kfpkg_file(): firmware.bin, then net.kmodel at 0x300000.
inline constexpr char kFlashList[] =
    R"({"version": "0.1.0", "files": [)"
    R"({"address": 0, "bin": "firmware.bin", "sha256Prefix": true},)"
    R"({"address": 3145728, "bin": "net.kmodel", "sha256Prefix": false}]})";
/// A package of kpu_file() and a firmware that is none.
Bytes kfpkg_file();
/// A zip archive of the given files.
Bytes make_zip(const std::vector<std::pair<std::string, Bytes>>& files);
Bytes text_bytes(const std::string& text);

}  // namespace kpu::test
