// SPDX-License-Identifier: Apache-2.0
//
// A quantised layer as a KPU layer, by the installed golden model: prints what is proven about it.
#include <cstdint>
#include <cstdio>
#include <vector>

#include "golden/kpu/golden_backend.h"
#include "golden/quantised/kpu_mapping.h"
#include "golden/quantised/proof.h"

int main() {
  namespace quantised = kpu::golden::quantised;
  quantised::QuantisedConv conv;
  conv.height = conv.width = 4;
  conv.kernel = 3;
  conv.pad_top = conv.pad_left = conv.pad_bottom = conv.pad_right = 1;
  conv.w.assign(9, 5);
  conv.x_scale = 0.25F;
  conv.y_zero = 7;
  conv.rule = quantised::Rule::kOnnxRuntime;
  const quantised::MappedConv mapped = quantised::map_to_kpu(conv);
  const std::vector<std::int16_t> x(16, 3);
  kpu::golden::GoldenBackend kpu;
  const auto result = run_single_layer(kpu, mapped.layer, kpu_input(conv, mapped, x));
  const bool equal = codes_from_kpu(conv, mapped, result.output) == run_reference(conv, x);
  std::printf("%s\n", prove(conv, mapped).summary().c_str());
  return equal ? 0 : 1;
}
