// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "compiler/graph/graph.h"
#include "compiler/quant/kpu_tables.h"
#include "compiler/quant/quantise.h"
#include "golden/kpu/layer_args.h"

namespace kpu::compiler {

/// The convolution if it is one KPU layer, else nullptr.
const Conv* kpu_layer(const Node& node);

/// Whether the node rounds to codes that its input has already: nothing is left to do.
bool keeps_codes(const Quantised& network, const Node& node);

/// Shape of a KPU layer from `in` to `out` (images 1 x C x H x W), at line 0 on both sides.
golden::LayerShape layer_shape(const Conv& conv, const Dims& in, const Dims& out);

/// The layer's words without addresses of tables. Throws Error if its weights take more loads than
/// there are.
golden::LayerArgs layer_args(const golden::LayerShape& shape, const KpuTables& tables);

}  // namespace kpu::compiler
