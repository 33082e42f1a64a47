// SPDX-License-Identifier: Apache-2.0
//
// kpu_pack_bench.sv with images, the packed lines that they should become, and the rows that those should become again.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "Vkpu_pack_bench.h"
#include "tests/rtl/support/unit_clock.h"

namespace kpu::test {

inline constexpr std::uint32_t kLanes = KPU_TEST_LANES;
inline constexpr std::uint32_t kGroups = 16384 / kLanes;  // whose words the gather keeps
inline constexpr int kPatience = 300'000;

using Word = std::array<std::uint8_t, kLanes>;

template <class Wide>
void put(Wide& value, const Word& word) {
  for (std::uint32_t i = 0; i < kLanes / 4; ++i) {
    value[i] = word[4 * i] | word[4 * i + 1] << 8 | word[4 * i + 2] << 16 | std::uint32_t{word[4 * i + 3]} << 24;
  }
}

template <class Wide>
Word get(const Wide& value) {
  Word word;
  for (std::uint32_t i = 0; i < kLanes; ++i) word[i] = static_cast<std::uint8_t>(value[i / 4] >> (8 * (i % 4)));
  return word;
}

struct Shape {
  std::uint32_t grp_l2;  ///< log2 of channels in a word
  std::uint32_t width;
  std::uint32_t height;
  std::uint32_t pick = 0;   ///< 1, 2: two words a line, of which the left or the right one of two pixels is kept

  std::uint32_t part() const { return kLanes >> grp_l2; }
  std::uint32_t segments() const { return (width + part() - 1) / part(); }
  std::uint32_t last_px() const { return width - (segments() - 1) * part(); }
  std::uint32_t pixels() const { return width * height; }
  std::uint32_t lines() const {
    return pick != 0 ? (height * segments() + 1) / 2 : (pixels() + part() - 1) / part();
  }

  /// The pixel of the channel in a lane of a packed line; pixels() if it has none.
  std::uint32_t pixel(std::uint32_t line, std::uint32_t lane) const {
    const std::uint32_t pos = lane % part();
    if (pick == 0) return std::min(line * part() + pos, pixels());
    const std::uint32_t word = 2 * line + pos / (part() / 2);
    const std::uint32_t x = word % segments() * part() + 2 * (pos % (part() / 2)) + pick - 1;
    return word < height * segments() && x < width ? word / segments() * width + x : pixels();
  }
};

/// A word on its way to the gather.
struct Token {
  bool first, last, keep, pad;
  std::uint32_t at, group;
  std::uint32_t rest;  ///< of its token: anything
  Word data;
};

class PackBench {
 public:
  explicit PackBench(std::uint32_t seed) : random_(seed) {
    top_.clear_i = 0;
    top_.words_step_i = 0;
    top_.word_valid_i = 0;
    top_.pix_valid_i = 0;
    top_.row_ready_i = 0;
    clock_.reset();
  }

  std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(random_() % n); }

  /// Through words and gather: lines of a tile of `groups` channel groups, `block` lines a block.
  void gather(const Shape& shape, std::uint32_t groups, std::uint32_t block, std::uint32_t stalls) {
    layer(shape, true);
    make_image(shape, groups);
    std::vector<Token> tokens;
    std::vector<Word> expected;  // lines, in their order; lanes without a pixel as they come
    for (std::uint32_t line0 = 0; line0 < shape.lines(); line0 += block) {
      for (std::uint32_t pass = 0; 8 * pass < groups; ++pass) {
        for (std::uint32_t line = line0; line < std::min(line0 + block, shape.lines()); ++line) {
          window(shape, groups, pass, line, tokens);
          for (std::uint32_t group = 8 * pass; group < std::min(8 * pass + 8, groups); ++group) {
            expected.push_back(packed_line(shape, group, line));
          }
        }
      }
    }
    std::vector<std::uint32_t> rests;
    for (const Token& token : tokens) {
      if (token.last) rests.push_back(token.rest);
    }
    std::size_t sent = 0;
    std::size_t seen = 0;
    for (int cycle = 0; seen < expected.size(); ++cycle) {
      require(cycle < kPatience, "the lines do not come");
      top_.word_valid_i = sent < tokens.size() && (word_waits_ || below(100) >= stalls);
      if (top_.word_valid_i) drive(tokens[sent]);
      clock_.settle();
      if (top_.line_valid_o) {
        const std::uint32_t line = line_of(shape, groups, block, seen);
        require(!top_.line_pad_o, "a packed line is a pad line");
        require(top_.line_rest_o == rests[seen], "another token");
        check_lanes(shape, line, get(top_.line_data_o), expected[seen++]);
      }
      word_waits_ = top_.word_valid_i && !top_.word_ready_o;
      sent += top_.word_valid_i && top_.word_ready_o;
      clock_.edge();
    }
    require(sent == tokens.size(), "words are left over");
    top_.word_valid_i = 0;
    idle_line();
  }

