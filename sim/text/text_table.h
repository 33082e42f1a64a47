// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace kpu::sim {

/// Aligned text table: a heading, a rule, rows.
class TextTable {
 public:
  enum class Align { kLeft, kRight };

  struct Column {
    std::string heading;
    Align align = Align::kRight;
  };

  explicit TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}

  /// One cell per column; missing cells stay empty.
  void add_row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }

  /// The table, each line ended by a newline.
  std::string str() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace kpu::sim
