// SPDX-License-Identifier: Apache-2.0
#include "golden/kmodel/relaxed_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <string_view>
#include <system_error>
#include <utility>

#include "common/error.h"

namespace kpu::golden {
namespace {

constexpr std::string_view kWhite = " \t\r\n";

bool is_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {
    if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;
  }

  std::string read() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') {
        copy_string();
      } else if (starts("//")) {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (starts("/*")) {
        const std::size_t end = text_.find("*/", at_ + 2);
        at_ = end == std::string_view::npos ? text_.size() : end + 2;
      } else if (starts("0x") || starts("0X")) {
        copy_hexadecimal();
      } else {
        if (c == ']' || c == '}') drop_comma();
        copy_word_or_character();
      }
    }
    return std::move(out_);
  }

 private:
  bool starts(std::string_view what) const { return text_.substr(at_).starts_with(what); }

  void copy_string() {
    do {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) out_ += text_[at_++];
      out_ += text_[at_++];
    } while (at_ < text_.size() && text_[at_] != '"');
    if (at_ < text_.size()) out_ += text_[at_++];
  }

  void copy_hexadecimal() {
    std::size_t end = at_ + 2;
    while (end < text_.size() && is_word(text_[end])) ++end;
    const std::string_view digits = text_.substr(at_ + 2, end - at_ - 2);
    std::uint64_t value = 0;
    const auto [stop, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (error != std::errc() || stop != digits.data() + digits.size()) {
      throw Error(
          fmt::format("0x{:.40}: expected a hexadecimal number of at most 64 bits", digits));
    }
    out_ += fmt::format("{}", value);
    at_ = end;
  }

  /// A word is copied whole, so that the "0x" in "10x" is none.
  void copy_word_or_character() {
    do {
      out_ += text_[at_++];
    } while (is_word(out_.back()) && at_ < text_.size() && is_word(text_[at_]));
  }

  void drop_comma() {
    const std::size_t last = out_.find_last_not_of(kWhite);
    if (last != std::string::npos && out_[last] == ',') out_.erase(last, 1);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string out_;
};

}  // namespace

std::string strict_json(std::span<const std::uint8_t> text) {
  const std::string copy(text.begin(), text.end());
  return Reader(copy).read();
}

}  // namespace kpu::golden