  /// Through the scatter: all packed lines of a tile of `channels` output channels.
  void scatter(const Shape& shape, std::uint32_t channels, std::uint32_t stalls, std::int64_t clear_after = -1) {
    layer(shape, true);
    make_image(shape, channels);
    const std::uint32_t total = shape.lines() * channels;
    std::uint32_t sent = 0;
    std::vector<std::uint32_t> next(channels, 0);  // word of each channel
    std::uint32_t seen = 0;
    const std::uint32_t words = shape.height * shape.segments();
    for (int cycle = 0; seen < words * channels; ++cycle) {
      require(cycle < kPatience, "the rows do not come");
      if (cycle == clear_after) return give_up();
      const std::uint32_t m = sent % channels;
      const std::uint32_t line = sent / channels;
      top_.pix_valid_i = sent < total && (pix_waits_ || below(100) >= stalls);
      const bool end = sent + 1 == total;
      put(top_.pix_line_i, packed_line(shape, m, line));
      top_.pix_m_i = m;
      top_.pix_row_i = line;
      top_.pix_seg_i = 0;
      top_.pix_ends_i = (end ? 6 : 0) | (line + 1 == shape.lines());
      top_.row_ready_i = below(100) >= stalls;
      clock_.settle();
      if (top_.row_valid_o && top_.row_ready_i) {
        const std::uint32_t channel = top_.row_m_o;
        require(channel < channels, "a channel that there is not");
        const std::uint32_t word = next[channel]++;
        require(word < words, "a word too many");
        const std::uint32_t row = word / shape.segments();
        const std::uint32_t seg = word % shape.segments();
        require(top_.row_row_o == row && top_.row_seg_o == seg, "a word out of order");
        ++seen;
        const bool last = seen == words * channels;
        require(top_.row_ends_o == ((last ? 6u : 0u) | (row + 1 == shape.height)), "the ends of tile and rows");
        check_row(shape, channel, row, seg, get(top_.row_line_o));
      }
      pix_waits_ = top_.pix_valid_i && !top_.pix_ready_o;
      sent += top_.pix_valid_i && top_.pix_ready_o;
      clock_.edge();
    }
    require(sent == total, "lines are left over");
    top_.pix_valid_i = 0;
    top_.row_ready_i = 1;
    clock_.settle();
    require(!top_.row_valid_o, "a row behind the last");
  }

  /// A layer that is not packed: lines and rows come as they went in, in the same cycle.
  void pass(std::uint32_t count, std::uint32_t stalls) {
    layer({0, kLanes, 1}, false);
    std::vector<Token> tokens(count);
    for (Token& token : tokens) {
      token = {true, true, false, below(3) == 0, 0, below(kGroups), below(1 << 13), {}};
      for (auto& byte : token.data) byte = static_cast<std::uint8_t>(random_());
    }
    std::size_t sent = 0;
    std::size_t seen = 0;
    std::size_t pix_sent = 0;
    std::size_t pix_seen = 0;
    int cycle = 0;
    for (; seen < count || pix_seen < count; ++cycle) {
      require(cycle < kPatience, "the lines do not come");
      top_.word_valid_i = sent < count && (word_waits_ || below(100) >= stalls);
      if (top_.word_valid_i) drive(tokens[sent]);
      top_.pix_valid_i = pix_sent < count && (pix_waits_ || below(100) >= stalls);
      if (top_.pix_valid_i) {
        put(top_.pix_line_i, tokens[pix_sent].data);
        top_.pix_m_i = pix_sent % 16;
        top_.pix_row_i = pix_sent % 512;
        top_.pix_seg_i = pix_sent % 64;
        top_.pix_ends_i = pix_sent % 8;
      }
      top_.row_ready_i = below(100) >= stalls;
      clock_.settle();
      if (top_.line_valid_o) {
        const Token& token = tokens[seen++];
        require(top_.line_pad_o == token.pad && top_.line_rest_o == token.rest, "another token");
        require(get(top_.line_data_o) == token.data, "another line");
      }
      if (top_.row_valid_o && top_.row_ready_i) {
        require(get(top_.row_line_o) == tokens[pix_seen].data, "another line of pixels");
        require(top_.row_m_o == pix_seen % 16 && top_.row_row_o == pix_seen % 512 && top_.row_seg_o == pix_seen % 64 &&
                    top_.row_ends_o == pix_seen % 8,
                "another tag");
        ++pix_seen;
      }
      word_waits_ = top_.word_valid_i && !top_.word_ready_o;
      sent += top_.word_valid_i && top_.word_ready_o;
      pix_waits_ = top_.pix_valid_i && !top_.pix_ready_o;
      pix_sent += top_.pix_valid_i && top_.pix_ready_o;
      clock_.edge();
    }
    if (stalls == 0) require(cycle == static_cast<int>(count), "not at once");
    top_.word_valid_i = 0;
    top_.pix_valid_i = 0;
  }

