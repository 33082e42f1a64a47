// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tests/golden/kmodel/v5/v5_file.h"
#include "tests/golden/kpu/layer_fixture.h"

namespace kpu::test {

/// Offsets in the text of v5_conv_file()'s k210 function, in bytes.
inline constexpr std::size_t kV5UploadAt = 0, kV5ConvAt = 44, kV5DownloadAt = 196;

/// A v5 file whose program calls the k210 module once: upload of six codes as 1x2x3, a 1x1 layer
/// that doubles, and a download; or, `to_main`, the layer's output in main memory instead.
inline V5File v5_conv_file(bool to_main) {
  LayerFixture layer({.height = 2, .width = 3, .src_line = 0, .dst_line = 10}, true);
  layer.weights = {2};
  const golden::KpuJob job = layer.job();
  ByteList rdata;
  for (const auto& table : {job.tables.act, job.tables.batch_norm, job.tables.weights}) {
    rdata.put_all(std::vector<std::uint8_t>(table.begin(), table.end()));
  }
  const auto range = [](int location, std::uint32_t start, std::uint32_t size) {
    return ByteList(static_cast<std::uint8_t>(location), V5File::kUint8, std::uint16_t{0}, start,
                    size)
        .bytes();
  };
  ByteList text(0u);
  text.put_all(range(0, 0, 6)).put_all(range(64, 0, 128)).put(1u).put(1u).put(2u).put(3u);
  text.put(2u).put_all(range(2, 152, 1)).put_all(range(2, 144, 8)).put_all(range(2, 0, 144));
  text.put_all(range(1, 0, to_main ? 6 : 0)).put(1u);
  text.put_all(std::vector<std::uint64_t>(job.words.begin(), job.words.end()));
  if (!to_main) {
    text.put(1u).put_all(range(64, 640, 128)).put_all(range(1, 0, 6));
    text.put(1u).put(1u).put(2u).put(3u);
  }
  StackText program;
  program.shape(0, {6}).shape(1, {1});
  program.buffer(0, 0).integer(4).integer(0).integer(1);
  program.buffer(1, 0).integer(4).integer(0).integer(1);
  program.tensor(0x03, 0u, std::uint16_t{1}, 1, 1);
  V5File file(V5File::kUint8, 6, V5File::kUint8, 6);
  return file.text(program).k210(rdata.bytes(), text.bytes(), 6, 6);
}

}  // namespace kpu::test
