// SPDX-License-Identifier: Apache-2.0
#include "sim/text/npy.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>
#include <system_error>

#include "common/bits.h"
#include "common/error.h"
#include "common/files.h"

namespace kpu::sim {
namespace {

constexpr std::array<std::uint8_t, 6> kMagic{0x93, 'N', 'U', 'M', 'P', 'Y'};

[[noreturn]] void refuse(const std::string& path, const std::string& what) {
  throw Error(fmt::format("{}: .npy file {}", path, what));
}

/// What stands behind `'key':` in the header up to the next comma outside of brackets.
std::string_view header_value(std::string_view header, std::string_view key,
                              const std::string& path) {
  const std::size_t at = header.find(fmt::format("'{}'", key));
  const std::size_t colon = at == std::string_view::npos ? at : header.find(':', at);
  if (colon == std::string_view::npos) refuse(path, fmt::format("without '{}'", key));
  std::string_view rest = header.substr(colon + 1);
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  const char end = rest.starts_with('(') ? ')' : ',';
  return rest.substr(0, rest.find(end));
}

/// Bytes in front of the values, and the header's text.
struct Header {
  std::size_t end = 0;
  std::string text;
};

Header parse_header(std::span<const std::uint8_t> file, const std::string& path) {
  if (!is_npy(file) || file.size() < 12) refuse(path, "cut in its header");
  const std::size_t prefix = file[6] == 1 ? 10 : 12;
  const std::size_t length =
      file[6] == 1 ? load_le<std::uint16_t>(file, 8) : load_le<std::uint32_t>(file, 8);
  if (length > file.size() - prefix) refuse(path, "cut in its header");
  return {prefix + length,
          {file.begin() + static_cast<std::ptrdiff_t>(prefix),
           file.begin() + static_cast<std::ptrdiff_t>(prefix + length)}};
}

std::vector<std::size_t> parse_shape(std::string_view text, const std::string& path) {
  std::vector<std::size_t> shape;
  if (!text.starts_with('(')) refuse(path, "without a shape");
  text.remove_prefix(1);
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(" ,"), text.size()));
    if (text.empty()) return shape;
    std::size_t dim = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), dim);
    if (error != std::errc()) refuse(path, "with a shape that is no list of whole numbers");
    shape.push_back(dim);
    text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
  }
}

}  // namespace

std::vector<std::uint8_t> npy_bytes(std::span<const std::uint8_t> bytes,
                                    std::span<const std::size_t> shape, const std::string& type) {
  std::string dims;
  for (std::size_t dim : shape) dims += fmt::format("{}, ", dim);
  std::string header = fmt::format("{{'descr': '{}{}', 'fortran_order': False, 'shape': ({}), }}",
                                   type.ends_with('1') ? '|' : '<', type, dims);
  // Magic, version and length take 10 bytes; with them the header ends on a multiple of 64.
  constexpr std::size_t kPrefix = 10;
  header.append(63 - (kPrefix + header.size()) % 64, ' ');
  header += '\n';

  std::vector<std::uint8_t> out;
  out.reserve(kPrefix + header.size() + bytes.size());
  for (std::uint8_t byte : kMagic) out.push_back(byte);
  for (std::size_t byte :
       {std::size_t{1}, std::size_t{0}, header.size() & 0xff, header.size() >> 8}) {
    out.push_back(static_cast<std::uint8_t>(byte));
  }
  out.insert(out.end(), header.begin(), header.end());
  out.insert(out.end(), bytes.begin(), bytes.end());
  return out;
}

void save_npy(const std::string& path, std::span<const std::uint8_t> bytes,
              std::span<const std::size_t> shape, const std::string& type) {
  const std::vector<std::uint8_t> file = npy_bytes(bytes, shape, type);
  write_file(path, file.data(), file.size());
}

bool is_npy(std::span<const std::uint8_t> file) {
  return file.size() >= kMagic.size() && std::equal(kMagic.begin(), kMagic.end(), file.begin());
}

std::optional<std::string> npy_text(std::span<const std::uint8_t> file) {
  if (!is_npy(file)) return {};
  const auto [end, header] = parse_header(file, "text");
  if (!header_value(header, "descr", "text").starts_with("'<U") ||
      !parse_shape(header_value(header, "shape", "text"), "text").empty()) {
    return {};
  }
  std::string text;
  for (std::size_t at = end; at + 4 <= file.size(); at += 4) {
    const auto letter = load_le<std::uint32_t>(file, at);
    if (letter == 0) break;
    text += letter < 128 ? static_cast<char>(letter) : '?';
  }
  return text;
}

NpyArray parse_npy(std::span<const std::uint8_t> file, const std::string& path) {
  const auto [end, header] = parse_header(file, path);
  NpyArray array;
  const std::string type(header_value(header, "descr", path));
  const bool plain = type.size() == 5 && type.front() == '\'' && type.back() == '\'' &&
                     std::string_view("iufb").find(type[2]) != std::string_view::npos &&
                     std::string_view("1248").find(type[3]) != std::string_view::npos;
  if (!plain || type[1] == '>') {
    refuse(path,
           fmt::format("of type {}, expected little-endian numbers ('<f4', '|u1', ..)", type));
  }
  array.type = type.substr(2, 2);
  if (header_value(header, "fortran_order", path).starts_with("True")) {
    refuse(path, "in Fortran order, expected C order (numpy.ascontiguousarray)");
  }
  array.shape = parse_shape(header_value(header, "shape", path), path);
  const std::size_t have = file.size() - end;
  std::size_t needed = static_cast<std::size_t>(type[3] - '0');
  for (std::size_t dim : array.shape) {
    if (dim != 0 && needed > have / dim)
      refuse(path, fmt::format("of {} bytes is too short", have));
    needed *= dim;
  }
  if (needed != have) {
    refuse(path, fmt::format("with {} bytes of values, expected {} by its shape", have, needed));
  }
  array.bytes.assign(file.end() - static_cast<std::ptrdiff_t>(have), file.end());
  return array;
}

}  // namespace kpu::sim
