// SPDX-License-Identifier: Apache-2.0
#include "sim/text/npy.h"

#include <cstddef>

#include <fmt/format.h>

#include "common/files.h"

namespace kpu::sim {

std::vector<std::uint8_t> npy_bytes(std::span<const std::uint8_t> values,
                                    std::span<const std::size_t> shape) {
  std::string dims;
  for (std::size_t dim : shape) dims += fmt::format("{}, ", dim);
  std::string header =
      fmt::format("{{'descr': '|u1', 'fortran_order': False, 'shape': ({}), }}", dims);
  // Magic, version and length take 10 bytes; with them the header ends on a multiple of 64.
  constexpr std::size_t kPrefix = 10;
  header.append(63 - (kPrefix + header.size()) % 64, ' ');
  header += '\n';

  std::vector<std::uint8_t> out{0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};
  out.push_back(static_cast<std::uint8_t>(header.size() & 0xff));
  out.push_back(static_cast<std::uint8_t>(header.size() >> 8));
  out.insert(out.end(), header.begin(), header.end());
  out.insert(out.end(), values.begin(), values.end());
  return out;
}

void save_npy(const std::string& path, std::span<const std::uint8_t> values,
              std::span<const std::size_t> shape) {
  const std::vector<std::uint8_t> bytes = npy_bytes(values, shape);
  write_file(path, bytes.data(), bytes.size());
}

}  // namespace kpu::sim
