// SPDX-License-Identifier: Apache-2.0
//
// A picture file of any bytes is either decoded or refused with kpu::Error.
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "common/error.h"
#include "sim/vision/image_io.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const int file = memfd_create("picture", 0);
  static const std::string path = "/proc/self/fd/" + std::to_string(file);
  if (ftruncate(file, 0) != 0 || pwrite(file, data, size, 0) != static_cast<ssize_t>(size)) return 0;
  try {
    kpu::sim::load_image(path, 3);
  } catch (const kpu::Error&) {
  }
  return 0;
}
