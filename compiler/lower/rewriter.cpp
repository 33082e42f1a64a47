// SPDX-License-Identifier: Apache-2.0
#include "compiler/lower/rewriter.h"

namespace kpu::compiler {

Rewriter::Rewriter(const Graph& from) : from_(from), map_(from.values.size(), -1) {
  for (ValueId input : from.inputs) {
    map_[input] = to_.add_value(from.values[input].name, from.dims(input));
    to_.values[map_[input]].codes = from.values[input].codes;
    to_.inputs.push_back(map_[input]);
  }
}

ValueId Rewriter::at(ValueId old) {
  if (map_[old] < 0 && from_.values[old].constant) {
    map_[old] = to_.add_constant(from_.values[old].name, *from_.values[old].constant);
  }
  return map_[old];
}

ValueId Rewriter::add(const Node& origin, Operation op, std::vector<ValueId> inputs) {
  Node node{origin.name, origin.type, std::move(op), std::move(inputs), -1};
  node.output = to_.add_value(from_.values[origin.output].name, infer_dims(to_, node));
  to_.nodes.push_back(std::move(node));
  return to_.nodes.back().output;
}

ValueId Rewriter::copy(const Node& node) {
  std::vector<ValueId> inputs;
  for (ValueId input : node.inputs) inputs.push_back(at(input));
  const ValueId made = add(node, node.op, std::move(inputs));
  replace(node.output, made);
  return made;
}

Graph Rewriter::finish() {
  for (ValueId output : from_.outputs) to_.outputs.push_back(at(output));
  remove_dead(to_);
  return std::move(to_);
}

}  // namespace kpu::compiler
