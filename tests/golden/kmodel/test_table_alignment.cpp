// SPDX-License-Identifier: Apache-2.0
//
// Tables where the vendor's runtime wants them: files of our own writer have them there, a file of
// the first version, whose tables follow each other, has not.
#include "golden/kmodel/table_alignment.h"

#include <cstdint>
#include <span>
#include <utility>

#include "common/error.h"
#include "golden/kmodel/kmodel.h"
#include "tests/golden/kmodel/sample_files.h"
#include "tests/support/catch2.h"

using namespace kpu::golden;
using kpu::test::Bytes;

namespace {

void check(Bytes file) {
  const std::span<const std::uint8_t> bytes = file;
  const auto model = load_model(std::move(file));
  require_aligned_tables(model->info(), bytes);
}

}  // namespace

TEST_CASE("tables are at multiples of 128 and 256 bytes, or the first that is not is named") {
  check(kpu::test::kpu_file());
  check(kpu::test::cpu_file());
  CHECK_THROWS_WITH(check(kpu::test::v1_file()),
                    kpu::test::contains_text("layer 0") &&
                        kpu::test::contains_text("weights at byte 0x90 of the file"));
}