  /// Gives up what is inside, in the middle of a line of several words.
  void give_up() {
    top_.word_valid_i = 0;
    top_.pix_valid_i = 0;
    word_waits_ = pix_waits_ = false;
    top_.clear_i = 1;
    clock_.tick();
    top_.clear_i = 0;
    clock_.settle();
    require(!top_.line_valid_o && !top_.row_valid_o, "valid after a clear");
  }

  /// A few words of a line, then the layer is given up.
  void begin(const Shape& shape, std::uint32_t words) {
    layer(shape, true);
    make_image(shape, 9);
    std::vector<Token> tokens;
    window(shape, 9, 0, 0, tokens);
    for (std::uint32_t i = 0; i < words && i < tokens.size(); ++i) {
      top_.word_valid_i = 1;
      drive(tokens[i]);
      clock_.tick();
    }
    // .. of the next line the first word only.
    step_words(0, 1, 0, true);
    give_up();
  }

 private:
  void require(bool good, const std::string& what) const {
    if (!good) throw std::runtime_error("cycle " + std::to_string(clock_.cycles()) + ": " + what);
  }

  void layer(const Shape& shape, bool pack) {
    top_.pack_i = pack;
    top_.pick_i = shape.pick != 0;
    top_.right_i = shape.pick == 2;
    top_.grp_l2_i = shape.grp_l2;
    top_.seg_last_i = shape.segments() - 1;
    top_.last_px_i = shape.last_px();
    top_.h_m1_i = shape.height - 1;
  }

  void make_image(const Shape& shape, std::uint32_t groups) {
    image_.resize(std::size_t{groups} << shape.grp_l2);
    for (auto& channel : image_) {
      channel.resize(shape.pixels());
      for (auto& pixel : channel) pixel = static_cast<std::uint8_t>(random_());
    }
  }

  /// The word of an image row; lanes without a pixel hold anything.
  Word image_word(const Shape& shape, std::uint32_t group, std::uint32_t row, std::uint32_t seg) {
    Word word;
    for (std::uint32_t lane = 0; lane < kLanes; ++lane) {
      const std::uint32_t x = seg * shape.part() + lane % shape.part();
      const std::uint32_t channel = (group << shape.grp_l2) + lane / shape.part();
      word[lane] = x < shape.width ? image_[channel][row * shape.width + x] : static_cast<std::uint8_t>(random_());
    }
    return word;
  }

  Word packed_line(const Shape& shape, std::uint32_t group, std::uint32_t line) {
    Word word;
    for (std::uint32_t lane = 0; lane < kLanes; ++lane) {
      const std::uint32_t pixel = shape.pixel(line, lane);
      const std::uint32_t channel = (group << shape.grp_l2) + lane / shape.part();
      word[lane] = pixel < shape.pixels() ? image_[channel][pixel] : static_cast<std::uint8_t>(random_());
    }
    return word;
  }

  void check_lanes(const Shape& shape, std::uint32_t line, const Word& got, const Word& expected) const {
    for (std::uint32_t lane = 0; lane < kLanes; ++lane) {
      if (shape.pixel(line, lane) >= shape.pixels()) continue;
      require(got[lane] == expected[lane], "line " + std::to_string(line) + ": another pixel in lane " + std::to_string(lane));
    }
  }

  void check_row(const Shape& shape, std::uint32_t group, std::uint32_t row, std::uint32_t seg, const Word& got) {
    Word expected = image_word(shape, group, row, seg);
    const Word whole = expected;
    for (std::uint32_t lane = 0; lane < kLanes; ++lane) {
      std::uint32_t pos = lane % shape.part();
      if (shape.pick != 0) {
        if (pos >= shape.part() / 2) continue;
        expected[lane] = whole[lane + pos + shape.pick - 1];
        pos = 2 * pos + shape.pick - 1;
      }
      if (seg * shape.part() + pos >= shape.width) continue;
      require(got[lane] == expected[lane], "row " + std::to_string(row) + ": another pixel in lane " + std::to_string(lane));
    }
  }

  /// The line that the n-th gathered line is.
  static std::uint32_t line_of(const Shape& shape, std::uint32_t groups, std::uint32_t block, std::size_t n) {
    const std::size_t whole = std::size_t{block} * groups;
    const auto line0 = static_cast<std::uint32_t>(n / whole * block);
    const std::uint32_t lines = std::min(block, shape.lines() - line0);
    std::size_t left = n % whole;
    std::uint32_t size = 8;
    for (std::uint32_t pass = 0;; ++pass) {
      size = std::min(8u, groups - 8 * pass);
      if (left < std::size_t{size} * lines) break;
      left -= std::size_t{size} * lines;
    }
    return line0 + static_cast<std::uint32_t>(left / size);
  }

  void step_words(std::uint32_t line, std::uint32_t pass, std::uint32_t group, bool first) {
    top_.words_line_i = line;
    top_.words_pass_i = pass;
    top_.words_group_i = group;
    top_.words_first_i = first;
    top_.words_step_i = 1;
    clock_.tick();
    top_.words_step_i = 0;
  }

  /// Lanes of packed lines before a word.
  static std::uint32_t begins_at(const Shape& shape, std::uint32_t row, std::uint32_t seg) {
    if (shape.pick != 0) return (row * shape.segments() + seg) * (shape.part() / 2);
    return row * shape.width + seg * shape.part();
  }

  /// Steps through the words of a window and checks them; appends them as the gather sees them.
  void window(const Shape& shape, std::uint32_t groups, std::uint32_t pass, std::uint32_t line,
              std::vector<Token>& tokens) {
    const std::uint32_t begin = line * shape.part();
    for (std::uint32_t group = 8 * pass; group < std::min(8 * pass + 8, groups); ++group) {
      // The words that begin in this line.
      std::vector<std::array<std::uint32_t, 2>> words;
      for (std::uint32_t row = 0; row < shape.height; ++row) {
        for (std::uint32_t seg = 0; seg < shape.segments(); ++seg) {
          if (begins_at(shape, row, seg) / shape.part() == line) words.push_back({row, seg});
        }
      }
      const bool none = words.empty();
      for (std::uint32_t i = 0; i == 0 || i < words.size(); ++i) {
        top_.words_line_i = line;
        top_.words_pass_i = pass;
        top_.words_group_i = group;
        top_.words_first_i = group == 8 * pass && i == 0;
        top_.words_step_i = 1;
        clock_.settle();
        require(top_.words_none_o == none && top_.words_first_o == (i == 0) && top_.words_group_o == group, "word");
        Token token{i == 0, none || i + 1 == words.size(), false, none, top_.words_at_o, group, below(1 << 13), {}};
        if (none) {
          for (auto& byte : token.data) byte = static_cast<std::uint8_t>(random_());
        } else {
          const auto [row, seg] = words[i];
          const std::uint32_t first = begins_at(shape, row, seg);
          require(top_.words_row_o == row && top_.words_seg_o == seg, "another word");
          require(top_.words_at_o == first % shape.part(), "another lane");
          const std::uint32_t size = seg + 1 == shape.segments() ? shape.last_px() : shape.part();
          token.keep = shape.pick == 0 && first + size > begin + shape.part();
          token.data = image_word(shape, group, row, seg);
        }
        require(top_.words_last_o == token.last && top_.words_keep_o == token.keep, "the end of a line");
        tokens.push_back(token);
        clock_.edge();
        top_.words_step_i = 0;
        if (below(4) == 0) clock_.tick();
      }
    }
  }

  void drive(const Token& token) {
    top_.word_first_i = token.first;
    top_.word_last_i = token.last;
    top_.word_keep_i = token.keep;
    top_.word_pad_i = token.pad;
    top_.word_at_i = token.at;
    top_.word_group_i = token.group;
    top_.word_rest_i = token.rest;
    put(top_.word_data_i, token.data);
  }

  void idle_line() {
    for (int i = 0; i < 4; ++i) {
      clock_.settle();
      require(!top_.line_valid_o, "a line behind the last");
      clock_.edge();
    }
  }

  UnitClock<Vkpu_pack_bench> clock_;
  Vkpu_pack_bench& top_ = clock_.top();
  std::mt19937 random_;
  bool word_waits_ = false;  ///< a word, a line of pixels, was not taken in the cycle before
  bool pix_waits_ = false;
  std::vector<std::vector<std::uint8_t>> image_;  ///< channel, pixel
};

}  // namespace kpu::test
